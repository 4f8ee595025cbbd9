"""The losses of two models while they learn, one behind the mask and one without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from figures.base.curves import curves_layout
from figures.base.theme import Theme

CURVES = ("behind_mask", "without_mask", "alone")


def peeking_curves(
    steps: Sequence[int],
    losses: Mapping[str, Sequence[float]],
    chance: float,
    words: Mapping[str, str],
    colours: Theme,
) -> go.Figure:
    """Return one curve per name of `CURVES`, and the loss of mere chance as a line.

    Args:
        steps: of training.
        losses: for each curve one per step, in nats.
        chance: the loss of somebody who knows nothing.
        words: the curves' names, and "steps", "loss" and "chance".
        colours: of the mode.
    """
    inks = (colours.muted, colours.positive, colours.target)
    looks = ("solid", "solid", "dash")
    curves = [
        go.Scatter(
            x=list(steps),
            y=list(losses[name]),
            name=words[name],
            mode="lines",
            line={"color": ink, "dash": dash, "width": 3},
            hovertemplate="%{x}: %{y:.3f}<extra>%{fullData.name}</extra>",
        )
        for name, ink, dash in zip(CURVES, inks, looks, strict=True)
    ]
    line = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": chance, "y1": chance}
    said = {"text": words["chance"], "xref": "paper", "x": 1, "y": chance, "xanchor": "right", "yanchor": "bottom"}
    layout = {
        **curves_layout(words["steps"], words["loss"], colours, zeroline=False, rangemode="tozero"),
        "shapes": [{**line, "line": {"color": colours.muted, "dash": "dot"}}],
        "annotations": [{**said, "showarrow": False, "font": {"color": colours.muted}}],
    }
    return go.Figure(curves, layout)
