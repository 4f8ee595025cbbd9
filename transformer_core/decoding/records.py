"""What a decoding leaves behind: what the model said before every word, what was chosen, and why.

numpy only; the logits are kept over the whole vocabulary, and everything else is worked out from them when it is read.
Letters: T written word, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from transformer_core.decoding.beam_tree import BeamTree
from transformer_core.decoding.rules import GREEDY, Rule, Sampling
from transformer_core.decoding.sampling import Filtered, filter_logits, log_softmax, without
from transformer_core.glass.guards.arguments import checked, known_ids

Array = NDArray[Any]
Stop = Literal["end", "limit"]
Reason = Literal["forced", "most_probable", "drawn", "best_branch"]

_ALL = Sampling()  # filters nothing


@dataclass(frozen=True)
class Candidate:
    """A word that could be written.

    Attributes:
        id: of the word.
        before: its probability.
        after: the same after the filter; 0 if the filter removed it.
    """

    id: int
    before: float
    after: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Step:
    """One word: what the model said, and what was written.

    Attributes:
        position: of the decoder row that writes it, from 0.
        read: the id that this row reads.
        written: the id that it writes.
        reason: why that one: it was given ("forced"), "most_probable", "drawn" out of the filtered probabilities, or it
            lies on the "best_branch" of a beam search.
        logits: [V].
        rule: by which words are chosen here.
        draw: the random number in [0, 1) that drew the word, None unless it was drawn.
        reused: how many positions the cache already held when this row was computed; the rows of a given prefix are
            computed together, and find none.
        cache_length: how many it held afterwards; 0 without a cache.
        never: ids that are not written, however probable they are.
    """

    position: int
    read: int
    written: int
    reason: Reason
    logits: Array
    rule: Rule
    draw: float | None
    reused: int
    cache_length: int
    never: tuple[int, ...] = ()

    @property
    def log_probs(self) -> Array:
        """The log-probability of every word in float64: [V]."""
        return log_softmax(self.logits)

    @property
    def probs(self) -> Array:
        """The probability of every word in float64, before any filter: [V]."""
        return np.exp(self.log_probs)

    @property
    def filtered(self) -> Filtered:
        """The distribution through temperature, top-k and top-p; greedy and beam search filter nothing."""
        return filter_logits(self.logits, self.rule if isinstance(self.rule, Sampling) else _ALL, self.never)

    @cached_property
    def log_prob(self) -> float:
        """The log-probability of the word that was written; its negative is the loss in nats."""
        return float(self.log_probs[self.written])

    @cached_property
    def entropy(self) -> float:
        """Of the probabilities before any filter, in nats: 0 when the model is sure, ln V when it knows nothing."""
        p = self.probs
        p = p[p > 0]
        return float(-(p * np.log(p)).sum())

    @cached_property
    def rank(self) -> int:
        """1 for the most probable word, counted over the whole vocabulary."""
        return 1 + int((self.logits > self.logits[self.written]).sum())

    @cached_property
    def best(self) -> int:
        """The most probable word that may be written: what greedy decoding would write here."""
        return int(without(self.logits, self.never).argmax())

    @checked()
    def candidates(self, n: int) -> tuple[Candidate, ...]:
        """Return the `n` most probable words, most probable first."""
        filtered = self.filtered
        return tuple(Candidate(int(i), float(filtered.before[i]), float(filtered.after[i])) for i in filtered.order[:n])


@dataclass(frozen=True, eq=False, kw_only=True)
class Record:
    """A sentence with what the model said before each of its words.

    Attributes:
        source: the ids that the encoder read, without padding; None without an encoder.
        read: what each decoder row read, <s> first.
        ids: what each row wrote.
        logits: [T, V], read-only.
        never: ids that are not written, however probable they are.
    """

    source: tuple[int, ...] | None
    read: tuple[int, ...]
    ids: tuple[int, ...]
    logits: Array
    never: tuple[int, ...] = ()

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """One per word."""
        return tuple(self._step(t) for t in range(len(self.ids)))

    @cached_property
    def losses(self) -> Array:
        """The negative log-probability of each word in nats: [T]."""
        return np.array([-step.log_prob for step in self.steps])

    @cached_property
    def ranks(self) -> Array:
        """The rank of each word, 1 for the most probable: [T]."""
        return np.array([step.rank for step in self.steps], dtype=np.int64)

    @cached_property
    def best(self) -> Array:
        """The most probable word at each position: [T]."""
        return np.array([step.best for step in self.steps], dtype=np.int64)

    @cached_property
    def entropies(self) -> Array:
        """The entropy at each position in nats: [T]."""
        return np.array([step.entropy for step in self.steps])

    @property
    def probs(self) -> Array:
        """The probability of each word that was written: [T]."""
        return np.exp(-self.losses)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the logits hold."""
        return int(self.logits.nbytes)

    def losses_of(self, words: Sequence[int]) -> Array:
        """Return the loss of other words, each at its position; NaN where this record has no step.

        Shapes: -> [len(words)].
        """
        words = known_ids("words", words, self.logits.shape[1], "target")
        losses = np.full(len(words), np.nan)
        for t, (word, step) in enumerate(zip(words, self.steps, strict=False)):
            losses[t] = -step.log_probs[word]
        return losses

    def _step(self, t: int) -> Step:
        return Step(
            position=t,
            read=self.read[t],
            written=self.ids[t],
            reason="forced",
            logits=self.logits[t],
            rule=GREEDY,
            draw=None,
            reused=0,
            cache_length=0,
            never=self.never,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Forcing(Record):
    """A teacher-forced pass: all right words read at once, shifted by one.

    `losses`, `probs` and `ranks` are those of the right word, `best` the word that greedy decoding would write.
    """


@dataclass(frozen=True, eq=False, kw_only=True)
class Decoding(Record):
    """A sentence that the model wrote.

    Attributes:
        rule: how its words were chosen.
        n_forced: how many of them were given as a prefix: the first ones.
        stopped: "end" if it ends in </s>, "limit" if the longest length came first.
        draws: the random number behind each word, None where nothing was drawn.
        held: for each word how many positions the cache held before and after its row.
        tree: all branches of a beam search; None for other rules.
    """

    rule: Rule
    n_forced: int
    stopped: Stop
    draws: tuple[float | None, ...]
    held: tuple[tuple[int, int], ...]
    tree: BeamTree | None = None

    @property
    def log_prob(self) -> float:
        """The summed log-probability of the words that the model chose, the given ones left out."""
        return float(-self.losses[self.n_forced :].sum())

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the logits hold, those of all branches included."""
        return int(self.logits.nbytes) + (0 if self.tree is None else self.tree.nbytes)

    def _step(self, t: int) -> Step:
        reused, cache_length = self.held[t]
        return replace(
            super()._step(t),
            reason="forced" if t < self.n_forced else _reason(self.rule),
            rule=self.rule,
            draw=self.draws[t],
            reused=reused,
            cache_length=cache_length,
        )


def _reason(rule: Rule) -> Reason:
    if isinstance(rule, Sampling):
        return "drawn"
    return "most_probable" if rule == GREEDY else "best_branch"
