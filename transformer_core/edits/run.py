"""Edits at work: the listener that carries them out, and a traced run under them with the facts about it.

Letters: B batch, S source position, T target position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from transformer_core.decoding.checks import as_batch
from transformer_core.edits.base import Edit, Run, position_axis
from transformer_core.edits.parse import breaks_causality, check_edits
from transformer_core.edits.values import Fill, Patch
from transformer_core.glass.arguments import as_array
from transformer_core.glass.capture import evaluating, run_with_trace
from transformer_core.glass.errors import ArgumentError, BlockedRowError, EditPositionError
from transformer_core.glass.hooks import listening
from transformer_core.glass.sites import find_site
from transformer_core.glass.trace import Trace
from transformer_core.transformer.model import Transformer

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
            self._kept |= set(edit.reads(run.config))
            for key in edit.keys(run.config):
                self._edits.setdefault(key, []).append(edit)
        self.keys = frozenset(self._edits) | self._kept

    def __call__(self, key: str, x: Tensor) -> Tensor:
        """Return what takes the place of `x`: `x` itself where nothing changes it."""
        if key not in self.keys:
            return x
        answer = x
        for edit in self._edits.get(key, ()):
            answer = edit.apply(key, answer, self._run)
        if answer is not x and torch.equal(answer, x):
            answer = x  # an edit that changes nothing is none
        if key in self._kept:
            self._earlier[key] = answer
        return answer


def as_listener(
    edits: Sequence[Edit],
    model: Transformer,
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
        model.config, earlier, values_of(model, source, target, frozen), _others(edits, model, source, target, encode)
    )
    return EditListener(edits, run, earlier)


class RowListener:
    """Edits every row of a batch with a listener of its own: many experiments in one pass.

    Values that all rows share (masks, positions) get the batch axis where one row changes them.
    """

    def __init__(self, rows: Sequence[EditListener]) -> None:
        self._rows = rows
        self._touched: dict[str, list[int]] = {}
        for row, listener in enumerate(rows):
            for key in listener.keys:
                self._touched.setdefault(key, []).append(row)

    def __call__(self, key: str, x: Tensor) -> Tensor:
        """Return `x` with the answer of each row's listener in its row."""
        if key not in self._touched:
            return x
        whole = x.expand(len(self._rows), *x.shape[1:]) if len(x) == 1 else x
        before = {row: whole[row : row + 1] for row in self._touched[key]}
        after = {row: self._rows[row](key, value) for row, value in before.items()}
        changed = {row: value for row, value in after.items() if value is not before[row]}
        if not changed:
            return x
        answer = whole.clone()
        for row, value in changed.items():
            answer[row : row + 1] = value
        return answer


@torch.inference_mode()
def values_of(
    model: Transformer, source: Tensor | None, target: Tensor | None, keys: Iterable[str]
) -> Mapping[str, Tensor]:
    """Return these values of an unedited pass, by key, with the batch axis; no pass is made for none."""
    wanted = frozenset(keys)
    values: dict[str, Tensor] = {}
    if not wanted:
        return values

    def keep(key: str, x: Tensor) -> Tensor:
        if key in wanted:
            values[key] = x
        return x

    with evaluating(model), listening(keep, copies=False):
        model(source, target, padded=False)
    return values


def _others(
    edits: Sequence[Edit], model: Transformer, source: Tensor | None, target: Tensor | None, encode: Encode | None
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
        ids = torch.tensor([list(encode(patch.source))], device=model.head.W.device)
        pair = (ids, target) if model.config.has_encoder else (None, ids)
        values = values_of(model, pair[0], pair[1], [patch.site])
        site, n_here = find_site(model.config, patch.site), {"source": source, "target": target}
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
    model: Transformer,
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
    check_edits(edits, model.config, {"source": len(source or ()), "target": len(target or ())})
    ids = as_batch(model, source), as_batch(model, target)
    trace = run_with_trace(model, source, target, edit=as_listener(edits, model, *ids, encode=encode), **labels)
    trace.edits = tuple(edit.to_text() for edit in edits)
    trace.breaks_causality = breaks_causality(edits, model.config, len(target or ()))
    trace.changed = tuple(
        _differs(model, ids, [*edits[:i], *edits[i + 1 :]], frozenset(edit.keys(model.config)), trace, encode)
        for i, edit in enumerate(edits)
    )
    return trace


def _differs(
    model: Transformer,
    ids: tuple[Tensor | None, Tensor | None],
    rest: Sequence[Edit],
    own: frozenset[str],
    trace: Trace,
    encode: Encode | None,
) -> bool:
    """Whether the run under the rest of the edits has another value than the trace, the left out one's own aside."""
    listener = as_listener(rest, model, *ids, encode=encode)
    found = False

    def compare(key: str, x: Tensor) -> Tensor:
        nonlocal found
        answer = listener(key, x)
        # Nothing follows the logits but the probabilities, which are worked out from them.
        if not found and (key not in own or key == "head.logits"):
            found = not np.array_equal(as_array(answer[0]), trace[key])
        return answer

    try:
        with evaluating(model), torch.inference_mode(), listening(compare):
            model(*ids, padded=False)
    except BlockedRowError:
        return True
    return found
