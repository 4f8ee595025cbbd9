"""How much of an answer reaches back to each earlier word: curves of several cells on one logarithmic scale."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.base.curves import curves_layout
from figures.base.theme import Theme

Array = NDArray[Any]
MARKERS = 14  # of a curve: each is drawn by itself, and costs a browser more than the whole line
TICKS = 16  # labels that have room below a chart of a phone
CELLS = {"rnn": ("square", "dot"), "gru": ("diamond", "dash"), "lstm": ("circle", "solid")}


def inks(colours: Theme) -> dict[str, str]:
    """Return the colour of each network, the same in every chart."""
    names = {"rnn": colours.k, "gru": colours.q, "lstm": colours.positive, "attention": colours.v}
    return {**names, "lstm_open": colours.target}


def gradient_curves(
    lengths: Mapping[str, Sequence[Array]], ticks: Sequence[str], words: Mapping[str, str], colours: Theme, low: float
) -> go.Figure:
    """Return the gradient at each step of the chain, every cell on the same scale.

    Args:
        lengths: for each cell some curves, [L] each; the first is drawn large, the others, of other seeds, thin.
        ticks: what is read at each step; empty for their numbers.
        words: the cells' names, and "step", "gradient" for the axes and "tell" with {at}, {value}.
        colours: of the mode.
        low: where the scale begins.
    """
    curves, colour = [], inks(colours)
    for cell, (first, *others) in lengths.items():
        symbol, dash = CELLS[cell]
        told = {"name": words[cell], "hovertemplate": _tell(words)}
        marker = {"symbol": symbol, "size": 7, "color": colour[cell], "maxdisplayed": MARKERS}
        line = {"color": colour[cell], "dash": dash, "width": 2.5}
        curves.append(
            go.Scatter(**_points([first], low, ticks), **told, mode="lines+markers", line=line, marker=marker)
        )
        if others:
            dots = {**marker, "size": 4, "maxdisplayed": MARKERS * len(others)}
            places = _points(others, low, ticks)
            curves.append(go.Scatter(**places, **told, mode="markers", marker=dots, opacity=0.45, showlegend=False))
    layout = curves_layout(words["step"], words["gradient"], colours)
    layout["yaxis"] |= {"type": "log", "exponentformat": "e", "range": [float(np.log10(low)), 1.0], "dtick": 2}
    if ticks:
        every = -(-len(ticks) // TICKS)
        layout["xaxis"] |= {
            "tickvals": list(range(0, len(ticks), every)),
            "ticktext": [html.escape(tick, quote=False) for tick in ticks[::every]],
            "tickangle": -90,
        }
    return go.Figure(curves, layout)


def _points(curves: Sequence[Array], low: float, ticks: Sequence[str]) -> dict[str, Any]:
    """The points of some curves, one behind the other; each says its step, where the axis has no room for all."""
    values = np.concatenate(curves)
    steps = [step for curve in curves for step in range(len(curve))]
    told = [f"{value:.1e}" for value in values]
    names = [html.escape(ticks[step], quote=False) if ticks else str(step) for step in steps]
    return {"x": steps, "y": np.maximum(values, low).tolist(), "customdata": told, "hovertext": names}


def _tell(words: Mapping[str, str]) -> str:
    """What is said of a point."""
    return words["tell"].format(at="%{hovertext}", value="%{customdata}") + "<extra>%{fullData.name}</extra>"
