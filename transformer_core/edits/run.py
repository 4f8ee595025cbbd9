"""Edits at work: the listener that carries them out, and a traced run under them with the facts about it.

Letters: B batch, S source position, T target position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from transformer_core.edits.base import Edit, Run
from transformer_core.edits.errors import EditPositionError
from transformer_core.edits.parse import breaks_causality, check_edits
from transformer_core.edits.values import Fill, Patch
from transformer_core.glass.capture import Traceable, as_batch, evaluating, run_with_trace
from transformer_core.glass.compare import same_but_for_rounding
from transformer_core.glass.errors import ArgumentError, BlockedRowError
from transformer_core.glass.guards.arguments import as_array
from transformer_core.glass.hooks import hearing, listening
from transformer_core.glass.sites import find_site, position_axis, spared_keys, written_keys
from transformer_core.glass.trace import Trace

Encode = Callable[[str], Sequence[int]]
"""From a text to the ids that the model reads: the encoder's, or, without one, the decoder's."""


class EditListener:
    """Carries out edits in one run, in the order in which the values are computed; of one value, in their own order.

    It belongs to one run: it keeps the earlier values that its edits read.

    Attributes:
        keys: of the sites that it changes or reads.
    """

    def __init__(self, edits: Iterable[Edit], run: Run, earlier: dict[str, Tensor]) -> None:
        self._run, self._earlier = run, earlier
        self._edits: dict[str, list[Edit]] = {}
        self._kept: set[str] = set()
        for edit in edits:
            self._kept |= set(edit.reads(run.plan))
            for key in edit.keys(run.plan):
                self._edits.setdefault(key, []).append(edit)
        self.keys = frozenset(self._edits) | self._kept

    def __call__(self, key: str, x: Tensor, row: int | None = None) -> Tensor:
        """Return what takes the place of `x`: `x` itself where nothing changes it."""
        if key not in self.keys:
            return x
        run, value = self._run, x
        if row is not None:  # edits count positions, so that the one row gets its axis for them
            axis = position_axis(find_site(run.plan, key)) + 1
            run, value = replace(run, row=row), x.unsqueeze(axis)
        answer = value
        for edit in self._edits.get(key, ()):
            answer = edit.apply(key, answer, run)
        if answer is not value and torch.equal(answer, value):
            answer = value  # an edit that changes nothing is none
        if key in self._kept:
            self._earlier[key] = answer
        if answer is value:
            return x
        return answer if row is None else answer.squeeze(axis)


def as_listener(
    edits: Sequence[Edit],
    model: Traceable,
    source: Tensor | None,
    target: Tensor | None,
    *,
    encode: Encode | None = None,
) -> EditListener:
    """Return the listener that edits one pass of `model(source, target)`.

    What a frozen or patched value is taken from, the unedited run and those of other sentences, is computed here.

    Args:
        edits: in any order across sites; at one site they act one after the other.
        model: whose pass will be edited, in eval mode.
        source: ids [B, S], without padding; None without an encoder.
        target: ids [B, T] that the decoder reads; None without a decoder.
        encode: reads the sentence of a `Patch`, which needs it.
    """
    frozen = {edit.site for edit in edits if isinstance(edit, Fill) and edit.how == "freeze"}
    earlier: dict[str, Tensor] = {}
    run = Run(
        model.plan, earlier, values_of(model, source, target, frozen), _others(edits, model, source, target, encode)
    )
    return EditListener(edits, run, earlier)


class BatchListener:
    """Edits every entry of a batch with a listener of its own: many experiments in one pass.

    Values that all entries share (masks, positions) get the batch axis where one entry changes them.
    """

    def __init__(self, listeners: Sequence[EditListener | None]) -> None:
        self._listeners = listeners
        self._touched: dict[str, list[int]] = {}
        for entry, listener in enumerate(listeners):
            for key in () if listener is None else listener.keys:
                self._touched.setdefault(key, []).append(entry)

    def __call__(self, key: str, x: Tensor, *row: int) -> Tensor:
        """Return `x` with the answer of each entry's listener in its place."""
        if key not in self._touched:
            return x
        whole = x.expand(len(self._listeners), *x.shape[1:]) if len(x) == 1 else x
        answer: Tensor | None = None
        for entry in self._touched[key]:
            listener, before = self._listeners[entry], whole[entry : entry + 1]
            assert listener is not None
            after = listener(key, before, *row)
            if after is not before:
                answer = whole.clone() if answer is None else answer
                answer[entry : entry + 1] = after
        return x if answer is None else answer


@torch.inference_mode()
def values_of(
    model: Traceable, source: Tensor | None, target: Tensor | None, keys: Iterable[str]
) -> Mapping[str, Tensor]:
    """Return these values of an unedited pass, by key, with the batch axis; no pass is made for none."""
    wanted = frozenset(keys)
    values: dict[str, Tensor] = {}
    if not wanted:
        return values

    def keep(key: str, x: Tensor, row: int | None = None) -> Tensor:
        if key in wanted and row is None:
            values[key] = x
        elif key in wanted:
            axis = position_axis(find_site(model.plan, key)) + 1
            x_row = x.unsqueeze(axis)
            values[key] = torch.cat((values[key], x_row), dim=axis) if row else x_row
        return x

    with evaluating(model), hearing(keep):
        model.pass_over(**_given(source, target))
    return values


def _others(
    edits: Sequence[Edit], model: Traceable, source: Tensor | None, target: Tensor | None, encode: Encode | None
) -> Mapping[str, Mapping[str, Tensor]]:
    """The values that patches copy, by sentence and key; the other run reads the same target, if it has one."""
    found: dict[str, dict[str, Tensor]] = {}
    for patch in edits:
        if not isinstance(patch, Patch):
            continue
        if encode is None:
            raise ArgumentError(
                "a patch names a sentence: it needs a Glass, which has the tokenizers, or encode",
                name="encode",
                value="None",
                wanted="a function",
            )
        ids = as_batch(encode(patch.source))
        pair = (ids, target) if source is not None else (None, ids)
        values = values_of(model, pair[0], pair[1], [patch.site])
        site, n_here = find_site(model.plan, patch.site), {"source": source, "target": target}
        axis = position_axis(site)
        here, there = n_here[str(site.sides[axis])], values[patch.site].shape[axis + 1]
        assert here is not None
        missing = [p for p in patch.positions or range(here.shape[1]) if there <= p < here.shape[1]]
        if missing:
            raise EditPositionError(
                f"{patch.to_text()} copies position {missing[0]}, and the other sentence has {there}: 0 to {there - 1}",
                edit=patch.to_text(),
                position=missing[0],
                side=site.sides[axis],
                last=there - 1,
            )
        found.setdefault(patch.source, {}).update(values)
    return found


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
            model.pass_over(**_given(*ids))
    except BlockedRowError:
        return True
    return found


def _given(source: Tensor | None, target: Tensor | None) -> dict[str, Tensor]:
    """What a model is called with."""
    return {name: ids for name, ids in (("source", source), ("target", target)) if ids is not None}
