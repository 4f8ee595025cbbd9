"""How large the residual stream is, and how large what each sub-layer adds to it, through all layers of a stack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.base.row_charts import LEGEND_BELOW, at_longer_ends, column_axis, row_axis, row_layout
from figures.base.theme import Theme
from transformer_core.glass.sites import all_sites, find_site
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import layer_outs

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
    for site in all_sites(trace.plan):
        if site.block.role == "add" and site.block.stack == stack:
            before, added = site.formula.sites
            sublayer = find_site(trace.plan, added).block
            assert sublayer.layer is not None
            sizes = lengths(trace[before]), lengths(trace[added])
            found.append(Addition(sublayer.layer, sublayer.name, added, *sizes))
    return tuple(found)


def size_facts(trace: Trace, stack: str, sums: Sequence[Addition], labels: Sequence[str]) -> dict[str, str]:
    """Return how long the stream is at both ends of the stack, and who adds most and least beside it."""
    ratios = [each.ratio for each in sums]
    most, least = max(range(len(sums)), key=ratios.__getitem__), min(range(len(sums)), key=ratios.__getitem__)
    return {
        "first": f"{sums[0].before.mean():.1f}",
        "last": f"{lengths(trace[layer_outs(trace.plan, stack)[-1]]).mean():.1f}",
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


def means_figure(
    sums: Sequence[Addition],
    labels: Sequence[str],
    names: Sequence[str],
    colours: Theme,
    before: Sequence[Addition] | None = None,
) -> go.Figure:
    """Return two bars per sub-layer, means over the words: the stream before it, and what it adds, with their ratio.

    Args:
        sums: from `additions`.
        labels: one per sum.
        names: of the stream and of what is added, and, where two runs are compared, both of the other run.
        colours: of the mode.
        before: the same sums of another run, drawn as outlines.
    """
    pale, edges = "rgba(0, 0, 0, 0)", {"color": colours.text, "width": 1.5}
    filled, empty = [{"color": colours.muted}, {"color": colours.weights[3]}], [{"color": pale, "line": edges}] * 2
    texts, others = _ratios(sums), [""] * len(sums)
    if before:
        added = ([float(one.added.mean()) for one in run] for run in (sums, before))
        texts, others = at_longer_ends(texts, _ratios(before), *added)
    bars = _bars(sums, labels, names[:2], filled, texts)
    bars += _bars(before, labels, names[2:], empty, others) if before else []
    # The ratio stands behind its bar: where that bar is the longest, it needs the room.
    reach = (1.45 if before else 1.25) * max(max(bar.x) for bar in bars) or 1.0
    axes = {"yaxis": row_axis(labels), "xaxis": column_axis("", range=[0, reach], nticks=5)}
    layout = {**row_layout(len(sums) + 1 + bool(before), **axes), "showlegend": True, "legend": LEGEND_BELOW}
    return go.Figure(bars, {**layout, "bargap": 0.25, "bargroupgap": 0.05})


def _ratios(sums: Sequence[Addition]) -> list[str]:
    return [f"× {each.ratio:.2f}" for each in sums]


def _bars(
    sums: Sequence[Addition], labels: Sequence[str], names: Sequence[str], markers: Sequence[Any], texts: Sequence[str]
) -> list[go.Bar]:
    """The bars of one run; those of two runs lie on each other."""
    sizes = [[float(s.before.mean()) for s in sums], [float(s.added.mean()) for s in sums]]
    return [
        go.Bar(
            x=lengths_,
            y=np.arange(len(sums)),
            name=name,
            orientation="h",
            offsetgroup=str(group),
            marker=marker,
            text=texts if group else None,
            textposition="outside",
            textfont={"size": 13},
            constraintext="none",
            customdata=list(zip(labels, _ratios(sums), strict=True)),
            hovertemplate=f"%{{customdata[0]}}<br>{name}: %{{x:.3f}}<br>%{{customdata[1]}}<extra></extra>",
        )
        for group, (name, lengths_, marker) in enumerate(zip(names, sizes, markers, strict=True))
    ]


def added_matrix(sums: Sequence[Addition]) -> Array:
    """Return what is added, a row per sub-layer and a column per position.

    Shapes: -> [S, L].
    """
    return np.stack([each.added for each in sums])
