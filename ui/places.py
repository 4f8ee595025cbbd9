"""Where each value stands in the app: its page, the stop on that page's road, and what has to be chosen there.

A road is a row of stops; each stop shows one value, or a few that belong together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from transformer_core.glass.parameters import find_parameter, is_parameter
from transformer_core.glass.sites import all_sites, find_site
from transformer_core.transformer.config import TransformerConfig

PARAMETER = "parameter"  # the stop, after all others, that shows a parameter while one is looked at
HEADS = "heads"  # the stop that shows the weights of all heads side by side
_EMBEDDINGS = {"src_embed": "encoder", "tgt_embed": "decoder"}


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


@dataclass(frozen=True)
class Value:
    """What is known of a site or a parameter: its key and its axes, letters of `transformer_core.glass.sites`."""

    key: str
    axes: str
    kind: str
    is_parameter: bool


def find_value(config: TransformerConfig, key: str) -> Value:
    """Return the site or parameter with this key.

    Raises:
        UnknownSiteError: if the model has neither.
    """
    if is_parameter(key):
        return Value(key, find_parameter(config, key).axes, "signed", True)
    site = find_site(config, key)
    return Value(key, site.axes, site.kind, False)


def place_of(config: TransformerConfig, key: str) -> Place:
    """Return where a site or parameter is shown.

    Raises:
        UnknownSiteError: if the model has neither.
    """
    value = find_value(config, key)
    first, *rest = key.split(".")
    if first in _EMBEDDINGS:
        return Place("embedding", PARAMETER if value.is_parameter else rest[0], _EMBEDDINGS[first])
    if first == "head":
        return Place("output", _stage("output", value))
    if rest[0].isdigit():
        layer, block = int(rest[0]), rest[1]
        if block in ("self_attn", "cross_attn"):
            return Place("attention", _stage("attention", value), first, layer, block)
        return Place("layer", _stage("layer", value), first, layer)
    if first == "decoder" or not config.has_decoder:
        return Place("output", _stage("output", value))
    return Place("layer", _stage("layer", value), first, config.n_encoder_layers - 1)


@lru_cache(maxsize=256)
def road(config: TransformerConfig, page: str, stack: str, layer: int, block: str) -> tuple[Stop, ...]:
    """Return the stops of a page in the order of computation; what the page does not choose by is ignored."""
    keys: dict[str, list[str]] = {}
    for site in all_sites(config):
        place = place_of(config, site.key)
        if place.page == page and all(
            mine in (None, chosen)
            for mine, chosen in ((place.stack, stack), (place.layer, layer), (place.block, block))
        ):
            keys.setdefault(place.stage, []).append(site.key)
    if page == "attention" and "weights" in keys:
        before = list(keys)
        order = [*before[: before.index("weights") + 1], HEADS, *before[before.index("weights") + 1 :]]
        keys = {stage: keys.get(stage, keys["weights"]) for stage in order}
    if page == "layer":
        keys |= _what_sub_layers_add(config, stack, layer, keys)
    # Of a LayerNorm, what it hands on is the main thing; its statistics come after.
    return tuple(
        Stop(stage, tuple(found[::-1] if stage.startswith(("ln", "norm")) else found)) for stage, found in keys.items()
    )


def _what_sub_layers_add(
    config: TransformerConfig, stack: str, layer: int, keys: dict[str, list[str]]
) -> dict[str, list[str]]:
    """A residual sum shows what it adds as well: the attention's output, which has a page of its own."""
    blocks = ["self_attn", "cross_attn"] if stack == "decoder" and config.has_cross_attention else ["self_attn"]
    path = f"{stack}.{layer}"
    return {
        f"add{n}": [f"{path}.add{n}", f"{path}.{block}.out"] for n, block in enumerate(blocks, 1) if f"add{n}" in keys
    }


def _stage(page: str, value: Value) -> str:
    if value.is_parameter:
        return PARAMETER
    *path, name = value.key.split(".")
    if page == "attention":
        return "q" if name in ("q", "k", "v") else name
    if path[-1].startswith("ln") or path[-1] == "norm":
        return path[-1]
    if path[-1] == "ffn":
        return "ffn" if name == "out" else name
    return "end" if len(path) == 1 and name == "out" else name
