"""Many word vectors as points of one plane, and how far the plane can be trusted. numpy only.

The plane is that of principal components (Pearson 1901): it keeps the largest part of the squared distances from the
mean that a plane can keep, and says how large that part is. Letters: N words, D width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.errors import ShapeError

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class WordPlane:
    """A plane in the space of word vectors: its two directions, [2, D]."""

    axes: Array

    def place(self, rows: Array) -> tuple[Array, float]:
        """Return where vectors lie in the plane, their mean at 0, and which part of their variance it keeps.

        The axes stay as they are, whatever the vectors: a picture keeps its sides while a training goes on.

        Shapes: [N, D] -> [N, 2].
        """
        apart = np.asarray(rows, dtype=np.float64)
        apart = apart - apart.mean(axis=0)
        places = apart @ self.axes.T
        return places, float((places**2).sum() / max(float((apart**2).sum()), 1e-12))


def word_plane(rows: Array) -> WordPlane:
    """Return the plane that keeps most of these vectors, [N, D]; the largest entry of an axis is positive.

    Raises:
        ShapeError: if there are fewer than three vectors: they lie in a plane of their own, or on a line.
    """
    rows = np.asarray(rows, dtype=np.float64)
    if rows.ndim != 2 or min(rows.shape) < 2 or len(rows) < 3:
        raise ShapeError(f"a plane needs three vectors of two numbers or more, not {rows.shape}", shape=rows.shape)
    axes = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2][:2]
    return WordPlane(axes * np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])[:, None])


def cosines_of(one: Array, other: Array) -> Array:
    """Return the cosine of the angle between vectors, [..., D] -> [...], 1 for such as are bit for bit the same."""
    one, other = one.astype(np.float64), other.astype(np.float64)
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    found = (one * other).sum(axis=-1) / np.maximum(lengths, 1e-12)
    return np.where((one == other).all(axis=-1), 1.0, found)


def unit_rows(rows: Array) -> Array:
    """Return vectors with length 1: between them only angles are left, by which word vectors are compared."""
    rows = np.asarray(rows, dtype=np.float64)
    units: Array = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    return units


def nearest_in_group(rows: Array, groups: Sequence[int]) -> int:
    """Return of how many words the nearest other one belongs to the same group.

    Args:
        rows: [N, D], or places in a plane, [N, 2].
        groups: the number of each word's group.
    """
    rows = np.asarray(rows, dtype=np.float64)
    apart = ((rows[:, None] - rows[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    own = np.asarray(groups)
    return int((own[apart.argmin(axis=1)] == own).sum())
