"""Edits at work: the listeners that carry them out in a pass, and the values of other runs that they copy.

Letters: B batch, S source position, T target position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from transformer_core.edits.base import Edit, Run
from transformer_core.edits.errors import EditPositionError
from transformer_core.edits.values import Fill, Patch
from transformer_core.glass.capture import Traceable, as_batch, evaluating
from transformer_core.glass.errors import ArgumentError
from transformer_core.glass.hooks import hearing
from transformer_core.glass.keeping import Keep
from transformer_core.glass.sites import find_site, position_axis

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
    plain, others = values_of(model, source, target, frozen), _others(edits, model, source, target, encode)
    run = Run(model.plan, earlier, plain, others, parameters=model.parameters_by_name())
    return EditListener(edits, run, earlier)


@torch.inference_mode()
def values_of(
    model: Traceable, source: Tensor | None, target: Tensor | None, keys: Iterable[str]
) -> Mapping[str, Tensor]:
    """Return these values of an unedited pass, by key, with the batch axis; no pass is made for none."""
    wanted, keep = frozenset(keys), Keep()
    if not wanted:
        return {}

    def hear(key: str, x: Tensor, *row: int) -> Tensor:
        return keep.hear(key, x, *row) if key in wanted else x

    with evaluating(model), hearing(hear):
        model.pass_over(**passed(source, target))
    return keep.whole(model.plan)


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


def passed(source: Tensor | None, target: Tensor | None) -> dict[str, Tensor]:
    """Return what a model is called with."""
    return {name: ids for name, ids in (("source", source), ("target", target)) if ids is not None}
