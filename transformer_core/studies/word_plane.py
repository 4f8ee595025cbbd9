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

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class WordPlane:
    """Where words lie in their plane.

    Attributes:
        places: [N, 2].
        axes: the two directions, [2, D], and the mean that lies at the origin, [D].
        shares: the part of the variance that each axis keeps.
    """

    places: Array
    axes: Array
    mean: Array
    shares: tuple[float, float]


def word_plane(rows: Array, like: WordPlane | None = None) -> WordPlane:
    """Return the plane of these vectors.

    A principal axis has no sign, and may change its place with the other: with `like` both are turned as that plane
    has them, so that a picture keeps its sides from step to step.

    Args:
        rows: [N, D], at least two.
        like: a plane of the same width.
    """
    rows = np.asarray(rows, dtype=np.float64)
    mean = rows.mean(axis=0)
    _, sizes, directions = np.linalg.svd(rows - mean, full_matrices=False)
    axes, squares = directions[:2], sizes[:2] ** 2
    shares = squares / max(float((sizes**2).sum()), 1e-12)
    if len(axes) < 2:
        raise ValueError(f"a plane needs two vectors or more, not {len(rows)}")
    if like is None:  # the largest entry of an axis points to the right, or upwards
        axes = axes * np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])[:, None]
    else:
        alike = like.axes @ axes.T  # [old, new]
        order = [0, 1] if np.trace(np.abs(alike)) >= np.abs(alike[0, 1]) + np.abs(alike[1, 0]) else [1, 0]
        signs = np.array([1.0 if alike[old, new] >= 0 else -1.0 for old, new in enumerate(order)])
        axes, shares = axes[order] * signs[:, None], shares[order]
    return WordPlane((rows - mean) @ axes.T, axes, mean, (float(shares[0]), float(shares[1])))


def nearest_in_group(rows: Array, groups: Sequence[int], *, by_angle: bool) -> int:
    """Return of how many words the nearest other one belongs to the same group.

    Args:
        rows: [N, D], or places in a plane [N, 2].
        groups: the number of each word's group.
        by_angle: whether near means a small angle, as between word vectors, or a small distance, as the eye takes it.
    """
    rows = np.asarray(rows, dtype=np.float64)
    if by_angle:
        rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    apart = ((rows[:, None] - rows[None]) ** 2).sum(axis=2)
    np.fill_diagonal(apart, np.inf)
    own = np.asarray(groups)
    return int((own[apart.argmin(axis=1)] == own).sum())
