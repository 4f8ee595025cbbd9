"""Teacher forcing: the right words as input, all positions in one pass; and the same model on its own words beside it.

Letters: B batch, T target position, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from transformer_core.decoding.checks import (
    as_batch,
    check_count,
    checked_source,
    checked_words,
    to_array,
    without_padding,
)
from transformer_core.decoding.decode import decode
from transformer_core.decoding.reader import MakeListener
from transformer_core.decoding.records import Decoding, Forcing
from transformer_core.edits.parse import Edit
from transformer_core.glass.arguments import checked
from transformer_core.glass.capture import evaluating
from transformer_core.glass.errors import ArgumentError, ForcedWordsError
from transformer_core.glass.finite import check_logits
from transformer_core.glass.hooks import listening
from transformer_core.models.glass import Glass
from transformer_core.transformer.model import Transformer

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """One sentence twice: the right words as input, and the model's own words as input.

    Attributes:
        forced: the teacher-forced pass over the reference.
        own: the greedy decoding of the same source.
    """

    forced: Forcing
    own: Decoding

    @cached_property
    def words_part(self) -> int | None:
        """The first position where the model writes another word than the reference; None if there is none."""
        pairs = zip(self.own.ids, self.forced.ids, strict=False)
        return next((t for t, (own, right) in enumerate(pairs) if own != right), None)

    @property
    def inputs_part(self) -> int | None:
        """The first position where the two read different words: one behind `words_part`.

        None if all words agree, or if one of the two sentences ends with the word in which they differ, so that there
        is no later position in both.
        """
        if self.words_part is None or self.words_part + 1 >= min(len(self.own.ids), len(self.forced.ids)):
            return None
        return self.words_part + 1

    @cached_property
    def own_losses(self) -> Array:
        """The loss of the right word in the run on its own words: [T] of the reference, in nats.

        Up to `words_part` the two runs read the same, and these are the losses of `forced`; NaN behind the model's own
        end, where it says nothing any more.
        """
        return self.own.losses_of(self.forced.ids)


@checked("source")
@torch.inference_mode()
def teacher_forcing(
    model: Transformer,
    source: Tensor | None,
    targets: Sequence[Sequence[int]],
    *,
    edit: MakeListener | None = None,
) -> tuple[Forcing, ...]:
    """Return for each row what the model says at every position while it reads the right words, in one parallel pass.

    Every position but the first reads the word before it from the target itself (Williams & Zipser 1989), whatever the
    model would have written: the loss that training minimises (without label smoothing).

    Args:
        model: one that has a decoder.
        source: ids [B, S], padded on the right, as tensor, array or lists; None for a decoder-only model.
        targets: for each row the right ids without <s>, as a rule with </s>; they may differ in length.
        edit: makes the listener that edits the pass, as `Glass.listener` does; for one row.

    Raises:
        TargetError: if the model has no decoder, or a source is missing or too many.
        ForcedWordsError: if a target is empty, goes on behind </s>, or holds an id that is no word of the target.
        TextTooLongError: if a target is longer than the model can read.
        ArgumentError: if an argument is of another kind.
        ShapeError, UnknownIdError: if there are not as many targets as rows; for the source as in
            `Transformer.forward`.
        NotFiniteError: if the model says NaN or an infinity; the message names the value where the first one arose.
    """
    source = checked_source(model, source)
    words = [checked_words(model, "target", target) for target in targets]
    check_count("targets", len(words), len(words) if source is None else len(source))
    check_count("rows under edits", len(words), 1 if edit else len(words))
    config = model.config
    reads = [(config.bos_id, *ids[:-1]) for ids in words]
    width = max(len(read) for read in reads)
    padded = torch.tensor([[*read, *[config.pad_id] * (width - len(read))] for read in reads]).to(model.head.W.device)
    listener = None if edit is None else edit(source, padded)
    with evaluating(model), nullcontext() if listener is None else listening(listener):
        logits = model(source, padded, padded=False)  # [B, T, V]
    check_logits(logits, lambda: model(source, padded, padded=False), listener)
    said = to_array(logits)
    sources = [None] * len(words) if source is None else [without_padding(r, config.pad_id) for r in source.tolist()]
    return tuple(
        Forcing(source=ids, read=read, ids=right, logits=_read_only(rows[: len(right)].copy()))
        for ids, read, right, rows in zip(sources, reads, words, said, strict=True)
    )


@checked()
def compare(
    model: Transformer | Glass,
    source: str | Sequence[int] | None,
    target: str | Sequence[int],
    *,
    n_given: int = 0,
    edits: Sequence[Edit] = (),
) -> Comparison:
    """Return the teacher-forced pass over a reference beside the greedy decoding on the model's own words.

    Args:
        model: the network for ids, or a `Glass` for text or ids.
        source: what the encoder reads; None for a decoder-only model.
        target: the reference that is to be written.
        n_given: with how many words of the reference the model's own sentence is made to begin, too: the prompt of a
            decoder-only model.
        edits: under which both run; they need a `Glass`.

    Raises:
        EmptyTextError, TextTooLongError: if a text has no token, or more than the model takes.
        TargetError, ForcedWordsError: as in `teacher_forcing`.
    """
    network = model.model if isinstance(model, Glass) else model
    if isinstance(source, str):
        source = _glass(model).source_ids(source)
    if n_given < 0:
        raise ForcedWordsError(f"n_given must be at least 0, not {n_given}", n_given=n_given)
    right = _glass(model).target_ids(target) if isinstance(target, str) else list(target)
    batch = as_batch(network, source)
    edit = _glass(model).listener(edits) if edits else None
    forced = teacher_forcing(network, batch, [right], edit=edit)[0]
    own = decode(network, batch, prefixes=[right[:n_given]] if n_given else None, edit=edit)[0]
    return Comparison(forced=forced, own=own)


def _glass(model: Transformer | Glass) -> Glass:
    if not isinstance(model, Glass):
        raise ArgumentError(
            "text and edits need a Glass as model, which has the tokenizers; a Transformer takes ids",
            name="model",
            value="Transformer",
            wanted="Glass",
        )
    return model


def _read_only(array: Array) -> Array:
    array.flags.writeable = False
    return array
