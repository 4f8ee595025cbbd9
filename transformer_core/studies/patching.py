"""Activation patching: which vector, at which position, carries the difference between two sentences?

Two sentences differ in a word, and the model writes something else for each: another translation, or, in a model that
goes on with texts, another continuation. The second is run again with one vector
copied from the run of the first: how much of the difference comes back tells how much of it this vector carries (the
causal tracing of Meng et al. 2022, with another word in place of their noise; the patching of Wang et al. 2022).

Letters: B batch, S source position, T target position, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from transformer_core.decoding.decode import greedy
from transformer_core.edits.base import Run
from transformer_core.edits.listeners import BatchListener, EditListener
from transformer_core.edits.values import Patch as CopyFrom
from transformer_core.glass.abilities import abilities_of, require
from transformer_core.glass.arrays import as_array
from transformer_core.glass.capture import evaluating
from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.hooks import Listener, hearing
from transformer_core.glass.model import LanguageModel
from transformer_core.glass.plan import Plan
from transformer_core.glass.walks import embedding_of, key_of, layer_outs, stacks
from transformer_core.studies.errors import PairLengthError, PairSameError, SameOutputError
from transformer_core.studies.importance import AT_ONCE, Progress

Array = NDArray[Any]
Quantity = Literal["logits", "loss"]
FIRST = "first"  # what the run is called from which vectors are copied
Patch = Mapping[str, Sequence[int]]
"""For each patched site, the positions at which its vectors are copied from the first run."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Contrast:
    """Two sentences, and the quantity in which their runs differ.

    Attributes:
        first, second: ids of the two texts: what the encoder reads, or what a model without one reads first.
        first_words, second_words: what the model writes for each.
        quantity: "logits" is the logit of the first's word less that of the second's, at the first position where they
            write different words; "loss" is the mean loss of the first's words, in nats.
        position: that first position.
        read: what the decoder reads in both runs: <s> and the words that they share, or for the loss all words of the
            first; in a model without an encoder the same behind each text, without <s>.
        row: of the decoder, that writes the first word: 0, or the last one of the texts.
        first_value, second_value: the quantity in each run.
        values: the vectors of the first run that can be copied, by site: [L, D].
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    first_words: tuple[int, ...]
    second_words: tuple[int, ...]
    quantity: Quantity
    position: int
    read: tuple[int, ...]
    row: int
    first_value: float
    second_value: float
    values: Mapping[str, Tensor]

    @property
    def differing(self) -> tuple[int, ...]:
        """The source positions at which the sentences differ."""
        return tuple(i for i, (one, other) in enumerate(zip(self.first, self.second, strict=True)) if one != other)

    @property
    def stretches(self) -> int:
        """In how many places they differ, neighbours counted once: a word may be several tokens."""
        return sum(i - 1 not in self.differing for i in self.differing)


def patchable_sites(plan: Plan) -> tuple[str, ...]:
    """Return the sites whose vectors are copied: the source's embeddings, then the output of every layer."""
    first = plan.word_lists[0].stack
    return (key_of(embedding_of(plan, first)), *(key for stack in stacks(plan) for key in layer_outs(plan, stack)))


