"""How many analogies of each group a table of word vectors gets right, as bars."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from figures.base.row_charts import LETTERS
from figures.base.theme import Theme


def right_by_group(groups: Mapping[str, tuple[int, int]], words: Mapping[str, str], colours: Theme) -> go.Figure:
    """Return a bar for each group, the best one above: the share that was right.

    Args:
        groups: by what they are called, how many questions were asked and how many were right.
        words: "right" for the axis and "tell" with {right}, {asked}.
        colours: of the mode.
    """
    order = sorted(groups, key=lambda name: groups[name][1] / groups[name][0])
    shares = [groups[name][1] / groups[name][0] for name in order]
    told = [words["tell"].format(asked=groups[name][0], right=groups[name][1]) for name in order]
    bars = go.Bar(
        x=shares,
        y=order,
        orientation="h",
        marker={"color": colours.positive, "opacity": 0.65},
        text=told,
        textposition="outside",
        textfont=LETTERS,
        hoverinfo="skip",
        cliponaxis=False,
    )
    layout = {
        "xaxis": {"range": [0, 1.15], "tickformat": ".0%", "title": {"text": words["right"], "font": LETTERS}},
        "yaxis": {"tickfont": LETTERS},
        "height": 60 + 30 * len(order),
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "bargap": 0.25,
    }
    return go.Figure([bars], layout)
