"""Words and bytes on their way to our own components."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.abilities import causal_lists
from transformer_core.glass.trace import Trace
from transformer_core.glass.words import Word

WordOf = Callable[[int], Word]  # how an id is read


def flagged(words: Iterable[Word]) -> list[dict[str, Any]]:
    """Return each word with the flag whether it is a special token, which looks different from words."""
    return [{"text": word.text, "special": word.special} for word in words]


def answers(trace: Trace, words: str) -> tuple[Word | None, ...]:
    """Return what the positions of a word list say; () if they say nothing.

    Where words are seen on both sides a position only repeats the word that it reads, and None stands for it: it says
    a word of its own at a hidden one alone.
    """
    found = trace.words_of(words)
    if words in causal_lists(trace.plan):
        return found.written
    if not found.written:
        return ()
    return tuple(
        word if one.typed and not word.typed else None for one, word in zip(found.read, found.written, strict=True)
    )


def packed(array: NDArray[Any]) -> str:
    """Return the numbers as float32 bytes, row by row, in base64: a component reads them without losing a digit."""
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode("ascii")
