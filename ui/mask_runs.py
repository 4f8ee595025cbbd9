"""Runs of the reader's sentence under another mask, each computed once, and the mask as edits for every page."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from figures.mask_leak import other_word
from transformer_core.edits.parse import Edit, MaskCells, WholeMask
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.trace import Trace
from transformer_core.studies.mask_effects import future_seen, with_masks
from ui.mask_choice import LAYERS, MASK, OWN, Mask, as_rows, cells
from ui.models import Asked, get_model, get_trace
from ui.view import View

Rows = tuple[str, ...]


@lru_cache(maxsize=16)
def masked_run(asked: Asked, paths: tuple[str, ...], mask: Rows) -> Trace:
    """Return the run of what was asked with another mask in some blocks; the untouched one if it is no other."""
    trace = get_trace(asked)
    if all(as_rows(trace[f"{path}.mask"]) == mask for path in paths):
        return trace
    source, read = ids_of(trace)
    return run_with_trace(
        get_model(asked.model).model,
        source,
        read,
        source_tokens=trace.source_tokens,
        target_tokens=trace.target_tokens,
        written_tokens=trace.written_tokens,
        written_ids=trace.written_ids,
        edit=with_masks(dict.fromkeys(paths, cells(mask))),
    )


@lru_cache(maxsize=32)
def future_of(asked: Asked, paths: tuple[str, ...], mask: Rows) -> tuple[str, float, float]:
    """Another last word, and how much it changes what is said before it, in the untouched run and under the mask."""
    trace, glass = get_trace(asked), get_model(asked.model)
    source, read = ids_of(trace)
    special = (trace.config.pad_id, trace.config.bos_id, trace.config.eos_id)
    other = other_word(trace["head.logits"][-2], (read[-1], *special))
    edits = (None, with_masks(dict.fromkeys(paths, cells(mask))))
    unseen, seen = (future_seen(glass.model, source, read, other, edit) for edit in edits)
    assert glass.target_tokenizer is not None
    return str(glass.target_tokenizer.pieces([other])[0]), unseen, seen


def paths_of(trace: Trace, view: View) -> tuple[str, ...]:
    """Return the blocks that get the mask: the chosen one, or the same of every layer."""
    if LAYERS.value == "one":
        return (view.path,)
    config = trace.config
    n = config.n_encoder_layers if view.stack == "encoder" else config.n_decoder_layers
    return tuple(f"{view.stack}.{i}.{view.block}" for i in range(n))


def ids_of(trace: Trace) -> tuple[list[int], list[int]]:
    """Return what the encoder and the decoder read."""
    return trace["src_embed.tokens"].tolist(), trace["tgt_embed.tokens"].tolist()


def as_edits(view: View, mask: Mask, natural: Mask) -> tuple[Edit, ...]:
    """Return the edits that lay the chosen mask over its blocks; none if it is the mask that they have anyway.

    Args:
        view: which block.
        mask: bool [Q, K].
        natural: the block's own mask, of the same shape.
    """
    if np.array_equal(mask, natural):
        return ()
    block, choice = f"{view.stack}.{'*' if LAYERS.value == 'all' else view.layer}.{view.block}", MASK.value
    if choice.preset in ("none", "padding"):
        return (WholeMask(block, "none"),)
    if choice.preset == "causal":
        return (WholeMask(block, "causal"),)
    if choice.preset == "window":
        return (WholeMask(block, "window", choice.width),)
    assert choice.preset == OWN
    changed = ((True, mask & ~natural), (False, natural & ~mask))
    return tuple(
        MaskCells(block, tuple((int(q), int(k)) for q, k in np.argwhere(where)), allowed)
        for allowed, where in changed
        if where.any()
    )
