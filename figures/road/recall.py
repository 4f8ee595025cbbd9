"""Who remembers: what three cells and a layer of attention know as they learn, and what can be said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from figures.base.curves import curves_layout
from figures.base.theme import Theme
from figures.road.gradients import CELLS, inks

KNOWS = 0.95
Point = Mapping[str, Any]
WAYS = {**CELLS, "lstm_open": ("circle-open", "dash"), "attention": ("star", "solid")}


def recall_curves(
    points: Sequence[Point], seconds: float, chance: float, words: Mapping[str, str], colours: Theme
) -> go.Figure:
    """Return the share of held-out items that each knows at one distance, over the seconds that it took.

    The axes are the same whatever the distance.

    Args:
        points: of `transformer_core.training.comparisons.recall_run`, of one distance: way, step, seconds, right.
        seconds: that each had.
        chance: what a guess gets right.
        words: the ways' names, "seconds", "right", "chance", and "tell" with {at}, {right}.
        colours: of the mode.
    """
    ink = inks(colours)
    line = {"color": colours.muted, "dash": "dot", "width": 1.5}
    curves = [go.Scatter(x=[0, seconds], y=[chance] * 2, mode="lines", line=line, name=words["chance"])]
    for way, (symbol, dash) in WAYS.items():
        its = [point for point in points if point["way"] == way]
        curves.append(
            go.Scatter(
                x=[point["seconds"] for point in its],
                y=[point["right"] for point in its],
                customdata=[100 * point["right"] for point in its],
                name=words[way],
                mode="lines+markers",
                line={"color": ink[way], "dash": dash, "width": 2.5},
                marker={"symbol": symbol, "size": 7},
                hovertemplate=words["tell"].format(at="%{x:.1f}", right="%{customdata:.0f}")
                + "<extra>%{fullData.name}</extra>",
            )
        )
    layout = curves_layout(words["seconds"], words["right"], colours)
    layout["xaxis"] |= {"range": [0, 1.04 * seconds]}
    layout["yaxis"] |= {"range": [0, 1.04], "tickformat": ".0%"}
    return go.Figure(curves, layout | {"height": 300})


def who_knows(points: Sequence[Point], distances: Sequence[int]) -> dict[int, dict[str, float | None]]:
    """Return for each distance after how many seconds each way knew the symbol in 95 of 100 items; None for never.

    A distance of which nothing is known yet is left out.
    """
    found: dict[int, dict[str, float | None]] = {}
    for distance in distances:
        its = [point for point in points if point["distance"] == distance]
        if its:
            found[distance] = {
                way: next((p["seconds"] for p in its if p["way"] == way and p["right"] >= KNOWS), None) for way in WAYS
            }
    return found
