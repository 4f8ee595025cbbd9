"""How the values of two runs differ, as a heatmap: the second run's from the first's, zero in the middle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.heatmaps.matrix import Axes, Matrix, Totals, scores_matrix
from figures.base.theme import Theme
from transformer_core.glass.compare import subtract

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
    difference = subtract(values, others)
    there = np.isfinite(difference)
    if allowed is not None and values.dtype != bool:
        there &= allowed
    return scores_matrix(difference, there, axes, colours)


def matrix_difference(edited: Matrix, original: Matrix, name: str, said: str, colours: Theme) -> Matrix:
    """Return how a picture that follows from a run differs from the same picture of another run, cell by cell.

    Labels, and what is written into the cells, are the first run's.

    Args:
        edited, original: with the same rows and columns, whose cells mean the same.
        name: of the numbers.
        said: what a cell says that has words of its own, with the fields edited and original.
        colours: of the mode.
    """
    axes = replace(edited.axes, value=name)
    drawn = difference_map(edited.values, original.values, edited.allowed | original.allowed, axes, colours)
    empty = np.isnan(edited.values)  # no cell at all, in either run
    return replace(
        drawn,
        values=np.where(empty, np.nan, drawn.values),
        allowed=drawn.allowed | empty,
        totals=_totals(edited.totals, original.totals),
        texts=edited.texts,
        says=_says(edited.says, original.says, said),
    )


def largest(values: Array, others: Array) -> float:
    """Return the largest magnitude of `values - others`, where both are finite.

    Shapes: the same for both.
    """
    return largest_of(subtract(values, others))


def largest_of(difference: Array) -> float:
    """Return the largest magnitude of a difference, wherever there is a number."""
    return float(np.abs(difference[np.isfinite(difference)]).max(initial=0.0))


def _totals(edited: Totals | None, original: Totals | None) -> Totals | None:
    """The bars of the first run, those of the second as outlines, and both numbers."""
    if edited is None or original is None:
        return None
    texts = [f"{before} → {after}" for before, after in zip(original.texts, edited.texts, strict=True)]
    return replace(edited, texts=texts, before=original.shares)


def _says(edited: Sequence[Sequence[str]] | None, original: Sequence[Sequence[str]] | None, said: str) -> Any:
    if edited is None or original is None:
        return None
    return [
        [said.format(edited=one, original=other) for one, other in zip(*rows, strict=True)]
        for rows in zip(edited, original, strict=True)
    ]
