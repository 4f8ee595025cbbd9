"""From a file of sentence pairs to batches, the same for the same (seed, epoch).

Letters: B pairs of a batch, S source position, T target position.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from transformer_core.glass.errors import DataError
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.text.words import word_spans
from transformer_core.training.data.word_alignment import NO_WORD, align, by_word

FINAL_MARKS = ("。", "？", "！", ".", "?", "!")
DROPPED_MARKS = 0.2  # of the sources that have one, how many lose their final mark in an epoch
BUCKETS = 100  # batches' worth of shuffled pairs that are sorted by length together


class Batch(NamedTuple):
    """Ids padded on the right: what the encoder reads, the decoder reads, and what has to be told at each place.

    A side that the model lacks is None. A masked-word model tells at the places of the source, a two-way model at each
    the next word, and then at each the word before. Padding stands in `target_out` wherever nothing has to be told.
    The links are there if a training guides its attention by them.
    """

    source: Tensor | None  # [B, S]
    target_in: Tensor | None  # [B, T]
    target_out: Tensor  # [B, T], or [B, S], or [B, 2 S]
    links: Tensor | None = None  # [B, T], the source position of each word to write, or NO_WORD


def read_pairs(path: Path, source: str, target: str) -> list[tuple[str, str]]:
    """Return the (source, target) pairs of a file.

    Two columns are `source TAB target`. Three are the export of manythings.org, `English TAB other TAB attribution`,
    which is swapped if English is the target.

    Raises:
        DataError: if the file cannot be read, or a line is neither; the message names file and line.
    """
    try:
        # not splitlines: that would also cut a sentence at U+2028 and miscount the lines behind it
        lines = path.read_text(encoding="utf-8-sig").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}", path=str(path)) from error
    allowed = (2, 3) if "en" in (source, target) else (2,)
    pairs = []
    for number, line in enumerate(lines, start=1):
        columns = [column.strip() for column in line.split("\t")]
        if len(columns) not in allowed or not columns[0] or not columns[1]:
            raise DataError(
                f"{path}, line {number}: wanted `{source} TAB {target}` or, with English on one side, "
                f"`English TAB other TAB attribution`, neither of the first two empty; "
                f"found {len(columns)} columns: {line[:80]!r}",
                path=str(path),
                line=number,
            )
        swapped = len(columns) == 3 and target == "en"
        pairs.append((columns[1], columns[0]) if swapped else (columns[0], columns[1]))
    return pairs


class Batches:
    """Encoded pairs, cut into batches by tokens, shuffled anew in each epoch.

    Attributes:
        dropped: pairs left out because a side has more than `max_length` tokens, `<s>` or `</s>` counted, or none.
        fingerprint: of the encoded pairs; two equal ones are the same data.
    """

    def __init__(
        self,
        pairs: Sequence[tuple[str, str]],
        source: Tokenizer,
        target: Tokenizer,
        *,
        batch_tokens: int,
        max_length: int,
        seed: int,
        drop_final_mark: float = DROPPED_MARKS,
        linked: bool = False,
    ) -> None:
        self.batch_tokens, self.seed, self.drop_final_mark = batch_tokens, seed, drop_final_mark
        self.pad_id, self.bos_id, self.eos_id = source.pad_id, source.bos_id, source.eos_id
        encoded = [(source.encode(a), target.encode(b)) for a, b in pairs]
        self._pairs = [(a, b) for a, b in encoded if a and b and max(len(a), len(b)) < max_length]
        self.dropped = len(encoded) - len(self._pairs)
        if not self._pairs:
            reason = f"none of {len(pairs)} pairs has 1 to {max_length - 1} tokens on both sides"
            raise DataError(reason, pairs=len(pairs), max_length=max_length)
        self._links = self._aligned(target) if linked else None
        # every piece that is shown as a mark: "?" as well as " ?"
        self._marks = {i for i in range(source.vocab_size) if source.pieces([i])[0] in FINAL_MARKS}
        self._planned: tuple[int, list[list[int]]] | None = None
        self.fingerprint = hashlib.sha256(repr(self._pairs).encode()).hexdigest()[:16]

    def __len__(self) -> int:
        return len(self._pairs)

    def count(self, epoch: int, *, world: int = 1) -> int:
        """Return how many batches each of `world` processes gets in an epoch."""
        batches = len(self._plan(epoch))
        if batches < world:
            raise DataError(f"{batches} batches are too few for {world} processes", batches=batches, processes=world)
        return batches // world

    def epoch(self, epoch: int, start: int = 0, *, rank: int = 0, world: int = 1) -> Iterator[Batch]:
        """Yield the batches of one process from its batch `start` on; all processes get the same number."""
        for batch in self._plan(epoch)[rank::world][start : self.count(epoch, world=world)]:
            yield self._padded(epoch, batch)

    def _aligned(self, target: Tokenizer) -> list[list[int]]:
        links = zip(align(self._pairs), self._pairs, strict=True)
        return [by_word(one, word_spans(target, written)) for one, (_, written) in links]

    def _plan(self, epoch: int) -> list[list[int]]:
        """The pairs of each batch: shuffled, sorted by length within large buckets, cut by tokens, shuffled again."""
        if self._planned is None or self._planned[0] != epoch:
            self._planned = epoch, self._make_plan(epoch)
        return self._planned[1]

    def _make_plan(self, epoch: int) -> list[list[int]]:
        dice = random.Random(f"{self.seed}/{epoch}")
        order = list(range(len(self._pairs)))
        dice.shuffle(order)
        size = BUCKETS * max(1, self.batch_tokens // 12)
        batches: list[list[int]] = []
        for first in range(0, len(order), size):
            bucket = sorted(order[first : first + size], key=lambda i: (len(self._pairs[i][1]), len(self._pairs[i][0])))
            batches += self._cut(bucket)
        dice.shuffle(batches)
        return batches

    def _cut(self, bucket: list[int]) -> list[list[int]]:
        batches, batch, longest = [], list[int](), 0.0
        for i in bucket:
            source, target = self._pairs[i]
            # the source may be a little longer than the target before it costs a batch of its own
            length = max(len(target) + 1, (len(source) + 1) / 1.3)
            if batch and max(longest, length) * (len(batch) + 1) > self.batch_tokens:
                batches.append(batch)
                batch, longest = [], 0
            batch.append(i)
            longest = max(longest, length)
        return [*batches, batch] if batch else batches

    def _padded(self, epoch: int, batch: list[int]) -> Batch:
        sources, read, written, links = [], [], [], list[list[int]]()
        for i in batch:
            source, target = self._pairs[i]
            sources.append([*self._maybe_without_mark(epoch, i, source), self.eos_id])
            read.append([self.bos_id, *target])
            written.append([*target, self.eos_id])
            if self._links is not None:
                there = len(sources[-1]) - 1  # the final mark may have been left out
                links.append([place if place < there else NO_WORD for place in self._links[i]] + [NO_WORD])
        linked = self._matrix(links, NO_WORD) if links else None
        return Batch(self._matrix(sources), self._matrix(read), self._matrix(written), linked)

    def _maybe_without_mark(self, epoch: int, i: int, source: list[int]) -> list[int]:
        """Sometimes leave the final mark out, so that a sentence typed without one is understood as well."""
        if len(source) < 2 or source[-1] not in self._marks:
            return source
        drop = random.Random(f"{self.seed}/{epoch}/{i}").random() < self.drop_final_mark
        return source[:-1] if drop else source

    def _matrix(self, rows: list[list[int]], filler: int | None = None) -> Tensor:
        width = max(len(row) for row in rows)
        pad = self.pad_id if filler is None else filler
        return torch.tensor([row + [pad] * (width - len(row)) for row in rows])