@checked()
@torch.inference_mode()
def contrast(
    model: LanguageModel, first: Sequence[int], second: Sequence[int], quantity: Quantity = "logits"
) -> Contrast:
    """Return the runs of two sentences, ready to be patched.

    Args:
        model: one that writes.
        first, second: all ids that it reads of them (`Glass.read_ids`), equally many.
        quantity: what is compared.

    Raises:
        AbilityError: if the model does not write.
        PairLengthError, PairSameError: if the sentences differ in length, or not at all.
        SameOutputError: if the model writes the same for both.
    """
    texts, translates = _checked(model, first, second), "translates" in abilities_of(model.plan)
    with evaluating(model):
        written = greedy(model, texts) if translates else greedy(model, None, begin=texts)
        one, other = (tuple(ids) for ids in written)
        position = next((t for t, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
        if position is None:
            raise SameOutputError(f"the model writes {list(one)} for both sentences", words=one)
        shared = one[:position] if quantity == "logits" else one[:-1]
        read = (model.config.bos_id, *shared) if translates else shared
        values: dict[str, Tensor] = {}
        sites = patchable_sites(model.plan)

        def keep(key: str, x: Tensor) -> Tensor:
            if key in sites:
                values[key] = x[0].clone()  # a view would keep the other row, too
            return x

        with hearing(keep):
            logits = model(*_inputs(model, texts, read), padded=False)
    row = 0 if translates else len(first) - 1
    both = _measure(logits[:, row:], quantity, position, one, other)
    return Contrast(
        first=tuple(first),
        second=tuple(second),
        first_words=one,
        second_words=other,
        quantity=quantity,
        position=position,
        read=read,
        row=row,
        first_value=float(both[0]),
        second_value=float(both[1]),
        values=values,
    )


@checked()
@torch.inference_mode()
def restored(
    model: LanguageModel,
    pair: Contrast,
    patches: Sequence[Patch],
    *,
    at_once: int = AT_ONCE,
    progress: Progress | None = None,
) -> Array:
    """Return how much of the difference each patch brings back into the run of the second sentence.

    0 is the second run itself, 1 the first; a patch may go past either.

    Args:
        model: the one of `pair`.
        pair: the two runs.
        patches: each is a run of its own; all of a batch go through the model together.
        at_once: rows of a batch; it changes the memory that is used, and nothing else.
        progress: told of every batch.

    Shapes: -> [number of patches].
    """
    device, found = model.device, [np.zeros(0)]
    for start in range(0, len(patches), at_once):
        part = patches[start : start + at_once]
        texts = torch.tensor([pair.second] * len(part), device=device)
        with evaluating(model), hearing(_copying(model.plan, pair.values, part)):
            logits = model(*_inputs(model, texts, pair.read), padded=False)
        found.append(_measure(logits[:, pair.row :], pair.quantity, pair.position, pair.first_words, pair.second_words))
        if progress is not None:
            progress(start + len(part), len(patches))
    share: Array = (np.concatenate(found) - pair.second_value) / (pair.first_value - pair.second_value)
    return share


def patch_places(pair: Contrast) -> list[tuple[str, int]]:
    """Return every site with each of its positions, in the order of computation: the patches of a walk."""
    return [(key, position) for key, values in pair.values.items() for position in range(len(values))]


def by_site(pair: Contrast, shares: Array) -> dict[str, Array]:
    """Return what the first of `patch_places` restore, by site: arrays [S] and [T], NaN where none is there yet."""
    places = patch_places(pair)
    rest = iter([*shares, *[np.nan] * (len(places) - len(shares))])
    return {key: np.array([next(rest) for _ in values]) for key, values in pair.values.items()}


def patch_map(
    model: LanguageModel, pair: Contrast, *, at_once: int = AT_ONCE, progress: Progress | None = None
) -> dict[str, Array]:
    """Return for every site and each of its positions how much this one vector restores: arrays [S] and [T]."""
    patches = [{key: [position]} for key, position in patch_places(pair)]
    return by_site(pair, restored(model, pair, patches, at_once=at_once, progress=progress))


def _checked(model: LanguageModel, first: Sequence[int], second: Sequence[int]) -> Tensor:
    require("writes", model.plan)
    if len(first) != len(second):
        raise PairLengthError(
            f"the sentences have {len(first)} and {len(second)} tokens; they must have equally many",
            n_first=len(first),
            n_second=len(second),
        )
    if list(first) == list(second):
        raise PairSameError("the two sentences are the same; one word must differ", ids=tuple(first))
    return torch.tensor([list(first), list(second)], device=model.device)


def _inputs(model: LanguageModel, texts: Tensor, read: Sequence[int]) -> tuple[Tensor | None, Tensor]:
    """What the model is called with: texts [B, S] and the same words behind them all, or beside them."""
    words = torch.tensor([list(read)] * len(texts), dtype=torch.long, device=texts.device)
    return (texts, words) if "translates" in abilities_of(model.plan) else (None, torch.cat((texts, words), dim=1))


def _measure(logits: Tensor, quantity: Quantity, position: int, one: Sequence[int], other: Sequence[int]) -> Array:
    """The quantity of every row: [B, T, V] -> float64 [B]."""
    if quantity == "logits":
        values = logits[:, position, one[position]] - logits[:, position, other[position]]
    else:
        right = torch.tensor(one, device=logits.device)
        values = (logits.logsumexp(dim=-1) - logits[:, range(len(one)), right]).mean(dim=-1)
    return as_array(values).astype(np.float64)


def _copying(plan: Plan, values: Mapping[str, Tensor], patches: Sequence[Patch]) -> Listener:
    """A listener under which entry r of a batch gets the first run's vectors where `patches[r]` says."""
    run = Run(plan, others={FIRST: {key: value[None] for key, value in values.items()}})

    def listener(patch: Patch) -> EditListener:
        edits = [CopyFrom(key, tuple(positions), FIRST) for key, positions in patch.items() if positions]
        return EditListener(edits, run, {})

    return BatchListener([listener(patch) for patch in patches])
