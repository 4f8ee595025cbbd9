"""Concatenating the heads and multiplying by W_O is the same as adding up what each head writes: that sum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.heatmaps.matrix import Axes, Matrix, amounts_matrix, vectors_matrix
from figures.base.theme import Theme

Array = NDArray[Any]


@dataclass(frozen=True)
class Writes:
    """What the heads of a block write.

    Attributes:
        parts: what each head adds to every row, and the bias last if there is one, [P, Q, D] in float64.
        out: what the block put out, [Q, D].
        sizes: the length of what each head adds to each row, [H, Q].
        difference: the largest difference between the sum of the parts and `out`, over all rows.
    """

    parts: Array
    out: Array
    sizes: Array
    difference: float

    def sheet(self, row: int) -> Array:
        """Return the parts of one row, an empty line, and what the block put out.

        Shapes: -> [P + 2, D].
        """
        out = self.out[row]
        return np.vstack([self.parts[:, row], np.full((1, len(out)), np.nan), out[None]])


def head_writes(head_out: Array, bias: Array | None, out: Array) -> Writes:
    """Return the sum that makes a block's output.

    Shapes: head_out [H, Q, D], bias [D] or None, out [Q, D].
    """
    heads, whole = head_out.astype(np.float64), out.astype(np.float64)
    parts = heads if bias is None else np.concatenate([heads, np.broadcast_to(bias, whole.shape)[None]])
    difference = float(np.abs(parts.sum(axis=0) - whole).max())
    return Writes(parts, whole, np.linalg.norm(heads, axis=2), difference)


def writes_matrix(found: Writes, row: int, axes: Axes, colours: Theme) -> Matrix:
    """Return the heatmap of one row's sum; `axes` labels the parts, the empty line, and what comes out."""
    return vectors_matrix(found.sheet(row), "out", axes, colours)


def sizes_matrix(found: Writes, axes: Axes, colours: Theme) -> Matrix:
    """Return the heatmap of how much each head writes for every query; `axes` labels heads and queries."""
    return amounts_matrix(found.sizes, axes, colours)
