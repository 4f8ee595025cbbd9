"""From logits to a drawn word: temperature, top-k, top-p and the draw, over the whole vocabulary and in float64.

numpy only, so that a page can show another filter over the same logits without running a model.
Letter: V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.decoding.rules import Sampling
from transformer_core.glass.errors import ArgumentError, ShapeError
from transformer_core.glass.guards.arguments import checked, known_ids

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Filtered:
    """A distribution at every stage of the filter.

    Attributes:
        before: [V], softmax of the logits: what the model says.
        tempered: [V], softmax of the logits / temperature; of those ids alone that may be written.
        order: [V], ids by falling probability; of equally probable words the smaller id comes first.
        n_top_k: how many words top-k leaves: the first of `order`.
        n_top_p: how many of those top-p leaves, in the end.
        after: [V], `tempered` over the words that are left, scaled to sum to 1; 0 for the others.
    """

    before: Array
    tempered: Array
    order: Array
    n_top_k: int
    n_top_p: int
    after: Array

    @property
    def kept(self) -> Array:
        """The ids that are left, by falling probability: [n_top_p]."""
        kept: Array = self.order[: self.n_top_p]
        return kept

    @checked()
    def interval(self, word: int) -> tuple[float, float]:
        """Return the part of [0, 1] that draws this word: the words that are left lie side by side in `order`."""
        found = np.flatnonzero(self.kept == word)
        if not found.size:
            return (1.0, 1.0)
        ends = np.cumsum(self.after[self.kept])
        i = int(found[0])
        return (float(ends[i - 1] / ends[-1]) if i else 0.0, float(ends[i] / ends[-1]))


def log_softmax(logits: Array) -> Array:
    """Return the log-probabilities in float64.

    Shapes: logits [..., V] -> [..., V].
    """
    shifted = logits.astype(np.float64)
    shifted -= shifted.max(axis=-1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return shifted


def without(scores: Array, never: Sequence[int]) -> Array:
    """Return logits or log-probabilities in which these ids are -inf.

    Shapes: scores [..., V] -> [..., V].
    """
    if not never:
        return scores
    left = scores.astype(np.result_type(scores, np.float32))  # a copy, and no integers, which know no -inf
    left[..., list(never)] = -np.inf
    return left


@checked()
def filter_logits(logits: Array, rule: Sampling, never: Sequence[int] = ()) -> Filtered:
    """Return what temperature, top-k and top-p make of one distribution, in which some ids are `never` written.

    Top-p is applied to what top-k leaves, scaled to sum to 1, as in Hugging Face's `generate`.

    Shapes: logits [V].

    Raises:
        ShapeError: if the logits are not one distribution.
        UnknownIdError, ArgumentError: if `never` holds an id that is none of them, or all of them.
    """
    if logits.ndim != 1 or not logits.size:
        raise ShapeError(f"logits must be of shape [V], not {logits.shape}", found=logits.shape)
    never = known_ids("never", never, len(logits), "distribution")
    if len(set(never)) == len(logits):
        wanted = "ids that leave at least one word"
        raise ArgumentError(f"never must be {wanted}, not all {len(logits)}", name="never", value=never, wanted=wanted)
    before = np.exp(log_softmax(logits))
    logits = without(logits, never)
    as_said = rule.temperature == 1 and not never
    tempered = before if as_said else np.exp(log_softmax(_divided(logits, rule.temperature)))
    order = np.argsort(-logits, kind="stable")
    n_left = len(order) - len(set(never))
    n_top_k = n_left if rule.top_k is None else min(rule.top_k, n_left)
    left = tempered[order[:n_top_k]]
    left = left / left.sum()
    n_top_p = n_top_k
    if rule.top_p < 1:  # the first place where the mass reaches top_p; rounding may keep it below at the very end
        n_top_p = min(int(np.searchsorted(np.cumsum(left), rule.top_p)) + 1, n_top_k)
    after = tempered
    if n_top_p < len(order):
        after = np.zeros_like(tempered)
        after[order[:n_top_p]] = left[:n_top_p] / left[:n_top_p].sum()
    return Filtered(before, tempered, order, n_top_k, n_top_p, after)


def draw(filtered: Filtered, u: float) -> int:
    """Return the word whose interval holds `u`, a random number in [0, 1)."""
    ends = np.cumsum(filtered.after[filtered.kept])
    # A word of probability 0 has an empty interval, and rounding must not lead past the last word that has any.
    last = int(np.searchsorted(ends, ends[-1]))
    return int(filtered.kept[min(int(np.searchsorted(ends, u * ends[-1], side="right")), last)])


def _divided(logits: Array, temperature: float) -> Array:
    exact = logits.astype(np.float64)
    with np.errstate(over="ignore"):  # towards temperature 0 the differences grow beyond every number
        divided: Array = (exact - exact.max()) / temperature
    return divided
