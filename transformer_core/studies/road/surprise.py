"""How surprised a model is by unseen texts, and how add-k changes that of counts: bits a character.

Letters: N words told, the ends of texts among them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from transformer_core.ancestors.ngram import Ngram
from transformer_core.glass.errors import ConfigError
from transformer_core.models.glass import Glass

Array = NDArray[Any]


def bits_per_character(glass: Glass, texts: Sequence[str]) -> float:
    """Return the surprise of a model in bits over the characters of all texts; every text is told with its end.

    Raises:
        EmptyTextError, TextTooLongError, AbilityError: as `Glass.score`.
    """
    nats = -sum(glass.score(text).log_prob for text in texts)
    return nats / math.log(2) / sum(map(len, texts))


@dataclass(frozen=True, eq=False)
class ToldCounts:
    """What the tables hold of each word of some texts.

    Attributes:
        order: words of the n-grams that are counted.
        counts: how often each word stood behind the words in front of it: float64 [N].
        totals: how often those stood anywhere: float64 [N].
        text: which text each belongs to: int [N].
        n_words: of the vocabulary, V.
        characters: of all texts.
    """

    order: int
    counts: Array
    totals: Array
    text: Array
    n_words: int
    characters: int

    def bits_per_character(self, k: float) -> float:
        """Return the surprise where k is added to every count, k > 0: p = (c + k) / (n + k V)."""
        p = (self.counts + k) / (self.totals + k * self.n_words)
        return float(-np.log2(p).sum() / self.characters)

    @property
    def new(self) -> float:
        """The share of words that were never seen behind the words in front of them."""
        return float((self.counts == 0).mean())

    @property
    def impossible(self) -> float:
        """The share of texts with a word that was never seen there: without smoothing their probability is 0."""
        return len(np.unique(self.text[self.counts == 0])) / (int(self.text.max()) + 1)


def told_counts(glass: Glass, texts: Sequence[str], order: int) -> ToldCounts:
    """Return what the tables of an n-gram model hold of each word of texts, and of their ends.

    Raises:
        ConfigError: if the model has no tables, or none of this order.
        EmptyTextError, TextTooLongError: if a text cannot be read.
    """
    if not isinstance(glass.model, Ngram):
        raise ConfigError(f"{glass.name} has no table of counts: it is {glass.plan.kind}", field="smoothing")
    model = glass.model.smoothed(order, smoothing="add_k")
    own, totals, number = list[Array](), list[Array](), list[int]()
    for place, text in enumerate(texts):
        read = glass.read_ids(text)
        told = [*read[1:], model.config.eos_id]
        with torch.no_grad():
            counts = model.counts_behind(torch.tensor([read], device=model.device))[0].double().cpu().numpy()
        own.append(counts[np.arange(len(told)), told])
        totals.append(counts.sum(axis=1))
        number += [place] * len(told)
    characters = sum(map(len, texts))
    return ToldCounts(
        order, np.concatenate(own), np.concatenate(totals), np.array(number), model.config.vocab_size, characters
    )
