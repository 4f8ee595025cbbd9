"""What edits do to a run: the probability of every written word before and after, and how far the change spreads.

Letters: S site along the road, L position, T written word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.base.heatmaps.matrix import Axes, Matrix, amounts_matrix
from figures.base.row_charts import LEGEND_BELOW, column_axis, row_axis, row_layout
from figures.base.theme import Theme
from transformer_core.decoding.sampling import log_softmax
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import embedding_of, key_of, logits_key, written_list

Array = NDArray[Any]
DIGITS = 16  # rows and columns up to which the numbers stand in the cells


@dataclass(frozen=True, eq=False)
class Effect:
    """The same words, said by the original run and by the edited one.

    Attributes:
        before, after: the probability of each written word, [T].
        loss_before, loss_after: the mean over the words of the negative log-probability, in nats.
        turned: positions where another word is now the most probable.
    """

    before: Array
    after: Array
    loss_before: float
    loss_after: float
    turned: tuple[int, ...]


def effect(original: Trace, edited: Trace) -> Effect:
    """Return how the written words fare in both runs, which read the same."""
    words = np.array(original.written_ids)
    logits = [run[logits_key(run.plan)] for run in (original, edited)]
    said = [log_softmax(one)[np.arange(len(words)), words] for one in logits]
    best = [one.argmax(axis=-1) for one in logits]
    turned = tuple(int(t) for t in np.flatnonzero(best[0] != best[1]))
    before, after = (np.exp(log_probs) for log_probs in said)
    return Effect(before, after, float(-said[0].mean()), float(-said[1].mean()), turned)


def probabilities_figure(found: Effect, labels: Sequence[str], names: tuple[str, str], colours: Theme) -> go.Figure:
    """Return two bars per written word, 0 to 1: its probability in the original run and in the edited one.

    Args:
        found: from `effect`.
        labels: one per word, safe.
        names: of the two runs.
        colours: of the mode.
    """
    pairs = ((names[0], found.before, colours.muted), (names[1], found.after, colours.weights[3]))
    bars = [
        go.Bar(
            x=values,
            y=np.arange(len(labels)),
            name=name,
            orientation="h",
            marker={"color": colour},
            text=[f"{100 * p:.1f} %" for p in values],
            textposition="outside",
            textfont={"size": 13},
            constraintext="none",
            cliponaxis=False,
            customdata=list(labels),
            hovertemplate=f"%{{customdata}}<br>{name}: %{{x:.4f}}<extra></extra>",
        )
        for name, values, colour in pairs
    ]
    across = column_axis("", range=[0, 1.15], tickvals=[0, 0.5, 1], showticklabels=False, automargin=False)
    axes = {"yaxis": row_axis(labels), "xaxis": across}
    layout = {**row_layout(len(labels) + 2, **axes), "showlegend": True, "legend": LEGEND_BELOW}
    layout["margin"] = {**layout["margin"], "t": 0, "r": 34}  # on a phone the numbers reach beyond the axis
    return go.Figure(bars, {**layout, "bargap": 0.25, "bargroupgap": 0.05})


def road_keys(trace: Trace, stack: str) -> tuple[str, ...]:
    """Return the sites along the residual stream of a stack: embedding, every residual sum, the layers' outputs."""
    plan = trace.plan
    found = [key_of(embedding_of(plan, stack))]
    for block in plan.blocks:
        if block.stack == stack and (block.role == "add" or (block.role == "stream" and block.name == "out")):
            found.append(key_of(block))
    written = written_list(plan)
    return (*found, logits_key(plan)) if written is not None and written.stack == stack else tuple(found)


def spread(original: Trace, edited: Trace, keys: Sequence[str]) -> Array:
    """Return how large the difference is beside the original: the lengths of both vectors at each position.

    Where the original is 0, the difference counts as a whole. Shapes: -> [S, L].
    """
    rows = []
    for key in keys:
        one, other = (run[key].astype(np.float64) for run in (edited, original))
        size, apart = np.linalg.norm(other, axis=-1), np.linalg.norm(one - other, axis=-1)
        rows.append(np.divide(apart, size, where=size > 0, out=(apart > 0).astype(np.float64)))
    return np.stack(rows)


def spread_matrix(values: Array, reach: float, axes: Axes, colours: Theme) -> Matrix:
    """Return the heatmap of `spread`, from 0 to `reach`, so that two of them can be compared."""
    return replace(
        amounts_matrix(values, axes, colours), high=reach or 1.0, digits=2 if max(values.shape) <= DIGITS else None
    )
