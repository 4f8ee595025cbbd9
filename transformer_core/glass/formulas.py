"""How every site of a Transformer follows from its inputs: one formula per site, in the order of computation.

    formula = find_formula(trace.config, "decoder.2.cross_attn.weights")
    formula.latex                    # in the letters of the paper
    formula.recompute(trace)         # the whole site, from its inputs in the trace
    formula.terms(trace, (0, 3, 1))  # one cell, with the numbers that made it

Everything works on a trace alone; none of it needs the model or torch.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from transformer_core.glass.arguments import checked
from transformer_core.glass.formula.base import Formula
from transformer_core.glass.sites import find_site
from transformer_core.glass.trace import Trace
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.plans.attention import attention_formulas
from transformer_core.transformer.plans.blocks import (
    add_formula,
    copy_formula,
    embedding_formulas,
    feed_forward_formulas,
    head_formulas,
    layer_norm_formulas,
)

__all__ = ["Formula", "all_formulas", "difference", "find_formula", "provenance"]


@checked()
@lru_cache(maxsize=64)
def all_formulas(config: TransformerConfig) -> dict[str, Formula]:
    """Return the formula of every site of a model of this shape, by key, in the order of `all_sites`."""
    formulas: list[Formula] = []
    if config.has_encoder:
        formulas += embedding_formulas("src_embed", config)
        formulas += _stack("encoder", "src_embed", config.n_encoder_layers, config)
    if config.has_decoder:
        formulas += embedding_formulas("tgt_embed", config)
        formulas += _stack("decoder", "tgt_embed", config.n_decoder_layers, config)
    formulas += head_formulas("decoder.out" if config.has_decoder else "encoder.out", config)
    return {formula.key: formula for formula in formulas}


@checked()
def find_formula(config: TransformerConfig, key: str) -> Formula:
    """Return the formula of the site with this key.

    Raises:
        UnknownSiteError: if there is none; the message names the nearest keys that exist.
    """
    return all_formulas(config)[find_site(config, key).key]


@checked()
def difference(trace: Trace, key: str) -> float:
    """Return how far a recomputed site is from the traced one: the largest difference over the site's largest number.

    That is `Formula.scale`: where numbers are added up, the largest sum of the absolute terms of a cell. Minus infinity
    must stand in the same cells of both, else the answer is infinite; so it is where a number is none.

    Raises:
        UnknownSiteError: if there is no such site.
    """
    formula = find_formula(trace.config, key)
    recomputed = formula.recompute(trace).astype(np.float64)
    traced = trace[key].astype(np.float64)
    finite = np.isfinite(traced)
    if recomputed.shape != traced.shape or (recomputed != traced)[~finite].any():
        return np.inf
    furthest = float(np.abs(recomputed[finite] - traced[finite]).max(initial=0.0))
    if furthest == 0:
        return 0.0
    scale = formula.scale(trace)
    return furthest / scale if 0 < scale < np.inf and np.isfinite(furthest) else np.inf


@checked()
@lru_cache(maxsize=1024)
def provenance(config: TransformerConfig, key: str) -> tuple[str, ...]:
    """Return the keys of all sites from which one follows, back to the token ids, nearest first, without itself.

    Raises:
        UnknownSiteError: if there is no such site.
    """
    found = list(dict.fromkeys(find_formula(config, key).sites))
    known = set(found)
    for nearer in found:  # the list grows while it is walked, so that whatever is one step nearer comes first
        for site in all_formulas(config)[nearer].sites:
            if site not in known:
                known.add(site)
                found.append(site)
    return tuple(found)


def _stack(path: str, side: str, n_layers: int, config: TransformerConfig) -> list[Formula]:
    formulas: list[Formula] = []
    x = f"{side}.out"
    for i in range(n_layers):
        formulas += _layer(f"{path}.{i}", x, side, config)
        x = f"{path}.{i}.out"
    if config.norm_position == "pre":
        formulas += layer_norm_formulas(f"{path}.norm", x, config)
        x = f"{path}.norm.out"
    return [*formulas, copy_formula(f"{path}.out", "stack_out", x)]


def _layer(path: str, before: str, side: str, config: TransformerConfig) -> list[Formula]:
    """Post-norm reads x and norms the sum; pre-norm reads the normed x and adds onto x itself."""
    crosses = side == "tgt_embed" and config.has_cross_attention
    x, formulas = f"{path}.input", [copy_formula(f"{path}.input", "input", before)]
    for n, name in enumerate(("self_attn", *(["cross_attn"] if crosses else []), "ffn"), start=1):
        block, add, norm = f"{path}.{name}", f"{path}.add{n}", f"{path}.ln{n}"
        if config.norm_position == "pre":
            formulas += layer_norm_formulas(norm, x, config)
            formulas += _block(block, f"{norm}.out", side, config)
            formulas.append(add_formula(add, x, f"{block}.out"))
            x = add
        else:
            formulas += _block(block, x, side, config)
            formulas.append(add_formula(add, x, f"{block}.out"))
            formulas += layer_norm_formulas(norm, add, config)
            x = f"{norm}.out"
    return [*formulas, copy_formula(f"{path}.out", "layer_out", x)]


def _block(path: str, x: str, side: str, config: TransformerConfig) -> list[Formula]:
    if path.endswith("ffn"):
        return feed_forward_formulas(path, x, config)
    memory = "encoder.out" if path.endswith("cross_attn") else ""
    return attention_formulas(path, x, config, side=side, memory=memory)
