"""The curves of a race between three ways to decode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from figures.base.curves import curves_layout
from figures.base.theme import Theme

WAYS = {"parallel": ("circle", "solid"), "cached": ("square", "dash"), "growing": ("diamond", "dot")}


def race_curves(
    lengths: Sequence[int], milliseconds: Mapping[str, Sequence[float]], words: Mapping[str, str], colours: Theme
) -> go.Figure:
    """Return one curve per way: milliseconds over the number of words, both on logarithmic axes.

    Args:
        lengths: numbers of words.
        milliseconds: for each way of `WAYS`, one per length.
        words: the ways' names, and "words" and "milliseconds" for the axes.
        colours: of the mode.
    """
    inks = dict(zip(WAYS, (colours.positive, colours.target, colours.muted), strict=True))
    curves = [
        go.Scatter(
            x=list(lengths),
            y=list(milliseconds[way]),
            name=words[way],
            mode="lines+markers+text",
            text=[f"{ms:.1f}" for ms in milliseconds[way]],
            textposition="top center",
            line={"color": inks[way], "dash": dash, "width": 2.5},
            marker={"symbol": symbol, "size": 10},
            hovertemplate="%{x}: %{y:.2f} ms<extra>%{fullData.name}</extra>",
        )
        for way, (symbol, dash) in WAYS.items()
    ]
    figure = go.Figure(curves, curves_layout(words["words"], words["milliseconds"], colours, type="log"))
    return figure.update_xaxes(tickvals=list(lengths))
