"""Run a model and keep every value it computes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from transformer_core.errors import ShapeError
from transformer_core.hooks import Listener, listening
from transformer_core.model import Transformer
from transformer_core.sites import all_sites
from transformer_core.trace import Trace


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
        edit: a listener that may replace values; later values follow, and `Trace.edited` names what it replaced.

    Raises:
        TargetError: if a side is given that the model lacks, or missing that it needs.
        ShapeError: if there are no ids, more than max_length, or not as many labels as ids.
    """
    values: dict[str, Tensor] = {}
    edited: dict[str, None] = {}

    def keep(key: str, x: Tensor) -> Tensor:
        answer = x if edit is None else edit(key, x)
        if answer is not x:
            edited[key] = None
        values[key] = answer[0]
        return answer

    with _evaluating(model), torch.inference_mode(), listening(keep):
        model(_as_batch(model, source), _as_batch(model, target))
    wanted = [site.key for site in all_sites(model.config) if not site.derived]
    assert list(values) == wanted, "the pass and sites.py disagree"
    return Trace(
        model.config,
        values,
        parameters=dict(model.named_parameters(remove_duplicate=False)),
        source_tokens=_labels(source, source_tokens),
        target_tokens=_labels(target, target_tokens),
        written_tokens=tuple(written_tokens),
        written_ids=tuple(written_ids),
        edited=tuple(edited),
    )


@contextmanager
def _evaluating(model: Transformer) -> Iterator[None]:
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
    device = next(model.parameters()).device
    return torch.tensor([list(ids)], dtype=torch.long, device=device)


def _labels(ids: Sequence[int] | None, tokens: Sequence[str]) -> tuple[str, ...]:
    if ids is None:
        return ()
    if tokens and len(tokens) != len(ids):
        raise ShapeError(f"{len(tokens)} labels for {len(ids)} ids", labels=len(tokens), ids=len(ids))
    return tuple(tokens) or tuple(str(i) for i in ids)
