"""How much does a head matter? The loss of the right words, and the words themselves, with this head alone off.

A head is off when its z is zero: nothing of it reaches W_O (Michel et al. 2019, section 2). All heads go through the
model together: each row of a batch is the same sentence without another head.

Letters: N head of any block, T target position, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from transformer_core.decoding.checks import as_batch, checked_source, checked_start, checked_words
from transformer_core.decoding.decode import greedy
from transformer_core.edits.attention import SwitchOff
from transformer_core.edits.base import Run
from transformer_core.edits.listeners import BatchListener, EditListener
from transformer_core.glass.arrays import as_array
from transformer_core.glass.capture import evaluating
from transformer_core.glass.errors import ShapeError
from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.hooks import Listener, hearing
from transformer_core.glass.model import LanguageModel
from transformer_core.glass.plan import Plan
from transformer_core.studies.heads.head_table import Head, all_heads

Array = NDArray[Any]
Progress = Callable[[int, int], None]
"""Called after every batch with how many of its rows are done, and how many there are; what it raises ends the work."""

AT_ONCE = 48  # rows of a batch


@dataclass(frozen=True, eq=False, kw_only=True)
class HeadImportance:
    """What one sentence loses with each head.

    Attributes:
        heads: N of them, in the order of computation.
        plain_losses: of every right word, nothing switched off, in nats: [T].
        losses: the same without each head: [N, T].
        plain_best: the most probable word at every position, the right words read: [T].
        best: the same without each head: [N, T].
    """

    heads: tuple[Head, ...]
    plain_losses: Array
    losses: Array
    plain_best: Array
    best: Array

    @cached_property
    def change(self) -> Array:
        """How much larger the mean loss of a word is without each head, in nats: [N]; negative where it is smaller."""
        mean: Array = self.losses.mean(axis=1) - self.plain_losses.mean()
        return mean

    @cached_property
    def words_change(self) -> Array:
        """Whether another word is the most probable one at some position, the given words read: bool [N]."""
        changed: Array = (self.best != self.plain_best).any(axis=1)
        return changed


@dataclass(frozen=True, eq=False, kw_only=True)
class Spread:
    """What a set of sentences loses with each head.

    Attributes:
        heads: N of them.
        n: how many sentences there are.
        mean: over the sentences, of the change of each sentence's mean loss: [N].
        std: how far the sentences lie apart (the standard deviation, n - 1 in the denominator; NaN for one): [N].
        n_changed: in how many of them another word becomes the most probable one somewhere: [N].
    """

    heads: tuple[Head, ...]
    n: int
    mean: Array
    std: Array
    n_changed: Array


@checked()
@torch.inference_mode()
def head_importance(
    model: LanguageModel,
    source: Sequence[int] | None,
    target: Sequence[int],
    *,
    start: Sequence[int] | None = None,
    at_once: int = AT_ONCE,
    progress: Progress | None = None,
) -> HeadImportance:
    """Return what a sentence loses with each head, the right words given at every position (teacher forcing).

    Args:
        model: one that writes.
        source: what the encoder reads; None for a decoder-only model.
        target: the right words without `start`, as a rule with </s>.
        start: the signs that the decoder reads in front: <s> by default.
        at_once: rows of a batch; it changes the memory that is used, and nothing else.
        progress: told of every batch.

    Raises:
        AbilityError, TargetError, ShapeError, ForcedWordsError, TextTooLongError: as in `teacher_forcing`.
    """
    sentence = as_batch(model, source)
    checked_source(model, sentence)
    signs = checked_start(model, start)
    whole = [*signs, *checked_words(model, "target", target, len(signs))]
    read, words = as_batch(model, whole[:-1]), torch.tensor(whole[1:], device=model.device)
    heads = all_heads(model.plan)
    rows = (None, *heads)  # the first row is the untouched run
    losses, best = [], []
    for done in range(0, len(rows), at_once):
        part = rows[done : done + at_once]
        with evaluating(model), hearing(without_heads(model.plan, part)):
            logits = model(_repeated(sentence, len(part)), _repeated(read, len(part)), padded=False)
        logits = logits if logits.element_size() >= 4 else logits.float()  # no loss is worked out in half a float
        losses.append(logits.logsumexp(dim=-1) - logits[:, range(len(words)), words])
        best.append(logits.argmax(dim=-1))
        if progress is not None:
            progress(done + len(part), len(rows))
    loss, word = as_array(torch.cat(losses)).astype(np.float64), as_array(torch.cat(best))
    return HeadImportance(heads=heads, plain_losses=loss[0], losses=loss[1:], plain_best=word[0], best=word[1:])


def spread(found: Sequence[HeadImportance]) -> Spread:
    """Return what a set of sentences loses with each head, every sentence counted once whatever its length.

    Raises:
        ShapeError: if there is no sentence, or if they were read by models with other heads.
    """
    kinds = {one.heads for one in found}
    if len(kinds) != 1:
        raise ShapeError(f"{len(found)} sentences with {len(kinds)} lists of heads", found=len(kinds), wanted=1)
    changes = np.stack([one.change for one in found])
    return Spread(
        heads=found[0].heads,
        n=len(found),
        mean=changes.mean(axis=0),
        std=changes.std(axis=0, ddof=1) if len(found) > 1 else np.full(changes.shape[1], np.nan),
        n_changed=np.stack([one.words_change for one in found]).sum(axis=0),
    )


@checked()
@torch.inference_mode()
def words_without(
    model: LanguageModel,
    source: Sequence[int] | None,
    heads: Sequence[Head | None],
    *,
    begin: Sequence[int] | None = None,
    max_length: int | None = None,
) -> list[list[int]]:
    """Return what the model really writes without each of these heads, on its own words (greedy); None is none off.

    Args:
        model: one that writes.
        source: ids that the encoder reads; None without one.
        heads: one for each answer.
        begin: ids that the decoder reads first: <s> by default, or a text, its signs included, to go on with.
        max_length: at most this many words, as in `decoding.greedy`.

    Raises:
        AbilityError: if the model does not write.
        TargetError: if a source is missing or too many.
    """
    sentence, first = as_batch(model, source), as_batch(model, [model.config.bos_id] if begin is None else begin)
    with evaluating(model), hearing(without_heads(model.plan, heads)):
        return greedy(model, _repeated(sentence, len(heads)), begin=_repeated(first, len(heads)), max_length=max_length)


def without_heads(plan: Plan, heads: Sequence[Head | None]) -> Listener:
    """Return a listener under which entry r of a batch runs without `heads[r]`; one with None is untouched."""
    offs = [None if head is None else SwitchOff(head.block, (head.index,)) for head in heads]
    return BatchListener([None if off is None else EditListener([off], Run(plan), {}) for off in offs])


def _repeated(ids: Tensor | None, n: int) -> Tensor | None:
    return None if ids is None else ids.expand(n, -1)
