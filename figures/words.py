"""Words and bytes on their way to our own components."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.words import Word

WordOf = Callable[[int], Word]  # how an id is read


def flagged(words: Iterable[Word]) -> list[dict[str, Any]]:
    """Return each word with the flag whether it is a special token, which looks different from words."""
    return [{"text": word.text, "special": word.special} for word in words]


def packed(array: NDArray[Any]) -> str:
    """Return the numbers as float32 bytes, row by row, in base64: a component reads them without losing a digit."""
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode("ascii")
