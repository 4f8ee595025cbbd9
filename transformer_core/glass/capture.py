"""Run a model and keep every value it computes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from transformer_core.glass.errors import ModelChangedError, ShapeError
from transformer_core.glass.finite import all_finite, refuse_not_finite
from transformer_core.glass.hooks import Listener, listening, on_copies
from transformer_core.glass.sites import written_keys
from transformer_core.glass.trace import Trace
from transformer_core.glass.weights import weights_of
from transformer_core.transformer.model import Transformer


def run_with_trace(
    model: Transformer,
    source: Sequence[int] | None = None,
    target: Sequence[int] | None = None,
    *,
    source_tokens: Sequence[str] = (),
    target_tokens: Sequence[str] = (),
    written_tokens: Sequence[str] = (),
    written_ids: Sequence[int] = (),
    edit: Listener | None = None,
) -> Trace:
    """Return every value of one pass over one sentence (pair), dropout off.

    Args:
        model: any `Transformer`; whether it is in training mode makes no difference.
        source: ids the encoder reads; None without an encoder.
        target: ids the decoder reads, <s> first; None without a decoder.
        source_tokens, target_tokens, written_tokens: strings that label the positions; the ids by default.
        written_ids: what each decoder row writes.
        edit: a listener that may replace values, or write into them; later values follow, and `Trace.edited` names
            what it changed.

    Raises:
        TargetError: if a side is given that the model lacks, or missing that it needs.
        ShapeError: if there are no ids, more than max_length, or not as many labels as ids; if an edit has another
            shape than what it replaces.
        ListenerError: if the edit returns no tensor.
        NotFiniteError: if the logits hold NaN or an infinity; the message names the value where the first one arose.
        ModelChangedError: if the pass does not compute the values that the model's config says.
    """
    values: dict[str, Tensor] = {}
    edited: dict[str, None] = {}

    keep: Listener = values.setdefault  # a dict's own method: it keeps what it is given, and returns it

    def keep_edited(key: str, x: Tensor) -> Tensor:
        answer = change(key, x)
        if answer.shape != x.shape:  # it might be spread over the other axis without a word
            raise ShapeError(
                f"the edit of {key} has shape {tuple(answer.shape)}, and the value it replaces has {tuple(x.shape)}",
                key=key,
                found=tuple(answer.shape),
                wanted=tuple(x.shape),
            )
        if answer is not x:
            edited[key] = None
        return keep(key, answer)

    for written in (written_tokens, written_ids):
        _check_labels(target, written)
    listener, weights = keep, None
    if edit is not None:  # it might write into the weights: what they are is noted before the pass
        change, listener, weights = on_copies(edit), keep_edited, weights_of(model)
    with evaluating(model), torch.inference_mode(), listening(listener, copies=False):
        logits = model(_as_batch(model, source), _as_batch(model, target))
    _check_values(values, written_keys(model.config), logits)
    return Trace(
        model.config,
        _WithoutBatch(values),
        parameters=weights or weights_of(model),  # behind the pass, when the parameters have just been in use
        source_tokens=_labels(source, source_tokens),
        target_tokens=_labels(target, target_tokens),
        written_tokens=tuple(written_tokens),
        written_ids=tuple(written_ids),
        edited=tuple(edited),
    )


def _check_values(values: Mapping[str, Tensor], keys: tuple[str, ...], logits: Tensor) -> None:
    if tuple(values) != keys:
        wrong = sorted(set(values) ^ set(keys))
        raise ModelChangedError(
            f"the pass and the model's config disagree about {', '.join(wrong[:3]) or 'the order of the values'}: the "
            "model is not what its config says",
            name=wrong[0] if wrong else "",
        )
    if not all_finite(logits):  # whatever arises on the way and is no number ends here; then look for where
        for key, value in values.items():
            refuse_not_finite(key, value)


class _WithoutBatch(Mapping[str, Tensor]):
    """The values of one sentence, each without its batch axis when it is read: all at once is a tenth of the pass."""

    def __init__(self, values: Mapping[str, Tensor]) -> None:
        self._values = values

    def __getitem__(self, key: str) -> Tensor:
        return self._values[key][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


@contextmanager
def evaluating(model: Transformer) -> Iterator[None]:
    """Let the model run with dropout off until the block ends, and leave it in the mode it was in."""
    # Only a model in training is touched: switching modes walks over every module, and other threads may share it.
    was_training = model.training
    if was_training:
        model.eval()
    try:
        yield
    finally:
        if was_training:
            model.train()


def _as_batch(model: Transformer, ids: Sequence[int] | None) -> Tensor | None:
    if ids is None:
        return None
    return torch.tensor([list(ids)], dtype=torch.long, device=model.head.W.device)


def _labels(ids: Sequence[int] | None, tokens: Sequence[str]) -> tuple[str, ...]:
    _check_labels(ids, tokens)
    return tuple(tokens) or tuple(str(i) for i in ids or ())


def _check_labels(ids: Sequence[int] | None, labels: Sequence[object]) -> None:
    n_ids = 0 if ids is None else len(ids)
    if len(labels) not in (0, n_ids):
        raise ShapeError(f"{len(labels)} labels for {n_ids} ids", labels=len(labels), ids=n_ids)
