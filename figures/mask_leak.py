"""Two ways to hide what comes later: minus infinity before the softmax, or zero after it. The second one leaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.labels import visible_ticks
from figures.matrix import CELL, MARGIN, MAX_GAPS, MAX_HEIGHT, MAX_NUMBERS, Axes
from figures.rows import column_axis, row_axis, row_layout
from figures.theme import Theme
from transformer_core.trace import softmax

Array = NDArray[Any]
_WEIGHTS, _TOTALS = (0.0, 0.78), (0.83, 1.0)
_ROOM = 36  # pixels behind the bars, for the numbers that do not fit into them  # parts of the width


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


def masked_figure(weights: Array, allowed: Array, axes: Axes, total: str, colours: Theme) -> go.Figure:
    """Return the heatmap of weights, blocked cells marked, and beside it a bar per row: its sum.

    Args:
        weights: [Q, K].
        allowed: bool [Q, K].
        axes: the labels of the heatmap.
        total: what the bars are.
        colours: of the mode.
    """
    n_rows, n_columns = weights.shape
    shown = visible_ticks(n_columns)
    columns = {"tickvals": shown, "ticktext": [axes.columns[j] for j in shown], "range": [-0.5, n_columns - 0.5]}
    layout = row_layout(
        n_rows,
        yaxis=row_axis(axes.rows, axes.row_title),
        xaxis=column_axis(axes.column_title, _WEIGHTS, **columns),
        xaxis2=column_axis(total, _TOTALS, range=[0, 1], tickvals=[0, 1]),
    )
    layout |= {"height": min(MAX_HEIGHT, MARGIN + CELL * n_rows), "bargap": 0.2}
    layout["margin"]["r"] = _ROOM
    return go.Figure([*_cells(weights, allowed, axes, colours), _sums(weights, axes, total, colours)], layout)


def _cells(weights: Array, allowed: Array, axes: Axes, colours: Theme) -> list[go.Heatmap]:
    """The layers of `figures.matrix`, in less room: the ticks are the labels, and numbers shrink where they must."""
    largest = max(weights.shape)
    where = f"{axes.row_title}: %{{y}}<br>{axes.column_title}: %{{x}}<br>"
    gaps = {f"{axis}gap": int(n <= MAX_GAPS) for axis, n in zip("yx", weights.shape, strict=True)}
    same = {**gaps, "hoverongaps": False, "showscale": False}
    heat = go.Heatmap(
        z=np.where(allowed, weights, np.nan).astype(np.float32),
        zmin=0.0,
        zmax=1.0,
        colorscale=colours.sequential(),
        texttemplate="%{z:.2f}" if largest <= MAX_NUMBERS else None,
        hovertemplate=f"{where}{axes.value} = %{{z:.4f}}<extra></extra>",
        **same,
    )
    blocked = go.Heatmap(
        z=np.where(allowed, np.nan, 1.0).astype(np.float32),
        colorscale=[(0.0, colours.blocked), (1.0, colours.blocked)],
        texttemplate="×" if largest <= 2 * MAX_NUMBERS else None,
        textfont={"color": colours.muted},
        hovertemplate=f"{where}{axes.blocked}<extra></extra>",
        **same,
    )
    return [heat, blocked]


def _sums(weights: Array, axes: Axes, total: str, colours: Theme) -> go.Bar:
    totals = weights.sum(axis=1)
    return go.Bar(
        x=totals,
        y=np.arange(len(totals)),
        xaxis="x2",
        orientation="h",
        marker={"color": colours.weights[3]},
        text=[f"{share:.2f}" for share in totals] if len(totals) <= 2 * MAX_NUMBERS else None,
        textposition="auto",
        textfont={"size": 13},
        constraintext="none",
        cliponaxis=False,
        customdata=list(axes.rows),
        hovertemplate=f"%{{customdata}}<br>{total} = %{{x:.4f}}<extra></extra>",
    )
