"""Which rows the queries, keys and values of a block are made of, in every layer: read from the formulas, and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from figures.base.theme import Theme
from transformer_core.glass.formulas import find_formula
from transformer_core.glass.plan import Plan
from transformer_core.glass.walks import block_at, key_of, n_layers

NAMES = ("q", "k", "v")
LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")  # as large as a letter: a smaller one cannot be read
STEP = 34  # pixels from one value to the next
OWN, VALUES, SHARED = 0.0, 1.0, 2.0  # from left to right: the block's own rows, its values, what all layers share


@dataclass(frozen=True)
class Wire:
    """One value of a block and what it is made of.

    Attributes:
        layer: of the block.
        name: "q", "k" or "v".
        key: of the value.
        origin: key of the site that it is made of.
    """

    layer: int
    name: str
    key: str
    origin: str


def wires(plan: Plan, stack: str, block: str) -> tuple[Wire, ...]:
    """Return what the queries, keys and values of a kind of block are made of, in all layers of its stack."""
    found = (block_at(plan, stack, i, block) for i in range(n_layers(plan, stack)))
    keys = [(i, name, key_of(one, name)) for i, one in enumerate(found) if one is not None for name in NAMES]
    return tuple(Wire(i, name, key, find_formula(plan, key).sites[0]) for i, name, key in keys)


def memory_of(found: Sequence[Wire]) -> str:
    """Return the one site of which the keys and values of every layer are made and no query is, or ""."""
    asked = {wire.origin for wire in found if wire.name == "q"}
    answering = {wire.origin for wire in found if wire.name != "q"}
    return answering.pop() if len(answering) == 1 and not answering & asked else ""


def wiring_figure(found: Sequence[Wire], layer: int, own: str, shared: str, colours: Theme) -> go.Figure:
    """Return the wires from each layer's rows, at the left, and from a shared memory, at the right, to Q, K and V.

    Args:
        found: from `wires`.
        layer: the chosen one, whose wires are thick.
        own: colour of the rows at the left.
        shared: colour of the memory.
        colours: of the mode.
    """
    places = {wire.key: place for place, wire in enumerate(found)}
    memory = memory_of(found)
    ends: dict[str, list[int]] = {}
    for wire in found:
        ends.setdefault(wire.origin, []).append(places[wire.key])
    starts = {
        origin: (SHARED if origin == memory else OWN, sum(mine) / len(mine) if origin == memory else mine[0])
        for origin, mine in ends.items()
    }
    lines = [_line(wire, starts[wire.origin], places[wire.key], wire.layer == layer, colours) for wire in found]
    hidden = {"visible": False, "fixedrange": True}
    layout = {
        "xaxis": {**hidden, "range": [OWN - 0.05, SHARED + 0.6 if memory else VALUES + 0.15]},
        "yaxis": {**hidden, "range": [len(found) - 0.4, -0.9]},
        "height": 10 + STEP * len(found),
        "margin": {"l": 0, "r": 0, "t": 5, "b": 5},
        "dragmode": False,
        "showlegend": False,
        "hovermode": "closest",
    }
    return go.Figure([*lines, _origins(starts, own, shared), _values(found, colours)], layout)


def _line(wire: Wire, start: tuple[float, float], end: int, chosen: bool, colours: Theme) -> go.Scatter:
    return go.Scatter(
        x=[start[0], VALUES],
        y=[start[1], end],
        mode="lines",
        line={"color": getattr(colours, wire.name), "width": 5 if chosen else 1.5},
        hoverinfo="skip",
    )


def _origins(starts: dict[str, tuple[float, float]], own: str, shared: str) -> go.Scatter:
    return go.Scatter(
        x=[x for x, _ in starts.values()],
        y=[y for _, y in starts.values()],
        mode="markers+text",
        marker={"size": 11, "color": [shared if x == SHARED else own for x, _ in starts.values()]},
        text=list(starts),
        # Above its wire, so that a phone has room for it; the shared one has many wires, and stands beside them.
        textposition=["middle right" if x == SHARED else "top right" for x, _ in starts.values()],
        textfont={"size": 13},
        hovertemplate="%{text}<extra></extra>",
        cliponaxis=False,
    )


def _values(found: Sequence[Wire], colours: Theme) -> go.Scatter:
    names = [getattr(colours, wire.name) for wire in found]
    return go.Scatter(
        x=[VALUES] * len(found),
        y=list(range(len(found))),
        mode="markers+text",
        marker={"size": 26, "color": colours.background, "line": {"color": names, "width": 2.5}},
        text=[f"{wire.name.upper()}{str(wire.layer).translate(LOWERED)}" for wire in found],
        textfont={"size": 13, "color": colours.text},
        customdata=[[wire.key, wire.origin] for wire in found],
        hovertemplate="%{customdata[0]} ← %{customdata[1]}<extra></extra>",
        cliponaxis=False,
    )
