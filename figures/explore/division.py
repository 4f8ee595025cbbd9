"""Why scores are divided by the root of their width: one row of a run, with the division and without it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.formula.operations import softmax

Array = NDArray[Any]


@dataclass(frozen=True)
class Division:
    """One row of scores on its way to weights, over the keys that the mask leaves.

    Attributes:
        keys: their positions, the one with the largest score first.
        raw, scaled: q·k, and the same divided.
        without, weights: the softmax of both.
    """

    keys: tuple[int, ...]
    raw: tuple[float, ...]
    scaled: tuple[float, ...]
    without: tuple[float, ...]
    weights: tuple[float, ...]

    @property
    def as_open_as(self) -> tuple[float, float]:
        """Among how many equal words the choice would be as open: without the division, and with it."""
        first, second = (_open(np.array(shares)) for shares in (self.without, self.weights))
        return first, second


def most_telling(raw: Array, scaled: Array, allowed: Array) -> int:
    """Return the row in which the division leaves most to other words.

    Shapes: raw, scaled, allowed [Q, K].
    """

    def gained(row: int) -> float:
        before, after = division(raw[row], scaled[row], allowed[row]).as_open_as
        return after - before

    return max(range(len(raw)), key=gained)


def division(raw: Array, scaled: Array, allowed: Array) -> Division:
    """Return what softmax makes of a row of scores, and of the same scores divided.

    Shapes: raw, scaled, allowed [K]; at least one key is allowed.
    """
    keys = np.flatnonzero(allowed)
    keys = keys[np.argsort(-raw[keys], kind="stable")]
    rows = [np.asarray(row, dtype=np.float64)[keys] for row in (raw, scaled)]
    found = (*rows, *(softmax(row) for row in rows))
    return Division(tuple(keys.tolist()), *(tuple(row.tolist()) for row in found))


def _open(shares: Array) -> float:
    positive = shares[shares > 0]
    return float(np.exp(-(positive * np.log(positive)).sum()))
