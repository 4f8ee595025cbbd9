"""Where each value stands in the app: its page, the stop on that page's road, and what has to be chosen there.

A road is a row of stops; each stop shows one value, or a few that belong together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from transformer_core.glass.plan import Block, Plan
from transformer_core.glass.sites import all_sites, find_site
from transformer_core.glass.walks import chains_of, n_layers, written_list
from ui.state.road import road_page
from ui.state.values import PARAMETER, Value, find_value

HEADS = "heads"  # the stop that shows the weights of all heads side by side
MIX = "mix"  # the block that mixes the layers of two chains
NEAR, BAG = "near", "bag"  # the stops that show how near two words stand in texts, and the mean of several words
READS, RECALLS, CELL = (
    "reads",
    "recalls",
    "cell",
)  # the stops of a recurrent cell: what it makes of a word, of its state
ASKS, FITS, TOLD, HANDED = (
    "asks",
    "fits",
    "told",
    "handed",
)  # of one that reads and one that writes: who asks, how well it fits, what is told of the sentence, and handed on
IN_CONTEXT = "in_context"  # the stop that shows what every layer of two chains makes of a word
CHAIN = "chain"  # the stop that shows what counts say of the next word, along the sentence
PROJECTIONS = ("q", "k", "v")  # they belong together, at one stop


@dataclass(frozen=True)
class Place:
    """Where a value is shown; None is what its page does not let one choose."""

    page: str
    stage: str
    stack: str | None = None
    layer: int | None = None
    block: str | None = None


@dataclass(frozen=True)
class Stop:
    """One stop of a road: its id, and the keys of the values that it shows, the main one first."""

    stage: str
    keys: tuple[str, ...]


def place_of(plan: Plan, key: str) -> Place:
    """Return where a site or parameter is shown.

    Raises:
        UnknownSiteError: if the model has neither.
    """
    value = find_value(plan, key)
    block, stage = value.block, PARAMETER if value.is_parameter else _stage(value)
    if page := road_page(plan.kind):
        if (block.stack, block.name) not in chains_of(plan):
            return Place(page, stage, None if stage == TOLD else block.stack or None, block.layer)
        if value.name == "h":
            return Place(page, IN_CONTEXT, block.stack)
        return Place(page, stage, block.stack, block.layer, block.name)
    if block.role == "embedding" or _before_layers(plan, block):
        return Place("embedding", stage, block.stack)
    if block.role == "attention":
        return Place("attention", stage, block.stack, block.layer, block.name)
    if block.layer is not None:
        return Place("layer", stage, block.stack, block.layer)
    written = written_list(plan)
    if not block.stack or (written is not None and block.stack == written.stack):
        return Place("output", stage)
    return Place("layer", stage, block.stack, n_layers(plan, block.stack) - 1)


@lru_cache(maxsize=256)
def road(plan: Plan, page: str, stack: str, layer: int, block: str) -> tuple[Stop, ...]:
    """Return the stops of a page in the order of computation; what the page does not choose by is ignored."""
    keys: dict[str, list[str]] = {}
    for site in all_sites(plan):
        place = place_of(plan, site.key)
        if place.page == page and all(
            mine in (None, chosen)
            for mine, chosen in ((place.stack, stack), (place.layer, layer), (place.block, block))
        ):
            keys.setdefault(place.stage, []).append(site.key)
            if site.block.role == "add":  # it shows what it adds as well: the attention's output has a page of its own
                added = [find_site(plan, key) for key in site.formula.sites[1:2]]
                keys[place.stage] += [one.key for one in added if one.block.role == "attention"]
            if place.stage == TOLD:  # this the states that it is made of, in front of it
                read = [key for key in site.formula.sites if find_site(plan, key).block.role == "recurrent"]
                keys[place.stage] = [*read, *keys[place.stage]]
    if page == "attention" and "weights" in keys:
        before = list(keys)
        order = [*before[: before.index("weights") + 1], HEADS, *before[before.index("weights") + 1 :]]
        keys = {stage: keys.get(stage, keys["weights"]) for stage in order}
    return tuple(Stop(stage, tuple(_main_first(plan, found))) for stage, found in keys.items())


def _before_layers(plan: Plan, block: Block) -> bool:
    """Whether a stack has this block in front of its layers, as the norm of an embedding."""
    if not block.stack or block.layer is not None:
        return False
    first = next(i for i, one in enumerate(plan.blocks) if one.stack == block.stack and one.layer is not None)
    return block in plan.blocks[:first]


def _main_first(plan: Plan, keys: list[str]) -> list[str]:
    """Of a normalisation or a cell, what it hands on is the main thing; what it is made of comes after."""
    last = find_value(plan, keys[-1])
    return keys[::-1] if last.block.role == "norm" or _stage(last) == CELL else keys


_STAGE_OF_CELL = {"gate_x": READS, "gate_c": READS, "gate_h": RECALLS, "h_before": RECALLS, "c_before": RECALLS}
_STAGE_OF_LOOK = {"asks": ASKS, "q_state": ASKS, "k_state": ASKS, "scores_additive": FITS}
_STAGE_OF_LOOK |= {"z_states": TOLD, "suitcase": TOLD, "context": HANDED}


def _stage(value: Value) -> str:
    """The stop at which a site is shown."""
    role, name = value.block.role, value.name
    if role == "recurrent":
        return _STAGE_OF_CELL.get(value.told, CELL)
    if value.told in _STAGE_OF_LOOK:
        return _STAGE_OF_LOOK[value.told]
    if value.block.name in (NEAR, BAG):
        return value.block.name
    if value.block.name == MIX:
        return IN_CONTEXT
    if role == "table" and name == "probs":
        return CHAIN
    if role == "attention":
        return PROJECTIONS[0] if name in PROJECTIONS else name
    if role == "norm":
        return value.block.name
    if role == "feed_forward":
        return value.block.name if name == value.block.values[-1].name else name
    return "end" if role == "stream" and value.block.layer is None else name
