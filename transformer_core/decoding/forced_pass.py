"""Teacher forcing: the right words as input, all positions in one pass.

Letters: B batch, T target position, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from transformer_core.decoding.checks import (
    check_count,
    checked_source,
    checked_start,
    checked_words,
    without_padding,
)
from transformer_core.decoding.reader import MakeListener
from transformer_core.decoding.records import Forcing
from transformer_core.glass.arrays import as_array
from transformer_core.glass.capture import evaluating
from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.guards.finite import check_logits
from transformer_core.glass.hooks import listening
from transformer_core.glass.model import LanguageModel

Array = NDArray[Any]


@checked("source")
@torch.inference_mode()
def teacher_forcing(
    model: LanguageModel,
    source: Tensor | None,
    targets: Sequence[Sequence[int]],
    *,
    start: Sequence[int] | None = None,
    edit: MakeListener | None = None,
) -> tuple[Forcing, ...]:
    """Return for each row what the model says at every position while it reads the right words, in one parallel pass.

    Every position but the first reads the word before it from the target itself (Williams & Zipser 1989), whatever the
    model would have written: the loss that training minimises (without label smoothing).

    Args:
        model: one that has a decoder.
        source: ids [B, S], padded on the right, as tensor, array or lists; None for a decoder-only model.
        targets: for each row the right ids without `start`, as a rule with </s>; they may differ in length.
        start: the signs that the decoder reads in front: <s> by default. Without any, the first id of a target is only
            read, and the record begins with the second.
        edit: makes the listener that edits the pass, as `Glass.listener` does; for one row.

    Raises:
        AbilityError: if the model does not write.
        TargetError: if a source is missing or too many.
        ForcedWordsError: if a target is empty, goes on behind </s>, or holds an id that is no word of the target.
        TextTooLongError: if a target is longer than the model can read.
        ArgumentError: if an argument is of another kind.
        ShapeError, UnknownIdError: if there are not as many targets as rows; for the source as in
            `Transformer.forward`.
        NotFiniteError: if the model says NaN or an infinity; the message names the value where the first one arose.
    """
    source = checked_source(model, source)
    config, signs = model.config, checked_start(model, start)
    whole = [(*signs, *checked_words(model, "target", target, len(signs))) for target in targets]
    check_count("targets", len(whole), len(whole) if source is None else len(source))
    check_count("rows under edits", len(whole), 1 if edit else len(whole))
    reads, words = [ids[:-1] for ids in whole], [ids[1:] for ids in whole]
    width = max(len(read) for read in reads)
    padded = torch.tensor([[*read, *[config.pad_id] * (width - len(read))] for read in reads]).to(model.device)
    listener = None if edit is None else edit(source, padded)
    with evaluating(model), nullcontext() if listener is None else listening(listener):
        logits = model(source, padded, padded=False)  # [B, T, V]
    check_logits(model.plan, logits, lambda: model(source, padded, padded=False), listener)
    said = as_array(logits)
    sources = [None] * len(whole) if source is None else [without_padding(r, config.pad_id) for r in source.tolist()]
    return tuple(
        Forcing(source=ids, read=read, ids=right, logits=_read_only(rows[: len(right)].copy()), never=config.never)
        for ids, read, right, rows in zip(sources, reads, words, said, strict=True)
    )


def _read_only(array: Array) -> Array:
    array.flags.writeable = False
    return array
