"""Words and bytes on their way to our own components."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.labels import SPECIAL_TOKENS


def flagged(tokens: Sequence[str]) -> list[dict[str, Any]]:
    """Return each token with the flag whether it is a special one, which looks different from words."""
    return [{"text": token, "special": token in SPECIAL_TOKENS} for token in tokens]


def packed(array: NDArray[Any]) -> str:
    """Return the numbers as float32 bytes, row by row, in base64: a component reads them without losing a digit."""
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode("ascii")
