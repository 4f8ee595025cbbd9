"""Training with and without teacher forcing: two curves, and what they tell, worked out from the run's own numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import plotly.graph_objects as go

from figures.base.curves import curves_layout
from figures.base.theme import Theme

WAYS = {"forced": ("circle", "solid"), "own": ("square", "dash")}
SHARES = (0.5, 0.9)
Point = Mapping[str, Any]


def learning_curve(
    points: Sequence[Point], over: Literal["seconds", "step"], words: Mapping[str, str], colours: Theme
) -> go.Figure:
    """Return the held-out loss of both ways to train, over the seconds or over the updates that each took.

    Args:
        points: of `transformer_core.training.comparisons.forcing_run`: way, step, seconds, loss, right.
        over: what lies on the horizontal axis.
        words: the ways' names, and "seconds", "step" and "loss" for the axes; "tell" with {loss}, {right}, {at}.
        colours: of the mode.
    """
    inks = dict(zip(WAYS, (colours.positive, colours.target), strict=True))
    curves = []
    for way, (symbol, dash) in WAYS.items():
        its = [point for point in points if point["way"] == way]
        curves.append(
            go.Scatter(
                x=[point[over] for point in its],
                y=[point["loss"] for point in its],
                customdata=[100 * point["right"] for point in its],
                name=words[way],
                mode="lines+markers",
                line={"color": inks[way], "dash": dash, "width": 2.5},
                marker={"symbol": symbol, "size": 6},
                hovertemplate=words["tell"].format(at="%{x:.4~g}", loss="%{y:.3f}", right="%{customdata:.0f}")
                + "<extra>%{fullData.name}</extra>",
            )
        )
    return go.Figure(curves, curves_layout(words[over], words["loss"], colours, rangemode="tozero"))


def findings(points: Sequence[Point]) -> dict[str, Any] | None:
    """Return what a run shows, or None while a way has no point behind its first.

    Args:
        points: as in `learning_curve`.

    Returns:
        step: the last one that both reached; at_step: there, for each way its point; seconds: the time that both had;
        in_time: for each way its last point within it; per_update: seconds of one update, for each way; reached: for
        each share of `SHARES` and each way the first step with so many words right, or None.
    """
    of = {way: [point for point in points if point["way"] == way] for way in WAYS}
    if min(len(its) for its in of.values()) < 2:
        return None
    step = min(its[-1]["step"] for its in of.values())
    seconds = min(its[-1]["seconds"] for its in of.values())
    return {
        "step": step,
        "seconds": seconds,
        "at_step": {way: [point for point in its if point["step"] <= step][-1] for way, its in of.items()},
        "in_time": {way: [point for point in its if point["seconds"] <= seconds][-1] for way, its in of.items()},
        "per_update": {way: its[-1]["seconds"] / its[-1]["step"] for way, its in of.items()},
        "reached": {share: {way: _reached(its, share) for way, its in of.items()} for share in SHARES},
    }


def _reached(points: Sequence[Point], share: float) -> int | None:
    return next((point["step"] for point in points if point["right"] >= share), None)
