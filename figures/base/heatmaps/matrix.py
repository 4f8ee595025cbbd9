"""Heatmaps of one head, as data: vectors per position, scores, weights.

Rows are queries (or positions), columns keys (or dimensions of the head). `figures.base.heatmaps.heatmap` makes them
ready for our own component, `figures.base.heatmaps.matrix_figure` draws them with Plotly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.theme import Scale, Theme
from figures.base.wire import Handles

Array = NDArray[Any]
CELL, MARGIN, MAX_HEIGHT = 34, 120, 720
CUT = 4  # how much larger than all but one number in a hundred the largest may be, and have the last colour alone
MAX_NUMBERS = 12  # positions up to which the numbers are printed into the cells
MAX_GAPS = 64  # rows or columns up to which a gap between cells leaves room for the cells


@dataclass(frozen=True)
class Axes:
    """What labels a heatmap.

    Attributes:
        rows, columns: a tick label per row and column, already safe; empty columns are numbered.
        row_title, column_title: what the axes are.
        value: the name of the number, for the hover.
        blocked: what the hover says on a blocked cell.
        row_words, column_words: whose words they are, where a row or column is that of a word.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    row_title: str
    column_title: str
    value: str
    blocked: str = ""
    row_words: Handles | None = field(default=None, kw_only=True)
    column_words: Handles | None = field(default=None, kw_only=True)


@dataclass(frozen=True, eq=False)
class Totals:
    """A bar per row: what the bars are, their lengths from 0 to 1 [R], and the number behind each.

    `before` are the lengths of another run [R], drawn as outlines, where two runs are compared.
    """

    title: str
    shares: Array
    texts: Sequence[str]
    before: Array | None = None


@dataclass(frozen=True, eq=False)
class Matrix:
    """A heatmap: its numbers, and what they look like.

    Attributes:
        values: [R, C]; NaN where there is no cell.
        allowed: bool [R, C], False for blocked cells.
        axes: the labels.
        scale: the colours, from the lowest to the highest value.
        low, high: those two values.
        blocked, muted: the colours of a blocked cell, and of the cross in it.
        digits: that the numbers in the cells have; None where they stay outside.
        bare: whether it needs no colour bar.
        totals: of the rows, for bars beside them.
        texts: what stands in the cells instead of their numbers, [R][C].
        says: what a cell tells when it is pointed at instead of its number, [R][C].
        cut: whether some numbers lie beyond both ends of the colours, and have the colour of the end.
    """

    values: Array
    allowed: Array
    axes: Axes
    scale: Scale
    low: float
    high: float
    blocked: str
    muted: str
    digits: int | None
    bare: bool
    totals: Totals | None = None
    texts: Sequence[Sequence[str]] | None = None
    says: Sequence[Sequence[str]] | None = None
    cut: bool = False


def weights_matrix(weights: Array, allowed: Array, axes: Axes, colours: Theme) -> Matrix:
    """Return the heatmap of attention weights, 0 to 1 whatever the data, blocked cells marked.

    Shapes: weights [Q, K], allowed bool [Q, K].
    """
    return _matrix(weights, allowed, axes, colours, colours.sequential(), 0.0, 1.0)


def scores_matrix(scores: Array, allowed: Array | None, axes: Axes, colours: Theme) -> Matrix:
    """Return the heatmap of scores, zero in the middle of the colours; blocked cells are no part of the range.

    Shapes: scores [Q, K]; allowed bool [Q, K], or None where nothing has been masked yet.
    """
    allowed = np.ones(scores.shape, dtype=bool) if allowed is None else allowed
    reach = _reach(scores[allowed])
    return _matrix(scores, allowed, axes, colours, colours.diverging(), -reach, reach)


def vectors_matrix(vectors: Array, name: str, axes: Axes, colours: Theme) -> Matrix:
    """Return the heatmap of one vector per position, in the colour of `name` ("q", "k", "v", or another).

    Where a few numbers are so large that all others would look like zero, the colours end before them.

    Shapes: vectors [L, E].
    """
    reach = _reach(vectors)
    everything = np.ones(vectors.shape, dtype=bool)
    matrix = _matrix(vectors, everything, axes, colours, colours.diverging(name), -reach, reach)
    if matrix.bare or not 0 < CUT * _most(vectors) < reach:
        return matrix
    return replace(matrix, low=-reach / CUT, high=reach / CUT, cut=True)


def amounts_matrix(amounts: Array, axes: Axes, colours: Theme) -> Matrix:
    """Return the heatmap of numbers that are never negative, from 0 to their largest.

    Shapes: amounts [R, C].
    """
    everything = np.ones(amounts.shape, dtype=bool)
    return _matrix(amounts, everything, axes, colours, colours.sequential(), 0.0, _reach(amounts))


def ids_matrix(ids: Array, axes: Axes, colours: Theme) -> Matrix:
    """Return ids as plain numbers: an id is a name, and no larger or smaller than another.

    Shapes: ids [R, C].
    """
    plain = [(0.0, colours.neutral), (1.0, colours.neutral)]
    everything = np.ones(ids.shape, dtype=bool)
    return replace(_matrix(ids, everything, axes, colours, plain, 0.0, 1.0), digits=0, bare=True)


def _matrix(values: Array, allowed: Array, axes: Axes, colours: Theme, scale: Scale, low: float, high: float) -> Matrix:
    # Where the numbers stand in the cells, a phone needs the colour bar's place more than the bar.
    small = max(values.shape) <= MAX_NUMBERS
    digits = (1 if high > 1 else 2) if small else None
    return Matrix(values, allowed, axes, scale, low, high, colours.blocked, colours.muted, digits, small)


def _most(values: Array) -> float:
    """The magnitude below which all but one number in a hundred lie."""
    finite = np.abs(values[np.isfinite(values)])
    return float(np.quantile(finite, 0.99)) if finite.size else 0.0


def _reach(values: Array) -> float:
    """The largest magnitude, so that zero lies in the middle of the colours; 1 where every value is 0."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0
