"""The list of every value that can be seen in a Transformer: its key, its axes, and what kind of number it is.

The glossary of axes, the same in every file of this package:

    B  batch (never in a trace)     H  head                V  vocabulary
    L  position                     E  d_head              1  a kept axis
    Q  query position               D  d_model
    K  key position                 F  d_ff
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from transformer_core.glass.arguments import checked
from transformer_core.glass.errors import UnknownSiteError
from transformer_core.transformer.config import TransformerConfig

Kind = Literal["ids", "signed", "variance", "scores", "mask", "weights", "logits", "probabilities"]
Side = Literal["source", "target"]


@dataclass(frozen=True)
class Site:
    """One value of the network.

    Attributes:
        key: the path, `stack.layer.block.value`.
        axes: one letter of the glossary per axis, without the batch.
        kind: what the numbers are, which decides how they are drawn.
        sides: for each axis the token list that labels it, or None where it is not a position.
        derived: worked out from other sites when it is read, not written down by the pass.
    """

    key: str
    axes: str
    kind: Kind
    sides: tuple[Side | None, ...]
    derived: bool = False


@checked()
@lru_cache(maxsize=64)
def all_sites(config: TransformerConfig) -> tuple[Site, ...]:
    """Return every site of a model of this shape, in the order in which the values are computed."""
    sites: list[Site] = []
    if config.has_encoder:
        sites += _embedding("src_embed", "source", config)
        for i in range(config.n_encoder_layers):
            sites += _layer(f"encoder.{i}", "source", config, cross=False)
        sites += _end_of_stack("encoder", "source", config)
    if config.has_decoder:
        sites += _embedding("tgt_embed", "target", config)
        for i in range(config.n_decoder_layers):
            sites += _layer(f"decoder.{i}", "target", config, cross=config.has_cross_attention)
        sites += _end_of_stack("decoder", "target", config)
    return tuple(sites + _head("target" if config.has_decoder else "source", config))


@lru_cache(maxsize=64)
def sites_by_key(config: TransformerConfig) -> dict[str, Site]:
    """Return the sites of `all_sites`, by key."""
    return {site.key: site for site in all_sites(config)}


@lru_cache(maxsize=64)
def written_keys(config: TransformerConfig) -> tuple[str, ...]:
    """Return the keys of the values that a pass writes down, all but the derived ones, in their order."""
    return tuple(site.key for site in all_sites(config) if not site.derived)


def find_site(config: TransformerConfig, key: str) -> Site:
    """Return the site with this key.

    Raises:
        UnknownSiteError: if there is none; the message names the nearest keys that exist.
    """
    sites = sites_by_key(config)
    if not isinstance(key, str) or key not in sites:
        raise unknown_key(config, key, "site", sites)
    return sites[key]


def unknown_key(config: TransformerConfig, key: str, what: str, known: Iterable[str]) -> UnknownSiteError:
    """Return the error that says that `key` is no `what` of this model, and which of the `known` keys are nearest."""
    keys = list(known)
    nearest = difflib.get_close_matches(str(key), keys, n=3, cutoff=0.4) or keys[:3]
    return UnknownSiteError(
        f"{key!r} is not a {what} of this {config.architecture} model; the nearest are {', '.join(nearest)}",
        key=key,
        nearest=nearest,
    )


def _site(key: str, axes: str, kind: Kind, query: Side, memory: Side | None = None, derived: bool = False) -> Site:
    """A site whose positions L and Q lie on side `query`, and K on side `memory` (`query` unless given)."""
    labels: dict[str, Side] = {"L": query, "Q": query, "K": memory or query}
    return Site(key, axes, kind, tuple(labels.get(axis) for axis in axes), derived)


def _embedding(path: str, side: Side, config: TransformerConfig) -> list[Site]:
    scaled = [_site(f"{path}.scaled", "LD", "signed", side)] if config.scale_embedding else []
    return [
        _site(f"{path}.tokens", "L", "ids", side),
        _site(f"{path}.lookup", "LD", "signed", side),
        *scaled,
        _site(f"{path}.pos", "LD", "signed", side),
        _site(f"{path}.out", "LD", "signed", side),
    ]


def _attention(path: str, query: Side, memory: Side) -> list[Site]:
    return [
        _site(f"{path}.q", "HQE", "signed", query),
        _site(f"{path}.k", "HKE", "signed", query, memory),
        _site(f"{path}.v", "HKE", "signed", query, memory),
        _site(f"{path}.scores_raw", "HQK", "scores", query, memory),
        _site(f"{path}.scores_scaled", "HQK", "scores", query, memory),
        _site(f"{path}.mask", "QK", "mask", query, memory),
        _site(f"{path}.scores", "HQK", "scores", query, memory),
        _site(f"{path}.weights", "HQK", "weights", query, memory),
        _site(f"{path}.z", "HQE", "signed", query),
        _site(f"{path}.head_out", "HQD", "signed", query, derived=True),
        _site(f"{path}.out", "QD", "signed", query),
    ]


def _layer_norm(path: str, side: Side) -> list[Site]:
    return [
        _site(f"{path}.mean", "L1", "signed", side),
        _site(f"{path}.var", "L1", "variance", side),
        _site(f"{path}.normalized", "LD", "signed", side),
        _site(f"{path}.out", "LD", "signed", side),
    ]


def _feed_forward(path: str, side: Side) -> list[Site]:
    return [
        _site(f"{path}.pre", "LF", "signed", side),
        _site(f"{path}.act", "LF", "signed", side),
        _site(f"{path}.out", "LD", "signed", side),
    ]


def _layer(path: str, side: Side, config: TransformerConfig, *, cross: bool) -> list[Site]:
    blocks = [_attention(f"{path}.self_attn", side, side)]
    if cross:
        blocks.append(_attention(f"{path}.cross_attn", side, "source"))
    blocks.append(_feed_forward(f"{path}.ffn", side))
    sites = [_site(f"{path}.input", "LD", "signed", side)]
    for n, block in enumerate(blocks, start=1):
        add, norm = [_site(f"{path}.add{n}", "LD", "signed", side)], _layer_norm(f"{path}.ln{n}", side)
        sites += norm + block + add if config.norm_position == "pre" else block + add + norm
    return [*sites, _site(f"{path}.out", "LD", "signed", side)]


def _end_of_stack(path: str, side: Side, config: TransformerConfig) -> list[Site]:
    norm = _layer_norm(f"{path}.norm", side) if config.norm_position == "pre" else []
    return [*norm, _site(f"{path}.out", "LD", "signed", side)]


def _head(side: Side, config: TransformerConfig) -> list[Site]:
    sites = []
    if config.head_transform:
        dense, act = _site("head.dense", "LD", "signed", side), _site("head.act", "LD", "signed", side)
        sites = [dense, act, *_layer_norm("head.ln", side)]
    return [
        *sites,
        _site("head.logits", "LV", "logits", side),
        _site("head.probs", "LV", "probabilities", side, derived=True),
    ]
