"""A guess and the truth as bars: a bar for everything that could have been guessed, the two of them marked."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from figures.base.curves import curves_layout
from figures.base.row_charts import LETTERS
from figures.base.theme import Theme


def guess_bars(
    options: Sequence[str],
    numbers: Sequence[float],
    texts: Sequence[str],
    mine: int,
    truth: int,
    title: str,
    names: Mapping[str, str],
    colours: Theme,
) -> go.Figure:
    """Return the bars.

    Args:
        options: what could be guessed, in the order of the sentence.
        numbers: of each; the largest is the truth.
        texts: the same as they are written.
        mine: the guess.
        truth: the place of the largest.
        title: what the numbers are.
        names: "mine" and "truth", as they are said at the bars.
        colours: of the mode.
    """
    labels = [f"{i} {html.escape(option, quote=False)}" for i, option in enumerate(options)]
    told = [
        " · ".join([text, *([names["truth"]] if i == truth else []), *([names["mine"]] if i == mine else [])])
        for i, text in enumerate(texts)
    ]
    fills = [colours.positive if i == truth else colours.line for i in range(len(numbers))]
    edges = [colours.selected if i == mine else "rgba(0,0,0,0)" for i in range(len(numbers))]
    bars = go.Bar(
        x=list(numbers),
        y=labels,
        orientation="h",
        text=told,
        textposition="outside",
        textfont=LETTERS,
        cliponaxis=False,
        marker={"color": fills, "line": {"color": edges, "width": 3}},
        hoverinfo="skip",
    )
    layout = curves_layout(title, "", colours)
    figure = go.Figure(bars, {**layout, "height": 60 + 30 * len(numbers), "showlegend": False})
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(range=[0, 1.35 * max(numbers)])
    return figure
