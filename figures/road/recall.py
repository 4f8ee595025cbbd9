"""Who remembers: what three cells and a layer of attention know as they learn, and what can be said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from figures.base.row_charts import LETTERS
from figures.base.theme import Theme
from figures.road.gradients import CELLS, inks

KNOWS = 0.95
Point = Mapping[str, Any]
WAYS = {**CELLS, "attention": ("star", "solid")}


def recall_curves(
    points: Sequence[Point], distances: Sequence[int], seconds: float, chance: float, words: Mapping[str, str], t: Theme
) -> go.Figure:
    """Return the share of held-out items that each knows, over the seconds it took, a chart for each distance.

    All charts have the same axes.

    Args:
        points: of `transformer_core.training.recall_run`: way, distance, step, seconds, right.
        distances: in order.
        seconds: that each had.
        chance: what a guess gets right.
        words: the ways' names, "seconds", "right", "chance", "distance" with {n}, and "tell" with {at}, {right}.
        t: the colours of the mode.
    """
    figure, colour, n = go.Figure(), inks(t), len(distances)
    layout: dict[str, Any] = {
        "height": 330,
        "margin": {"l": 10, "r": 10, "t": 34, "b": 10},
        "legend": {"orientation": "h", "y": 1.12, "yanchor": "bottom", "x": 0, "font": LETTERS},
        "annotations": [],
    }
    gap = 0.04
    width = (1 - gap * (n - 1)) / n
    for i, distance in enumerate(distances):
        axis = "" if not i else str(i + 1)
        left = i * (width + gap)
        plain = {"showgrid": True, "gridcolor": t.line, "tickfont": LETTERS}
        layout[f"xaxis{axis}"] = {
            **plain,
            "domain": [left, left + width],
            "range": [0, seconds * 1.04],
            "title": {"text": words["seconds"], "font": LETTERS},
            "anchor": f"y{axis}",
        }
        layout[f"yaxis{axis}"] = {
            **plain,
            "range": [0, 1.04],
            "tickformat": ".0%",
            "anchor": f"x{axis}",
            "showticklabels": not i,
            "title": {"text": words["right"] if not i else "", "font": LETTERS},
        }
        title = {"text": words["distance"].format(n=distance), "showarrow": False, "font": {**LETTERS, "size": 15}}
        place = {"x": left + width / 2, "y": 1.0, "xref": "paper", "yref": "paper", "yanchor": "bottom"}
        layout["annotations"].append({**title, **place})
        line = {"color": t.muted, "dash": "dot", "width": 1.5}
        at = {"xaxis": f"x{axis}", "yaxis": f"y{axis}"}
        figure.add_trace(
            go.Scatter(
                x=[0, seconds], y=[chance] * 2, mode="lines", line=line, name=words["chance"], showlegend=not i, **at
            )
        )
        for way, (symbol, dash) in WAYS.items():
            its = [point for point in points if point["way"] == way and point["distance"] == distance]
            figure.add_trace(
                go.Scatter(
                    x=[point["seconds"] for point in its],
                    y=[point["right"] for point in its],
                    customdata=[100 * point["right"] for point in its],
                    name=words[way],
                    showlegend=not i,
                    mode="lines+markers",
                    line={"color": colour[way], "dash": dash, "width": 2.5},
                    marker={"symbol": symbol, "size": 6},
                    hovertemplate=words["tell"].format(at="%{x:.1f}", right="%{customdata:.0f}")
                    + "<extra>%{fullData.name}</extra>",
                    **at,
                )
            )
    return figure.update_layout(layout)


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
