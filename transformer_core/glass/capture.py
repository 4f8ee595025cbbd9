"""Run a model and keep every value it computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from transformer_core.glass.errors import ArgumentError, ModelChangedError, ShapeError
from transformer_core.glass.files.weights import weights_of
from transformer_core.glass.guards.arguments import checked, shown
from transformer_core.glass.guards.finite import all_finite, refuse_not_finite
from transformer_core.glass.guards.threads import few_threads
from transformer_core.glass.hooks import Listener, hearing, on_copies
from transformer_core.glass.keeping import Keep, Sparing, WithoutBatch
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import spared_keys, written_keys
from transformer_core.glass.trace import Trace
from transformer_core.glass.words import Words, as_words


class Traceable(Protocol):
    """A module that describes itself, and is called with the ids of each word list by its name."""

    plan: Plan
    training: bool

    def pass_over(self, **ids: Tensor) -> Tensor:
        """Read one text of each word list, pass every hook point once, or once a row, and return what is said."""

    def parameters_by_name(self) -> Mapping[str, nn.Parameter]:
        """Return the parameters under the names that the plan gives them."""

    def eval(self) -> Any:
        """Switch dropout off."""

    def train(self) -> Any:
        """Switch dropout on."""


@checked("model")
def run_with_trace(
    model: Traceable,
    source: Sequence[int] | None = None,
    target: Sequence[int] | None = None,
    *,
    source_tokens: Sequence[str] = (),
    target_tokens: Sequence[str] = (),
    written_tokens: Sequence[str] = (),
    written_ids: Sequence[int] = (),
    words: Mapping[str, Words] | None = None,
    edit: Listener | None = None,
) -> Trace:
    """Return every value of one pass over one sentence (pair), dropout off.

    Args:
        model: any model that describes itself by a plan; whether it is in training mode makes no difference.
        source: ids the encoder reads; None without an encoder.
        target: ids the decoder reads, <s> first; None without a decoder.
        source_tokens, target_tokens, written_tokens: strings that label the positions; the ids by default.
        written_ids: what each position of the list that is written writes.
        words: the words of each list, in place of the four above.
        edit: a listener that may replace values, or write into them; later values follow, and `Trace.edited` names
            what it changed.

    Raises:
        ArgumentError: if an argument is of another kind.
        TargetError: if a side is given that the model lacks, or missing that it needs.
        UnknownIdError: if an id is no word of its side.
        ShapeError: if the source has padding before words, or the target begins with it; if there are no ids, more than
            max_length, or not as many labels as ids; if an edit has another shape than what it replaces.
        ListenerError: if the edit returns no tensor.
        NotFiniteError: if the logits hold NaN or an infinity; the message names the value where the first one arose.
        RowError: if the model passes a hook point twice without saying at which row.
        ModelChangedError: if the pass does not compute the values that the model's plan says.
    """
    if not isinstance(getattr(model, "plan", None), Plan):
        raise ArgumentError(
            f"model must be a Transformer, not {shown(model)}", name="model", value=shown(model), wanted="a Transformer"
        )
    ids = {name: list(one) for name, one in (("source", source), ("target", target)) if one is not None}
    if words is None:
        words = _Labels(model.plan, ids, source_tokens, target_tokens, written_tokens, written_ids)
    spared = spared_keys(model.plan)
    keep = Sparing(spared) if spared else Keep()
    listener: Listener = keep.hear
    weights = None
    if edit is not None:  # it might write into the weights: what they are is noted before the pass
        listener, weights = keep.editing(on_copies(edit)), weights_of(model)
    batches = {name: as_batch(one) for name, one in ids.items()}
    with evaluating(model), torch.inference_mode(), hearing(listener):
        said = model.pass_over(**batches)
        finite = all_finite(said)
    _check_order(keep.values, written_keys(model.plan))
    values = keep.whole(model.plan)
    weights = weights or weights_of(model)  # behind the pass, when the parameters have just been in use
    trace = Trace(model.plan, WithoutBatch(values), parameters=weights, words=words, edited=tuple(keep.edited))
    if not finite:  # whatever arises on the way and is no number ends here; then look for where
        for key in keep.values:
            refuse_not_finite(model.plan, key, values[key] if key in values else torch.tensor(trace[key])[None])
    return trace


def _check_order(values: Mapping[str, Tensor], keys: tuple[str, ...]) -> None:
    if tuple(values) != keys:
        wrong = sorted(set(values) ^ set(keys))
        raise ModelChangedError(
            f"the pass and the model's plan disagree about {', '.join(wrong[:3]) or 'the order of the values'}: the "
            "model is not what it says of itself",
            name=wrong[0] if wrong else "",
        )


def as_batch(ids: Sequence[int]) -> Tensor:
    """Return ids as a batch of one row; the model itself moves it to where it computes."""
    return torch.from_numpy(np.array([ids], dtype=np.int64))  # a third of the time of torch's own way from a list


@contextmanager
def evaluating(model: Traceable) -> Iterator[None]:
    """Let the model run with dropout off, a small one on one thread, until the block ends; then all is as it was."""
    # Only a model in training is touched: switching modes walks over every module, and other threads may share it.
    was_training = model.training
    if was_training:
        model.eval()
    try:
        with few_threads(dict(model.plan.axes).get("D", 0)):
            yield
    finally:
        if was_training:
            model.train()


class _Labels(Mapping[str, Words]):
    """The words that label a run, made of what was handed over when they are first read: not all runs are shown."""

    def __init__(
        self,
        plan: Plan,
        ids: Mapping[str, Sequence[int]],
        source_tokens: Sequence[str],
        target_tokens: Sequence[str],
        written_tokens: Sequence[str],
        written_ids: Sequence[int],
    ) -> None:
        self._plan, self._ids, self._labels = plan, ids, {"source": source_tokens, "target": target_tokens}
        self._tokens, self._written_ids = written_tokens, written_ids
        if any(map(len, (source_tokens, target_tokens, written_tokens, written_ids))):
            written = next((one.name for one in plan.word_lists if one.written), "")
            for name, given in (*self._labels.items(), (written, written_tokens), (written, written_ids)):
                _check_labels(len(ids.get(name, ())), given)

    @cached_property
    def _words(self) -> dict[str, Words]:
        return {name: self._words_of(name) for name in self._ids}

    def _words_of(self, name: str) -> Words:
        ids, one = self._ids[name], next((one for one in self._plan.word_lists if one.name == name), None)
        special = () if one is None else one.special
        read = as_words(self._labels.get(name) or [str(i) for i in ids], [i in special for i in ids])
        if one is None or not one.written:
            return Words(read)
        flags = [i in special for i in self._written_ids] or [False] * len(self._tokens)
        return Words(read, as_words(self._tokens, flags) if self._tokens else (), tuple(self._written_ids))

    def __getitem__(self, name: str) -> Words:
        return self._words[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)

    def __repr__(self) -> str:
        return repr(self._words)


def _check_labels(n_ids: int, labels: Sequence[object]) -> None:
    if len(labels) not in (0, n_ids):
        raise ShapeError(f"{len(labels)} labels for {n_ids} ids", labels=len(labels), ids=n_ids)
