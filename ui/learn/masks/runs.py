"""Runs of the reader's sentence under another mask, each computed once, and the mask as edits for every page."""

from __future__ import annotations

import numpy as np

from figures.learn.mask_leak import other_word
from transformer_core.edits.base import in_all_layers
from transformer_core.edits.parse import Edit, MaskCells, WholeMask
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_of, logits_key, written_list
from transformer_core.studies.mask_effects import future_seen, with_masks
from ui.learn.masks.choice import LAYERS, MASK, OWN, Mask, as_rows, cells
from ui.state.models import Asked, get_model, get_trace, kept_trace, word_of
from ui.state.session import path_of
from ui.state.shared.kept import kept_with_run
from ui.state.view import View, block_of

Rows = tuple[str, ...]


def masked_run(asked: Asked, paths: tuple[str, ...], mask: Rows) -> Trace:
    """Return the run of what was asked with another mask in some blocks; the untouched one if it is no other."""
    trace = get_trace(asked)
    if all(as_rows(trace[f"{path}.mask"]) == mask for path in paths):
        return trace

    def run() -> Trace:
        source, read = ids_of(trace)
        edit = with_masks(dict.fromkeys(paths, cells(mask)))
        return run_with_trace(get_model(asked.model).model, source, read, words=trace.words, edit=edit)

    return kept_trace(("masks", asked, paths, mask), asked, run)


@kept_with_run
def future_of(asked: Asked, paths: tuple[str, ...], mask: Rows) -> tuple[str, float, float]:
    """Another last word, and how much it changes what is said before it, in the untouched run and under the mask."""
    trace, glass = get_trace(asked), get_model(asked.model)
    source, read = ids_of(trace)
    written = written_list(trace.plan)
    assert written is not None
    assert read is not None
    other = other_word(trace[logits_key(trace.plan)][-2], (read[-1], *written.special))
    edits = (None, with_masks(dict.fromkeys(paths, cells(mask))))
    unseen, seen = (future_seen(glass.model, source, read, other, edit) for edit in edits)
    return word_of(asked.model)(other).text, unseen, seen


def paths_of(trace: Trace, view: View) -> tuple[str, ...]:
    """Return the blocks that get the mask: the chosen one, or the same of every layer."""
    if LAYERS.value == "one":
        return (path_of(view),)
    return tuple(block.path for block in attention_of(trace.plan, view.stack, view.block))


def ids_of(trace: Trace) -> tuple[list[int] | None, list[int] | None]:
    """Return what the encoder and the decoder read; None for one that is not there."""
    read = {one.name: trace[one.tokens].tolist() for one in trace.plan.word_lists}
    return read.get("source"), read.get("target")


def as_edits(view: View, mask: Mask, natural: Mask) -> tuple[Edit, ...]:
    """Return the edits that lay the chosen mask over its blocks; none if it is the mask that they have anyway.

    Args:
        view: which block.
        mask: bool [Q, K].
        natural: the block's own mask, of the same shape.
    """
    if np.array_equal(mask, natural):
        return ()
    here, choice = block_of(get_model(view.model).plan, view), MASK.value
    block = in_all_layers(here) if LAYERS.value == "all" else here.path
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
