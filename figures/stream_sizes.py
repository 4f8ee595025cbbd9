"""How large the residual stream is, and how large what each sub-layer adds to it, through all layers of a stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.rows import column_axis, row_axis, row_layout
from figures.theme import Theme
from transformer_core.formulas import find_formula
from transformer_core.trace import Trace

Array = NDArray[Any]


@dataclass(frozen=True)
class Addition:
    """One residual sum: who adds, and how long the vectors are that meet there.

    Attributes:
        layer: of the sub-layer.
        name: of the sub-layer, "self_attn", "cross_attn" or "ffn".
        key: of what is added.
        before: the length of each position's stream before the sum, [L].
        added: the length of what is added to each, [L].
    """

    layer: int
    name: str
    key: str
    before: Array
    added: Array

    @property
    def ratio(self) -> float:
        """How large what is added is beside the stream: mean length over mean length."""
        return float(self.added.mean() / self.before.mean())


def additions(trace: Trace, stack: str) -> tuple[Addition, ...]:
    """Return every residual sum of a stack, in the order in which the model computes them."""
    found = []
    for key in trace:
        if key.startswith(f"{stack}.") and key.rpartition(".")[2].startswith("add"):
            before, added = find_formula(trace.config, key).sites
            path = added.split(".")
            found.append(Addition(int(path[1]), path[2], added, lengths(trace[before]), lengths(trace[added])))
    return tuple(found)


def size_facts(trace: Trace, stack: str, sums: Sequence[Addition], labels: Sequence[str]) -> dict[str, str]:
    """Return how long the stream is at both ends of the stack, and who adds most and least beside it."""
    ratios = [each.ratio for each in sums]
    most, least = max(range(len(sums)), key=ratios.__getitem__), min(range(len(sums)), key=ratios.__getitem__)
    return {
        "first": f"{sums[0].before.mean():.1f}",
        "last": f"{lengths(trace[f'{stack}.{sums[-1].layer}.out']).mean():.1f}",
        "most": labels[most],
        "most_ratio": f"{ratios[most]:.2f}",
        "least": labels[least],
        "least_ratio": f"{ratios[least]:.2f}",
    }


def lengths(rows: Array) -> Array:
    """Return the length (L2 norm) of each row.

    Shapes: rows [L, D] -> [L].
    """
    result: Array = np.linalg.norm(rows.astype(np.float64), axis=1)
    return result


def means_figure(sums: Sequence[Addition], labels: Sequence[str], names: tuple[str, str], colours: Theme) -> go.Figure:
    """Return two bars per sub-layer, means over the words: the stream before it, and what it adds, with their ratio.

    Args:
        sums: from `additions`.
        labels: one per sum.
        names: of the stream and of what is added, for the hover.
        colours: of the mode.
    """
    ratios = [f"× {each.ratio:.2f}" for each in sums]
    told = (
        (names[0], [float(s.before.mean()) for s in sums], colours.muted, None),
        (names[1], [float(s.added.mean()) for s in sums], colours.weights[3], ratios),
    )
    bars = [
        go.Bar(
            x=sizes,
            y=np.arange(len(sums)),
            name=name,
            orientation="h",
            marker={"color": colour},
            text=text,
            textposition="outside",
            textfont={"size": 13},
            constraintext="none",
            customdata=list(zip(labels, ratios, strict=True)),
            hovertemplate=f"%{{customdata[0]}}<br>{name}: %{{x:.3f}}<br>%{{customdata[1]}}<extra></extra>",
        )
        for name, sizes, colour, text in told
    ]
    # The ratio stands behind its bar: where that bar is the longest, it needs the room.
    reach = 1.25 * max(max(sizes) for _, sizes, _, _ in told) or 1.0
    axes = {"yaxis": row_axis(labels), "xaxis": column_axis("", range=[0, reach], nticks=5)}
    legend = {"orientation": "h", "x": 0, "y": 0, "yanchor": "top", "traceorder": "normal"}
    layout = {**row_layout(len(sums) + 1, **axes), "showlegend": True, "legend": legend}
    return go.Figure(bars, {**layout, "bargap": 0.25, "bargroupgap": 0.05})


def added_matrix(sums: Sequence[Addition]) -> Array:
    """Return what is added, a row per sub-layer and a column per position.

    Shapes: -> [S, L].
    """
    return np.stack([each.added for each in sums])
