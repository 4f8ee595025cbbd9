"""How many whole sentences a model writes again without a fault, by their length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from transformer_core.decoding.decode import greedy
from transformer_core.models.glass import Glass


@dataclass(frozen=True)
class Copied:
    """A sentence and what a model wrote that was to copy it.

    Attributes:
        sentence: as its tokenizer reads it.
        written: the most probable word, step by step.
    """

    sentence: str
    written: str

    @property
    def n_words(self) -> int:
        """How many words the sentence has."""
        return len(self.sentence.split())

    @property
    def right(self) -> bool:
        """Whether it is the same to the last mark."""
        return self.written == self.sentence


@torch.inference_mode()
def copied(glass: Glass, sentences: Sequence[str]) -> tuple[Copied, ...]:
    """Return what a model that translates writes for each sentence.

    Raises:
        AbilityError: if it does not translate.
        EmptyTextError, TextTooLongError: if a sentence has no token, or more than the model takes.
    """
    glass.task.require("translates")
    tokenizer = glass.target_tokenizer
    assert tokenizer is not None
    ids = [glass.source_ids(sentence) for sentence in sentences]
    width = max(map(len, ids))
    rows = torch.tensor([row + [glass.config.pad_id] * (width - len(row)) for row in ids], device=glass.model.device)
    written = greedy(glass.model, rows)
    return tuple(Copied(tokenizer.decode(row), tokenizer.decode(out)) for row, out in zip(ids, written, strict=True))


def by_length(copies: Sequence[Copied]) -> dict[int, tuple[Copied, ...]]:
    """Return the same by the number of words, the shortest first."""
    lengths = sorted({one.n_words for one in copies})
    return {n: tuple(one for one in copies if one.n_words == n) for n in lengths}
