"""Two ways to hide what comes later: minus infinity before the softmax, or zero after it. The second one leaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.heatmaps.matrix import Axes, Matrix, Totals, weights_matrix
from figures.base.theme import Theme
from transformer_core.glass.formula.operations import softmax

Array = NDArray[Any]


@dataclass(frozen=True)
class Masked:
    """The weights of one head under both ways, in float64.

    Attributes:
        added: minus infinity added to the blocked scores, then the softmax, [Q, K].
        multiplied: the softmax of all scores, then the blocked weights times 0, [Q, K].
        allowed: the mask, [Q, K].
        lost: the share of each row that the second way had given to blocked keys, [Q].
        peeked: what each key had got of the rows that may not see it, [K].
    """

    added: Array
    multiplied: Array
    allowed: Array
    lost: Array
    peeked: Array

    def renormalised_difference(self) -> float:
        """Return the largest difference between the first way and the second, its rows divided by their sums."""
        return float(np.abs(self.multiplied / self.multiplied.sum(axis=1, keepdims=True) - self.added).max())


def mask_both_ways(scores: Array, allowed: Array) -> Masked:
    """Return the weights under both ways.

    Shapes: scores [Q, K], before the mask; allowed bool [Q, K].
    """
    exact = scores.astype(np.float64)
    unmasked = softmax(exact)
    blocked = np.where(allowed, 0.0, unmasked)
    added = softmax(np.where(allowed, exact, -np.inf))
    return Masked(added, np.where(allowed, unmasked, 0.0), allowed, blocked.sum(axis=1), blocked.sum(axis=0))


@dataclass(frozen=True)
class Leak:
    """What changes in the past when a later word is another one.

    Attributes:
        row, column: the allowed weight of an earlier row that changes most when the mask is multiplied.
        added: that weight before and after, with minus infinity.
        multiplied: the same, with zero.
        added_most: the largest change of any weight of an earlier row, with minus infinity.
    """

    row: int
    column: int
    added: tuple[float, float]
    multiplied: tuple[float, float]
    added_most: float


def leak(before: Masked, after: Masked, position: int) -> Leak:
    """Return what changed in the rows above `position`, whose word is another one in the second run."""
    seen = np.where(before.allowed[:position], np.abs(after.multiplied - before.multiplied)[:position], -1.0)
    row, column = divmod(int(seen.argmax()), seen.shape[1])
    return Leak(
        row,
        column,
        (float(before.added[row, column]), float(after.added[row, column])),
        (float(before.multiplied[row, column]), float(after.multiplied[row, column])),
        float(np.abs(after.added - before.added)[:position].max()),
    )


def other_word(logits: Array, taken: Sequence[int]) -> int:
    """Return the most probable word that is none of the taken ones.

    Shapes: logits [V].
    """
    open_words = logits.astype(np.float64)
    open_words[list(taken)] = -np.inf
    return int(open_words.argmax())


def masked_matrix(weights: Array, allowed: Array, axes: Axes, total: str, colours: Theme) -> Matrix:
    """Return the heatmap of weights, blocked cells marked, with a bar beside each row: its sum.

    Args:
        weights: [Q, K].
        allowed: bool [Q, K].
        axes: the labels of the heatmap.
        total: what the bars are.
        colours: of the mode.
    """
    sums = weights.sum(axis=1)
    bars = Totals(total, sums, [f"{share:.2f}" for share in sums])
    return replace(weights_matrix(weights, allowed, axes, colours), totals=bars)
