"""How many whole sentences come back without a fault, by their length: a curve for each model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from figures.base.curves import curves_layout
from figures.base.theme import Theme

SYMBOLS = ("circle", "square", "diamond", "star")


def copies_curves(
    right: Mapping[str, Mapping[int, float]],
    looks_back: Sequence[bool],
    chosen: tuple[str, int],
    words: Mapping[str, str],
    colours: Theme,
) -> go.Figure:
    """Return the curves.

    Args:
        right: for each model, by its title, the share of right sentences by their number of words.
        looks_back: of each whether it does; its curve is solid, the others are dotted.
        chosen: the title and the number of words of the point that is open.
        words: "length", "right" for the axes, and "tell" with {n}, {share}.
        colours: of the mode.
    """
    curves = []
    for (title, its), looks, symbol in zip(right.items(), looks_back, SYMBOLS, strict=False):
        here = [title == chosen[0] and n == chosen[1] for n in its]
        curves.append(
            go.Scatter(
                x=list(its),
                y=list(its.values()),
                customdata=[100 * share for share in its.values()],
                name=title,
                mode="lines+markers",
                line={"color": colours.v if looks else colours.k, "dash": "solid" if looks else "dot", "width": 2.5},
                marker={
                    "symbol": symbol,
                    "size": [17 if at else 9 for at in here],
                    "line": {"color": colours.selected, "width": [3 if at else 0 for at in here]},
                },
                selected={"marker": {"opacity": 1}},
                unselected={"marker": {"opacity": 1}},  # which one is open is told by its frame
                hovertemplate=words["tell"].format(n="%{x}", share="%{customdata:.0f}")
                + "<extra>%{fullData.name}</extra>",
            )
        )
    layout = curves_layout(words["length"], words["right"], colours)
    layout["xaxis"] |= {"tickvals": sorted({n for its in right.values() for n in its})}
    layout["yaxis"] |= {"range": [-0.04, 1.08], "tickformat": ".0%"}
    return go.Figure(curves, layout)
