"""Which rows the queries, keys and values of a block are made of, in every layer: read from the formulas, and drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from transformer_core.glass.formulas import find_formula
from transformer_core.glass.plan import Plan
from transformer_core.glass.walks import block_at, key_of, n_layers

NAMES = ("q", "k", "v")
ENCODER = "encoder"  # what it reads has the colour of the source
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


def wiring(found: Sequence[Wire], layer: int, stack: str) -> dict[str, Any]:
    """Return the wires from each layer's rows, at the left, and from a shared memory, at the right, to Q, K and V.

    It is drawn as an SVG as wide as its place. A place across is a share of that width, in hundredths; places down are
    pixels.

    Args:
        found: from `wires`.
        layer: the chosen one, whose wires are thick.
        stack: of the block.

    Returns:
        Its "height"; "lines": (across, down) of the beginning and of the end, the value's name, whether it is thick;
        "origins": (across, down), key, side, whether it is shared; "values": (across, down), name, number of the layer,
        key and origin.
    """
    places = {wire.key: place for place, wire in enumerate(found)}
    memory = memory_of(found)
    ends: dict[str, list[int]] = {}
    for wire in found:
        ends.setdefault(wire.origin, []).append(places[wire.key])
    right = SHARED + 0.6 if memory else VALUES + 0.15

    def place(x: float, row: float) -> list[float]:
        return [round(100 * (x - OWN + 0.05) / (right - OWN + 0.05), 2), STEP * (row + 0.9)]

    starts = {
        origin: place(SHARED, sum(mine) / len(mine)) if origin == memory else place(OWN, mine[0])
        for origin, mine in ends.items()
    }
    values = {wire.key: place(VALUES, places[wire.key]) for wire in found}
    side = "source" if stack == ENCODER else "target"
    return {
        "height": STEP * (len(found) + 0.9),
        "lines": [[*starts[wire.origin], *values[wire.key], wire.name, wire.layer == layer] for wire in found],
        "origins": [[*at, name, "source" if name == memory else side, name == memory] for name, at in starts.items()],
        "values": [[*values[wire.key], wire.name, wire.layer, wire.key, wire.origin] for wire in found],
    }
