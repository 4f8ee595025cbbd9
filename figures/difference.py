"""How the values of two runs differ, as a heatmap: the second run's from the first's, zero in the middle."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.matrix import Axes, Matrix, scores_matrix
from figures.theme import Theme

Array = NDArray[Any]


def difference_map(values: Array, others: Array, allowed: Array | None, axes: Axes, colours: Theme) -> Matrix:
    """Return the heatmap of `values - others`.

    Where one of the two is infinite, as a blocked score is, there is no number: such a cell has the look of a blocked
    one. A mask counts as 1 where it allows, so that 1 is a cell that was opened and -1 one that was closed.

    Args:
        values, others: [R, C].
        allowed: bool [R, C], cells that are drawn as blocked where it is False; None or a mask's own: none.
        axes: the labels; `blocked` says why a cell has no difference.
        colours: of the mode.
    """
    there = np.isfinite(values) & np.isfinite(others)
    if allowed is not None and values.dtype != bool:
        there &= allowed
    return scores_matrix(_subtract(values, others), there, axes, colours)


def largest(values: Array, others: Array) -> float:
    """Return the largest magnitude of `values - others`, where both are finite.

    Shapes: the same for both.
    """
    return float(np.abs(_subtract(values, others)).max(initial=0.0))


def _subtract(values: Array, others: Array) -> Array:
    one, other = (array.astype(np.float64) for array in (values, others))
    difference: Array = np.subtract(one, other, where=np.isfinite(one) & np.isfinite(other), out=np.zeros(one.shape))
    return difference
