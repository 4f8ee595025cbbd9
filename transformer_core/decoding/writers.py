"""One sentence while it is written: told what the model says, a writer answers which words are to be read next.

Greedy decoding and sampling follow one line of words; `search.py` follows several. numpy only.
Letters: N branches of one sentence, P rows of its prefix, V vocabulary.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.decoding.records import Decoding, Stop
from transformer_core.decoding.rules import Greedy, Sampling
from transformer_core.decoding.sampling import draw, filter_logits, without
from transformer_core.glass.model import Shape

Array = NDArray[Any]
Next = list[tuple[int, int]]
"""For each row to be read next: which of the writer's rows it continues, and with which word. Empty at the end."""


@dataclass(frozen=True)
class Job:
    """What has to be written.

    Attributes:
        config: of the model.
        source: the ids that the encoder reads, without padding; None without an encoder.
        start: the signs that the decoder reads in front, as <s>; perhaps none.
        prefix: the ids that are given.
        limit: the largest number of words, the given ones included.

    One of `start` and `prefix` has an id, so that there is something to read.
    """

    config: Shape
    source: tuple[int, ...] | None
    start: tuple[int, ...]
    prefix: tuple[int, ...]
    limit: int

    @property
    def first(self) -> int:
        """The id that the first row reads, and that no row writes."""
        return (*self.start, *self.prefix)[0]

    @property
    def forced(self) -> tuple[int, ...]:
        """What the first rows are made to write: the prefix, and of the signs in front all but the first."""
        return (*self.start, *self.prefix)[1:]

    @property
    def stopped(self) -> Stop | None:
        """Why there is nothing to write behind the prefix; None if there is."""
        if self.prefix[-1:] == (self.config.eos_id,):
            return "end"
        return "limit" if len(self.forced) >= self.limit else None

    @property
    def first_rows(self) -> list[int]:
        """What the decoder reads at first: all that is given, whose last word only predicts what comes behind it."""
        read = [self.first, *self.forced]
        return read if self.stopped is None or len(read) == 1 else read[:-1]

    def read(self, ids: Sequence[int]) -> tuple[int, ...]:
        """What the rows read that write `ids`."""
        return tuple([self.first, *ids][: len(ids)])


class Writer(ABC):
    """Writes one sentence, and knows how it came about."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._prefix_logits: Array  # [P, V]

    def begin(self, logits: Array, held: int) -> Next:
        """Take what the model says at the first rows, and return what to read next.

        Args:
            logits: [P or P + 1, V].
            held: how many positions the cache holds now.
        """
        n = len(self.job.forced)
        self._prefix_logits = logits[:n]
        return [] if self.job.stopped else self.advance(logits[n : n + 1], 0, held)

    @abstractmethod
    def advance(self, logits: Array, reused: int, held: int) -> Next:
        """Take what the model says behind each branch, and return what to read next.

        Args:
            logits: [N, V].
            reused, held: how many positions the cache held before and after it.
        """

    @abstractmethod
    def decoding(self) -> Decoding:
        """Return the record, once there is nothing left to read."""

    def _held_by_prefix(self, held: int) -> list[tuple[int, int]]:
        return [(0, held)] * len(self.job.forced)


class LineWriter(Writer):
    """Writes one word after the other: the most probable one, or a drawn one."""

    def __init__(self, job: Job, rule: Greedy | Sampling) -> None:
        super().__init__(job)
        self.rule = rule
        self._random = np.random.default_rng(rule.seed) if isinstance(rule, Sampling) else None
        self._ids = list(job.forced)
        self._logits: list[Array] = []
        self._draws: list[float | None] = [None] * len(job.forced)
        self._held: list[tuple[int, int]] = []

    def begin(self, logits: Array, held: int) -> Next:
        """Take what the model says at the first rows, and return what to read next."""
        self._held = self._held_by_prefix(held)
        return super().begin(logits, held)

    def advance(self, logits: Array, reused: int, held: int) -> Next:
        """Take what the model says, and return the word to read next."""
        word, u = self._choose(logits[0])
        self._ids.append(word)
        self._draws.append(u)
        self._logits.append(logits)
        self._held.append((reused, held))
        return [] if self._stopped() else [(0, word)]

    def decoding(self) -> Decoding:
        """Return the record."""
        stopped = self._stopped()
        assert stopped is not None, "there is still something to read"
        return Decoding(
            source=self.job.source,
            read=self.job.read(self._ids),
            ids=tuple(self._ids),
            logits=stacked([self._prefix_logits, *self._logits]),
            never=self.job.config.never,
            rule=self.rule,
            n_forced=len(self.job.forced),
            stopped=stopped,
            draws=tuple(self._draws),
            held=tuple(self._held),
        )

    def _choose(self, logits: Array) -> tuple[int, float | None]:
        if self._random is None:
            return int(without(logits, self.job.config.never).argmax()), None
        assert isinstance(self.rule, Sampling)
        u = float(self._random.random())
        return draw(filter_logits(logits, self.rule, self.job.config.never), u), u

    def _stopped(self) -> Stop | None:
        if self._ids[-1:] == [self.job.config.eos_id]:
            return "end"
        return "limit" if len(self._ids) >= self.job.limit else None


def stacked(rows: list[Array]) -> Array:
    """Return the rows one below the other, read-only.

    Shapes: [n, V] each -> [T, V].
    """
    logits = np.concatenate(rows)
    logits.flags.writeable = False
    return logits
