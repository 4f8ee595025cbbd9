"""What a chain and attention need as texts grow: dependent steps, products, seconds; both axes logarithmic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import plotly.graph_objects as go

from figures.base.curves import curves_layout
from figures.base.theme import Theme
from figures.road.gradients import inks


class Needs(Protocol):
    """What is drawn of `transformer_core.studies.road.chain_speed.Cost`."""

    @property
    def length(self) -> int:
        """Words."""

    @property
    def steps(self) -> int:
        """One after the other."""

    @property
    def products(self) -> int:
        """Multiplications."""

    @property
    def seconds(self) -> float:
        """Here and now."""


def speed_curves(
    costs: Sequence[tuple[Needs, Needs]], what: Literal["steps", "seconds"], words: Mapping[str, str], colours: Theme
) -> go.Figure:
    """Return the curves of a chain and of attention.

    Args:
        costs: for each length, of the chain and of attention.
        what: lies on the upright axis; seconds as milliseconds.
        words: "chain", "attention", "length", "steps", "seconds", and "tell" with {n}, {value}, {products}.
        colours: of the mode.
    """
    ink, factor = inks(colours), 1000 if what == "seconds" else 1
    curves = []
    for number, (name, colour, symbol) in enumerate(
        (("chain", ink["lstm"], "circle"), ("attention", ink["attention"], "star"))
    ):
        its = [pair[number] for pair in costs]
        curves.append(
            go.Scatter(
                x=[cost.length for cost in its],
                y=[factor * getattr(cost, what) for cost in its],
                customdata=[f"{cost.products / 1e6:,.1f}" for cost in its],
                name=words[name],
                mode="lines+markers",
                line={"color": colour, "width": 2.5},
                marker={"symbol": symbol, "size": 9},
                hovertemplate=words["tell"].format(n="%{x}", value="%{y:.4~g}", products="%{customdata}")
                + "<extra>%{fullData.name}</extra>",
            )
        )
    layout = curves_layout(words["length"], words[what], colours, type="log", dtick=1)
    layout["xaxis"] |= {"tickvals": [pair[0].length for pair in costs]}
    return go.Figure(curves, layout)
