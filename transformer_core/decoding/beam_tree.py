"""The tree of a beam search: every branch that was weighed, what became of it, and the sentences that were finished.

Letters: N branches that are read at a step, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from transformer_core.decoding.rules import Beam
from transformer_core.decoding.sampling import log_softmax
from transformer_core.glass.errors import ArgumentError
from transformer_core.glass.guards.arguments import below, checked

Array = NDArray[Any]
Fate = Literal["kept", "finished", "dropped"]
Ending = Literal["full", "unlikely", "impossible", "limit", "exhausted"]


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One word that a step of the search weighed, behind one of the branches kept so far.

    Attributes:
        number: its place in `BeamTree.branches`.
        parent: number of the branch that it continues; None right behind the prefix.
        step: of the search, from 0.
        rank: among all that this step weighed, 1 for the largest `total`.
        token: the word.
        log_prob: of the word.
        total: summed from behind the prefix up to here: the score without length penalty.
        score: `total` / n_words^length_penalty.
        fate: "kept" branches go on, "finished" ones are sentences, "dropped" ones end here.
    """

    number: int
    parent: int | None
    step: int
    rank: int
    token: int
    log_prob: float
    total: float
    score: float
    fate: Fate


@dataclass(frozen=True, kw_only=True)
class Hypothesis:
    """A finished sentence.

    Attributes:
        branch: number of its last branch.
        ids: the whole sentence, the prefix included.
        total: summed log-probability behind the prefix.
        score: the same with the length penalty.
        stopped: "end" if it ends in </s>, "limit" if the longest length came first.
    """

    branch: int
    ids: tuple[int, ...]
    total: float
    score: float
    stopped: Literal["end", "limit"]


@dataclass(frozen=True, eq=False, kw_only=True)
class BeamStep:
    """One step of the search.

    Attributes:
        position: of the decoder row that writes these words.
        live: numbers of the branches that were read, best first; (None,) at the first step.
        logits: [N, V], what the model said behind each of them, read-only.
        branches: all that the step weighed, best first: twice the width, so that enough are left if all of the better
            half end.
        finished: the best finished sentences after this step, at most `width`, best first.
        reused, cache_length: how many positions each row of the cache held before and after the step.
    """

    position: int
    live: tuple[int | None, ...]
    logits: Array
    branches: tuple[Branch, ...]
    finished: tuple[Hypothesis, ...]
    reused: int
    cache_length: int

    @checked()
    def probs_behind(self, branch: int | None) -> Array:
        """Return the probability of every word behind one of the `live` branches: [V]."""
        if branch not in self.live:
            raise ArgumentError(
                f"branch must be one of {self.live}, not {branch}", name="branch", value=branch, wanted=self.live
            )
        return np.exp(log_softmax(self.logits[self.live.index(branch)]))


@dataclass(frozen=True, eq=False, kw_only=True)
class BeamTree:
    """A whole beam search.

    Attributes:
        rule: its width, length penalty and way to end.
        prefix: the ids that were given.
        steps: one per position behind the prefix.
        ended: why the search ended: a rule of `Beam.early_stop` was met, the "limit" on length came, or no branch was
            left ("exhausted").
    """

    rule: Beam
    prefix: tuple[int, ...]
    steps: tuple[BeamStep, ...]
    ended: Ending

    @property
    def branches(self) -> tuple[Branch, ...]:
        """Every branch of every step, by number."""
        return tuple(branch for step in self.steps for branch in step.branches)

    @property
    def finished(self) -> tuple[Hypothesis, ...]:
        """The best finished sentences, at most `width`, best first."""
        return self.steps[-1].finished if self.steps else ()

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the logits hold."""
        return sum(int(step.logits.nbytes) for step in self.steps)

    @checked()
    def path(self, number: int | None) -> tuple[Branch, ...]:
        """Return the branches that lead to one, the first word behind the prefix first."""
        branches = self.branches
        if number is not None:
            below("number", number, len(branches))
        return tuple(reversed(list(_upwards(branches, number))))

    @checked()
    def ids(self, number: int | None) -> tuple[int, ...]:
        """Return the sentence up to a branch, prefix included."""
        return (*self.prefix, *(branch.token for branch in self.path(number)))


def _upwards(branches: tuple[Branch, ...], number: int | None) -> Iterator[Branch]:
    while number is not None:
        yield branches[number]
        number = branches[number].parent
