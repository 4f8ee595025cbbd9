"""Beam search over one sentence, with the rules of Hugging Face's `generate`, and its whole tree kept.

Letters: N branches that are read, V vocabulary.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.decoding.beam_tree import BeamStep, BeamTree, Branch, Ending, Fate, Hypothesis
from transformer_core.decoding.records import Decoding, Stop
from transformer_core.decoding.rules import Beam
from transformer_core.decoding.sampling import log_softmax, without
from transformer_core.decoding.writers import Job, Next, Writer, stacked

Array = NDArray[Any]


class BeamWriter(Writer):
    """Follows the `width` most probable beginnings at once."""

    def __init__(self, job: Job, rule: Beam) -> None:
        super().__init__(job)
        self.rule = rule
        self._steps: list[BeamStep] = []
        self._live: list[Branch | None] = [None]  # at first only what lies behind the prefix
        self._finished: list[Hypothesis] = []
        self._ended: Ending | None = "limit" if job.stopped else None
        self._sentences: dict[int | None, tuple[int, ...]] = {None: job.forced}  # by the number of their last branch
        self._n_branches = 0
        self._held_first = 0

    def begin(self, logits: Array, held: int) -> Next:
        """Take what the model says at the first rows, and return what to read next."""
        self._held_first = held
        return super().begin(logits, held)

    def advance(self, logits: Array, reused: int, held: int) -> Next:
        """Take what the model says behind each live branch, and return the branches to read next."""
        branches = self._weigh(logits)
        live = tuple(None if branch is None else branch.number for branch in self._live)
        kept = [branch for branch in branches if branch.fate == "kept"]
        for branch in branches:
            self._sentences[branch.number] = (*self._sentences[branch.parent], branch.token)
        self._finish([branch for branch in branches if branch.fate == "finished"])
        self._steps.append(
            BeamStep(
                position=len(self.job.forced) + len(self._steps),
                live=live,
                logits=stacked([logits]),
                branches=tuple(branches),
                finished=tuple(self._finished),
                reused=reused,
                cache_length=held,
            )
        )
        self._n_branches += len(branches)
        self._live = [*kept]
        self._ended = self._ending(kept)
        return [] if self._ended else [(live.index(branch.parent), branch.token) for branch in kept]

    def decoding(self) -> Decoding:
        """Return the record of the best sentence, with the tree."""
        assert self._ended is not None, "there is still something to read"
        job = self.job
        tree = BeamTree(rule=self.rule, prefix=job.forced, steps=tuple(self._steps), ended=self._ended)
        best = self._finished[0] if self._finished else None
        ids, path = (job.forced, ()) if best is None else (best.ids, tree.path(best.branch))
        # A sentence can be shorter than the search was long: only the steps that led to it count.
        led = list(zip(path, self._steps, strict=False))
        chosen = [step.logits[step.live.index(branch.parent)][None] for branch, step in led]
        stopped: Stop | None = best.stopped if best else job.stopped
        assert stopped is not None
        return Decoding(
            source=job.source,
            read=job.read(ids),
            ids=ids,
            logits=stacked([self._prefix_logits, *chosen]),
            never=job.config.never,
            rule=self.rule,
            n_forced=len(job.forced),
            stopped=stopped,
            draws=(None,) * len(ids),
            held=(*self._held_by_prefix(self._held_first), *((step.reused, step.cache_length) for _, step in led)),
            tree=tree,
        )

    def _weigh(self, logits: Array) -> list[Branch]:
        """Return the branches of a step, best first, as many as twice the width."""
        log_probs = log_softmax(logits)  # [N, V]
        totals = log_probs + np.array([branch.total if branch else 0.0 for branch in self._live])[:, None]
        never = self.job.config.never
        flat, width = without(totals, never).ravel(), self.rule.width
        n = min(2 * width, flat.size - len(logits) * len(never))
        # Sorting all N * V would take most of a step.
        among = np.flatnonzero(flat >= np.partition(flat, flat.size - n)[flat.size - n])
        best = among[np.argsort(-flat[among], kind="stable")][:n]
        n_kept, branches = 0, []
        for rank, (row, token) in enumerate(zip(*np.unravel_index(best, totals.shape), strict=True), start=1):
            fate = self._fate(rank, int(token), n_kept)
            n_kept += fate == "kept"
            parent = self._live[row]
            branches.append(
                Branch(
                    number=self._n_branches + rank - 1,
                    parent=None if parent is None else parent.number,
                    step=len(self._steps),
                    rank=rank,
                    token=int(token),
                    log_prob=float(log_probs[row, token]),
                    total=float(totals[row, token]),
                    score=self._score(float(totals[row, token]), len(self._steps) + 1),
                    fate=fate,
                )
            )
        return branches

    def _fate(self, rank: int, token: int, n_kept: int) -> Fate:
        if token == self.job.config.eos_id or self._is_last_step():
            # An end that is not among the first `width` would never have been reached by one line of words.
            return "finished" if rank <= self.rule.width else "dropped"
        return "kept" if n_kept < self.rule.width else "dropped"

    def _is_last_step(self) -> bool:
        return len(self.job.forced) + len(self._steps) + 1 >= self.job.limit

    def _score(self, total: float, n_words: int) -> float:
        return float(total / n_words**self.rule.length_penalty)

    def _finish(self, branches: list[Branch]) -> None:
        found = [
            Hypothesis(
                branch=branch.number,
                ids=self._sentences[branch.number],
                total=branch.total,
                score=branch.score,
                stopped="end" if branch.token == self.job.config.eos_id else "limit",
            )
            for branch in branches
        ]
        self._finished = sorted([*self._finished, *found], key=lambda one: -one.score)[: self.rule.width]

    def _ending(self, kept: list[Branch]) -> Ending | None:
        if len(self.job.forced) + len(self._steps) >= self.job.limit:
            return "limit"
        if not kept:
            return "exhausted"
        early_stop = self.rule.early_stop
        if len(self._finished) < self.rule.width:
            return None
        if early_stop == "full" or self._best_possible(kept[0]) <= self._finished[-1].score:
            return early_stop
        return None

    def _best_possible(self, branch: Branch) -> float:
        """The best score that an open branch can still reach, or is believed to reach."""
        if self.rule.early_stop == "impossible" and self.rule.length_penalty > 0:
            # A sum of log-probabilities only falls: at best it stays, and is divided by the largest length.
            return self._score(branch.total, self.job.limit - len(self.job.forced))
        return branch.score
