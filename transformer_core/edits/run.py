"""A traced run under edits, with what is to be known of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from transformer_core.edits.base import Edit
from transformer_core.edits.listeners import Encode, as_listener, passed
from transformer_core.edits.parse import breaks_causality, check_edits
from transformer_core.glass.arrays import as_array
from transformer_core.glass.capture import Traceable, as_batch, evaluating, run_with_trace
from transformer_core.glass.compare import same_but_for_rounding
from transformer_core.glass.errors import BlockedRowError
from transformer_core.glass.hooks import listening
from transformer_core.glass.sites import find_site, position_axis, spared_keys, written_keys
from transformer_core.glass.trace import Trace


def run_with_edits(
    model: Traceable,
    source: Sequence[int] | None,
    target: Sequence[int] | None,
    edits: Sequence[Edit],
    *,
    encode: Encode | None = None,
    **labels: Any,
) -> Trace:
    """Return every value of one pass under edits, with what is to be known of them.

    Without edits it is `run_with_trace`, bit for bit. `Trace.edits` names them, `Trace.changed` says of each whether
    anything behind it would be another without it, and `Trace.breaks_causality` whether a decoder row can depend on a
    later one.

    Args:
        model, source, target: as in `run_with_trace`.
        edits: in any order across sites; at one site they act one after the other.
        encode: reads the sentence of a `Patch`, which needs it.
        labels: the tokens of `run_with_trace`.

    Raises:
        BlockedRowError: if the edited mask blocks a whole row.
        GlassformerError: as in `edits.check_edits` and `run_with_trace`.
    """
    if not edits:
        return run_with_trace(model, source, target, **labels)
    check_edits(edits, model.plan, {"source": len(source or ()), "target": len(target or ())})
    ids = (None if source is None else as_batch(source)), (None if target is None else as_batch(target))
    trace = run_with_trace(model, source, target, edit=as_listener(edits, model, *ids, encode=encode), **labels)
    changed = tuple(
        _differs(model, ids, [*edits[:i], *edits[i + 1 :]], frozenset(edit.keys(model.plan)), trace, encode)
        for i, edit in enumerate(edits)
    )
    broken = breaks_causality(edits, model.plan, len(target or ()))
    return trace.under(tuple(edit.to_text() for edit in edits), changed, breaks_causality=broken)


def _differs(
    model: Traceable,
    ids: tuple[Tensor | None, Tensor | None],
    rest: Sequence[Edit],
    own: frozenset[str],
    trace: Trace,
    encode: Encode | None,
) -> bool:
    """Whether the run under the rest of the edits has another value than the trace, the left out one's own aside."""
    listener = as_listener(rest, model, *ids, encode=encode)
    found = False

    # Nothing follows what is written last but derived values, which are worked out from it.
    last = written_keys(model.plan)[-1]
    # What a trace spares follows from what it keeps, but for what the edit changed in the same block.
    edited = {find_site(model.plan, key).block.path for key in own}
    spared = {
        key
        for key in spared_keys(model.plan)
        if trace.derives(key) and find_site(model.plan, key).block.path not in edited
    }
    skipped = own - {last} | spared

    def compare(key: str, x: Tensor, *row: int) -> Tensor:
        nonlocal found
        answer = listener(key, x, *row)
        if not found and key not in skipped:
            there = trace[key] if not row else trace[key].take(row[0], position_axis(find_site(model.plan, key)))
            found = not (same_but_for_rounding if trace.derives(key) else np.array_equal)(as_array(answer[0]), there)
        return answer

    try:
        with evaluating(model), torch.inference_mode(), listening(compare):
            model.pass_over(**passed(*ids))
    except BlockedRowError:
        return True
    return found
