"""How the next word is chosen: greedily, by drawing, or by a beam search. Rules are frozen records, fit to be keys."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from transformer_core.decoding.errors import (
    BeamWidthError,
    EarlyStopError,
    LengthPenaltyError,
    SeedError,
    TemperatureError,
    TopKError,
    TopPError,
)
from transformer_core.glass.guards.arguments import is_real, is_whole, make_plain

EarlyStop = Literal["full", "unlikely", "impossible"]
LENGTH_PENALTIES = (-50, 50)  # a million words to this power is still a number, and its inverse is not 0


@dataclass(frozen=True)
class Greedy:
    """Always the most probable word; of equally probable ones, that with the smallest id."""


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """Draw the word from the model's probabilities, after temperature, top-k and top-p, in this order.

    Attributes:
        temperature: divides the logits; below 1 sharpens, above 1 flattens.
        top_k: only that many of the most probable words stay (Fan, Lewis & Dauphin 2018); None leaves all.
        top_p: of those, only the smallest set of the most probable words whose mass reaches it stays (nucleus sampling,
            Holtzman et al. 2020); 1 leaves all.
        seed: of the random numbers; the same seed draws the same words.

    Raises:
        TemperatureError, TopKError, TopPError, SeedError: if a number makes no sense; the message names it.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        make_plain(self)
        if not (_is_finite(self.temperature) and self.temperature > 0):
            raise TemperatureError(
                f"temperature must be a finite number above 0, not {self.temperature!r}", value=self.temperature
            )
        if self.top_k is not None and not (is_whole(self.top_k) and self.top_k >= 1):
            raise TopKError(f"top_k must be an integer of at least 1 or None, not {self.top_k!r}", value=self.top_k)
        if not (_is_finite(self.top_p) and 0 < self.top_p <= 1):
            raise TopPError(f"top_p must be above 0 and at most 1, not {self.top_p!r}", value=self.top_p)
        if not (is_whole(self.seed) and self.seed >= 0):
            raise SeedError(f"seed must be an integer of at least 0, not {self.seed!r}", value=self.seed)


@dataclass(frozen=True, kw_only=True)
class Beam:
    """Follow the `width` most probable beginnings at once, and take the sentence with the best score.

    The score of n words (</s> counts, a given prefix does not) is their summed log-probability / n^length_penalty, as
    in Hugging Face's `generate`. Wu et al. (2016, equation 14) divide by ((5 + n) / 6)^alpha instead, which rises more
    slowly; Vaswani et al. (2017, section 6.1) used theirs with alpha 0.6 and width 4.

    Attributes:
        width: how many branches go on from each step.
        length_penalty: the exponent, from -50 to 50; 0 compares plain sums, which favour short sentences, and more
            favours longer ones.
        early_stop: when the search ends, once `width` sentences are finished. "full": at once (early_stopping=True in
            `generate`). "unlikely": when the best open branch, scored at its present length, is no better than the
            worst of them (False, the default there too). "impossible": when even an open branch that lost nothing until
            the limit could not be better ("never").

    Raises:
        BeamWidthError, LengthPenaltyError, EarlyStopError: if a value makes no sense; the message names it.
    """

    width: int = 4
    length_penalty: float = 1.0
    early_stop: EarlyStop = "unlikely"

    def __post_init__(self) -> None:
        make_plain(self)
        if not (is_whole(self.width) and self.width >= 1):
            raise BeamWidthError(f"width must be an integer of at least 1, not {self.width!r}", value=self.width)
        low, high = LENGTH_PENALTIES
        if not (is_real(self.length_penalty) and low <= self.length_penalty <= high):
            raise LengthPenaltyError(
                f"length_penalty must be a number from {low} to {high}, not {self.length_penalty!r}",
                value=self.length_penalty,
                low=low,
                high=high,
            )
        if not isinstance(self.early_stop, str) or self.early_stop not in get_args(EarlyStop):
            known = ", ".join(get_args(EarlyStop))
            raise EarlyStopError(
                f"early_stop must be one of {known}, not {self.early_stop!r}", value=self.early_stop, known=known
            )


Rule = Greedy | Sampling | Beam
GREEDY = Greedy()


def _is_finite(value: object) -> bool:
    return is_real(value) and math.isfinite(value)  # type: ignore[arg-type]
