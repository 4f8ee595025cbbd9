"""The heatmap of any value of a Transformer, drawn as its kind demands."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.heatmaps.matrix import (
    Axes,
    Matrix,
    amounts_matrix,
    ids_matrix,
    scores_matrix,
    vectors_matrix,
    weights_matrix,
)
from figures.base.theme import Theme

Array = NDArray[Any]
TOP, TOP_OF_MANY = 5, 3  # words per row whose columns are drawn, of a whole vocabulary; of more than MANY rows, fewer
MANY = 20
WINDOW = 192  # rows and columns of a parameter that are drawn around its chosen cell


def value_map(values: Array, kind: str, name: str, allowed: Array | None, axes: Axes, colours: Theme) -> Matrix:
    """Return the heatmap of a value's two shown axes.

    Args:
        values: [R, C].
        kind: of the site, as in `transformer_core.glass.sites`.
        name: the last part of its key, which colours queries, keys and values.
        allowed: bool [R, C], where the mask lets a query attend; None if nothing is masked.
        axes: the labels.
        colours: of the mode.
    """
    if kind == "ids":
        return ids_matrix(values, axes, colours)
    if kind == "variance":
        return amounts_matrix(values, axes, colours)
    if kind == "mask":
        return weights_matrix(values.astype(np.float32), values, axes, colours)
    if kind in ("weights", "probabilities"):
        return weights_matrix(values, np.ones(values.shape, bool) if allowed is None else allowed, axes, colours)
    if kind in ("scores", "logits"):
        return scores_matrix(values, allowed, axes, colours)
    return vectors_matrix(values, name, axes, colours)


def top_columns(scores: Array, *others: int) -> tuple[int, ...]:
    """Return the columns that rank among the highest in some row, in the order of the rows, and `others`.

    Shapes: scores [L, V].
    """
    top = TOP if len(scores) <= MANY else TOP_OF_MANY
    best = np.argpartition(-scores, min(top, scores.shape[1] - 1), axis=1)[:, :top]
    ordered = np.take_along_axis(best, np.argsort(-np.take_along_axis(scores, best, 1), axis=1), 1)
    return tuple(dict.fromkeys([*ordered.flatten().tolist(), *others]))


def window(length: int, chosen: int, size: int = WINDOW) -> tuple[int, ...]:
    """Return the block of an axis that holds the chosen position: a click inside it moves nothing."""
    start = chosen // size * size
    return tuple(range(start, min(length, start + size)))
