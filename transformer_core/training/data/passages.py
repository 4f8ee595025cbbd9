"""Batches of running text: windows for a model that goes on with it, short passages for one that fills in words.

The same for the same (seed, epoch, batch, process). Letters: B rows of a batch, L positions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import accumulate

import torch
from torch import Tensor

from transformer_core.glass.errors import DataError
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.text.words import word_spans
from transformer_core.training.data.pairs import Batch
from transformer_core.training.data.texts import Corpus, fingerprint

SENTENCES = 3  # in a passage, at most
BUCKET = 32  # batches' worth of passages that are sorted by length together
KEPT, REPLACED = 0.1, 0.1  # of the chosen words: left as they are, changed to others (Devlin et al. 2019, 3.1)


class Windows:
    """Windows of `length` positions; each file's share of them is its weight's share of all the weights.

    A window begins with <s> and, half of the time, a document, else any sentence. Where its document ends early, others
    follow. A pass is as many windows as hold the ids of all the files once.

    Attributes:
        fingerprint: of texts and weights; two equal ones are the same data.
    """

    begins = True  # with <s>

    def __init__(
        self,
        corpora: Sequence[tuple[Corpus, float]],
        tokenizer: Tokenizer,
        *,
        length: int,
        batch_tokens: int,
        seed: int,
    ) -> None:
        self.corpora, self.length, self.seed = [corpus for corpus, _ in corpora], length, seed
        self.pad_id, self.bos_id, self.eos_id = tokenizer.pad_id, tokenizer.bos_id, tokenizer.eos_id
        self.rows = max(1, batch_tokens // length)
        self.fingerprint = fingerprint(corpora)
        self._weights = list(accumulate(weight for _, weight in corpora))

    def count(self, epoch: int, *, world: int = 1) -> int:
        """Return how many batches each of `world` processes gets in a pass."""
        ids = sum(len(corpus.ids) for corpus in self.corpora)
        return max(1, ids // (self.length * self.rows * world))

    def epoch(self, epoch: int, start: int = 0, *, rank: int = 0, world: int = 1) -> Iterator[Batch]:
        """Yield the batches of one process from its batch `start` on."""
        for number in range(start, self.count(epoch, world=world)):
            dice = random.Random(f"{self.seed}/{epoch}/{number}/{rank}")
            rows = torch.tensor([self._window(dice) for _ in range(self.rows)])
            written = rows[:, 1:].clone()
            written[written == self.bos_id] = self.pad_id  # that another text begins is nothing to be learnt
            yield Batch(None, rows[:, :-1].contiguous(), written)

    def _window(self, dice: random.Random) -> list[int]:
        (corpus,) = dice.choices(self.corpora, cum_weights=self._weights)
        from_the_start = dice.random() < 0.5
        window: list[int] = []
        while len(window) <= self.length:
            first = dice.choice(corpus.documents) if from_the_start or window else dice.randrange(len(corpus))
            window += [*[self.bos_id] * self.begins, *corpus.between(first, corpus.beyond[first]), self.eos_id]
        return window[: self.length + 1]


class BothWays(Windows):
    """The same windows without <s>, each word to be told from all before it, and again from all behind it."""

    begins = False

    def epoch(self, epoch: int, start: int = 0, *, rank: int = 0, world: int = 1) -> Iterator[Batch]:
        """Yield the batches of one process from its batch `start` on; the words in front are told behind the next."""
        for _, read, following, _ in super().epoch(epoch, start, rank=rank, world=world):
            assert read is not None
            before = torch.cat((torch.full_like(read[:, :1], self.pad_id), read[:, :-1]), dim=1)
            yield Batch(read, None, torch.cat((following, before), dim=1))


class Passages:
    """One to three sentences of a document that follow each other, some of whose words are hidden.

    Each file's share of the passages is its weight's. `share` of the words and marks, at least one, have to be told:
    eight in ten are hidden behind [MASK], one is left, one changed (Devlin et al. 2019). A pass has as many passages as
    there are documents.

    Attributes:
        fingerprint: of texts and weights; two equal ones are the same data.
    """

    def __init__(
        self,
        corpora: Sequence[tuple[Corpus, float]],
        tokenizer: Tokenizer,
        *,
        length: int,
        batch_tokens: int,
        seed: int,
        share: float,
    ) -> None:
        if tokenizer.mask_id is None:
            raise DataError("a tokenizer with [MASK] is needed to hide words", language=tokenizer.language)
        self.corpora, self.tokenizer, self.mask_id = [corpus for corpus, _ in corpora], tokenizer, tokenizer.mask_id
        self.length, self.batch_tokens, self.seed, self.share = length, batch_tokens, seed, share
        self.fingerprint = fingerprint(corpora)
        self._weights = list(accumulate(weight for _, weight in corpora))
        self._planned: tuple[int, list[list[tuple[Corpus, int, int]]]] | None = None

    def count(self, epoch: int, *, world: int = 1) -> int:
        """Return how many batches each of `world` processes gets in a pass."""
        batches = len(self._plan(epoch))
        if batches < world:
            raise DataError(f"{batches} batches are too few for {world} processes", batches=batches, processes=world)
        return batches // world

    def epoch(self, epoch: int, start: int = 0, *, rank: int = 0, world: int = 1) -> Iterator[Batch]:
        """Yield the batches of one process from its batch `start` on."""
        own = self._plan(epoch)[rank::world]
        for number in range(start, self.count(epoch, world=world)):
            dice = random.Random(f"{self.seed}/{epoch}/{number}/{rank}")
            hidden = [self._hide(corpus.between(first, behind), dice) for corpus, first, behind in own[number]]
            yield Batch(self._matrix([read for read, _ in hidden]), None, self._matrix([told for _, told in hidden]))

    def _plan(self, epoch: int) -> list[list[tuple[Corpus, int, int]]]:
        if self._planned is None or self._planned[0] != epoch:
            self._planned = epoch, self._make_plan(random.Random(f"{self.seed}/{epoch}"))
        return self._planned[1]

    def _make_plan(self, dice: random.Random) -> list[list[tuple[Corpus, int, int]]]:
        """The passages of each batch: drawn, sorted by length within large buckets, cut by tokens, shuffled."""
        n_passages = sum(len(corpus.documents) for corpus in self.corpora)
        drawn = [self._passage(c, dice) for c in dice.choices(self.corpora, cum_weights=self._weights, k=n_passages)]
        batches: list[list[tuple[Corpus, int, int]]] = []
        size = BUCKET * max(1, self.batch_tokens // 12)
        for begin in range(0, len(drawn), size):
            batch, longest = list[tuple[Corpus, int, int]](), 0
            for passage in sorted(drawn[begin : begin + size], key=_length):
                longest = max(longest, _length(passage) + 1)
                if batch and longest * (len(batch) + 1) > self.batch_tokens:
                    batches.append(batch)
                    batch = []
                batch.append(passage)
            batches.append(batch)
        dice.shuffle(batches)
        return batches

    def _passage(self, corpus: Corpus, dice: random.Random) -> tuple[Corpus, int, int]:
        first = dice.randrange(len(corpus))
        behind = min(corpus.beyond[first], first + dice.randint(1, SENTENCES))
        while behind > first + 1 and _length((corpus, first, behind)) >= self.length:
            behind -= 1
        return corpus, first, behind

    def _hide(self, ids: list[int], dice: random.Random) -> tuple[list[int], list[int]]:
        """What the model reads and, where it has to tell a word, that word; padding elsewhere. Both end with </s>."""
        ids = ids[: self.length - 1]
        told = [self.tokenizer.pad_id] * (len(ids) + 1)
        read = [*ids, self.tokenizer.eos_id]
        spans = word_spans(self.tokenizer, ids)
        chosen = [span for span in spans if dice.random() < self.share] or [dice.choice(spans)]
        for first, behind in chosen:
            told[first:behind] = ids[first:behind]
            way = dice.random()
            for i in range(first, behind):
                if way < REPLACED:
                    read[i] = dice.randrange(self.tokenizer.first_piece, self.tokenizer.vocab_size)
                elif way >= REPLACED + KEPT:
                    read[i] = self.mask_id
        return read, told

    def _matrix(self, rows: list[list[int]]) -> Tensor:
        width = max(len(row) for row in rows)
        return torch.tensor([row + [self.tokenizer.pad_id] * (width - len(row)) for row in rows])


def _length(passage: tuple[Corpus, int, int]) -> int:
    corpus, first, behind = passage
    return corpus.begins[behind] - corpus.begins[first]
