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
Handles = tuple[str, int]  # a word list, and how many positions behind its own stands the word of a row or column
PARTS = 127  # in which `coarse` counts


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


def handles(trace: Trace, words: str, *, asks: bool) -> Handles:
    """Return which words stand at the positions of a word list: those that are read there.

    Where each position says the next word, a row that asks (`asks`) stands for the word that it says: that of the next
    position.
    """
    return words, int(asks and words in causal_lists(trace.plan))


def packed(array: NDArray[Any]) -> str:
    """Return the numbers as float32 bytes, row by row, in base64: a component reads them without losing a digit."""
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode("ascii")


def coarse(array: NDArray[Any]) -> dict[str, Any]:
    """Return numbers as colours need them: as whole parts of the largest, a byte each, row by row, in base64.

    Returns:
        reach: the largest of them, without signs; parts: bytes; a number that is not finite is the lowest.
    """
    finite = np.isfinite(array)
    reach = float(f"{np.abs(array[finite]).max(initial=0.0):.6g}") or 1.0
    parts = np.full(array.shape, -PARTS - 1, dtype=np.int8)
    parts[finite] = np.round(array[finite].astype(np.float64) / reach * PARTS)
    return {"reach": reach, "parts": base64.b64encode(parts.tobytes()).decode("ascii")}
