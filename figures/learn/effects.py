"""Maps of what is lost or brought back: a head or a vector per cell, signed, zero without colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from figures.base.heatmaps.matrix import Array, Axes, Matrix, amounts_matrix, scores_matrix
from figures.base.labels import MINUS
from figures.base.theme import Theme

MAX_COLUMNS = 16  # up to which the numbers stand in the cells


def effect_map(
    values: Array, axes: Axes, colours: Theme, *, says: Sequence[Sequence[str]], marks: Sequence[Sequence[str]] = ()
) -> Matrix:
    """Return the map of signed effects, the strongest colour at the largest of them.

    Args:
        values: [R, C].
        axes: the labels.
        colours: of the mode.
        says: what each cell tells when it is pointed at.
        marks: what stands behind each number, "" for nothing.
    """
    return _told(scores_matrix(values, None, axes, colours), 3, says, marks)


def spread_map(values: Array, axes: Axes, colours: Theme, *, says: Sequence[Sequence[str]]) -> Matrix:
    """Return the map of how far each effect spreads, from 0 on; arguments as in `effect_map`."""
    return _told(amounts_matrix(values, axes, colours), 3, says, ())


def share_map(values: Array, axes: Axes, colours: Theme, *, says: Sequence[Sequence[str]]) -> Matrix:
    """Return the map of shares of a whole, the strongest colour at 1 and -1; arguments as in `effect_map`.

    A share that is not known yet, NaN, looks like a blocked cell: a zero would be as pale as the page.
    """
    return replace(_told(scores_matrix(values, ~np.isnan(values), axes, colours), 2, says, ()), low=-1.0, high=1.0)


def _told(matrix: Matrix, digits: int, says: Sequence[Sequence[str]], marks: Sequence[Sequence[str]]) -> Matrix:
    shown = matrix.values.shape[1] <= MAX_COLUMNS
    texts = None
    if shown:
        rounded = matrix.values.round(digits) + 0.0  # no zero has a sign
        numbers = [[_written(value, digits) for value in row] for row in rounded]
        texts = [
            [" ".join(filter(None, pair)) for pair in zip(row, marks[i] if marks else [""] * len(row), strict=True)]
            for i, row in enumerate(numbers)
        ]
    return replace(matrix, texts=texts, says=says, digits=None, bare=shown)


def _written(value: float, digits: int) -> str:
    """A number as it stands in a cell; "" where there is none."""
    return "" if value != value else f"{value:.{digits}f}".replace("-", MINUS)
