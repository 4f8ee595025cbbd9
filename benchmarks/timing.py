"""Ratios that hold on a busy machine: CPU time, sides in turn, each round compared with itself."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles

Work = Callable[[], object]

SAMPLE_SECONDS = 0.03  # one sample repeats its work until about so long, well above the clock's grain


@dataclass(frozen=True)
class Ratio:
    """How two sides compare, from the ratio within each round.

    Attributes:
        middle: the median.
        low, high: the quartiles.
        n_rounds: how many rounds there were.
    """

    middle: float
    low: float
    high: float
    n_rounds: int


@dataclass(frozen=True)
class Timing:
    """CPU seconds of one call, for each side and round."""

    seconds: Mapping[str, list[float]]

    def ratio(self, side: str, base: str) -> Ratio:
        """Return how `side` compares to `base`: what is compared ran at most one round apart."""
        ratios = [a / b for a, b in zip(self.seconds[side], self.seconds[base], strict=True)]
        low, high = quantiles(ratios, n=4)[::2] if len(ratios) > 1 else (ratios[0], ratios[0])
        return Ratio(median(ratios), low, high, len(ratios))


def interleaved(sides: Mapping[str, Work], rounds: int, sample_seconds: float = SAMPLE_SECONDS) -> Timing:
    """Return the time of every side, each measured once a round, in an order that is shuffled every round.

    A side's calls per sample are settled beforehand, so that every sample lasts about `sample_seconds`.
    """
    order = random.Random(0)
    repeats = {name: max(1, round(sample_seconds / _settled(work))) for name, work in sides.items()}
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name in order.sample(list(sides), len(sides)):
            seconds[name].append(cpu_seconds(sides[name], repeats[name]))
    return Timing(seconds)


def cpu_seconds(work: Work, repeats: int) -> float:
    """Return the CPU time that this thread spends on one call, on average; a first call warms the caches again."""
    work()
    start = time.thread_time()
    for _ in range(repeats):
        work()
    return (time.thread_time() - start) / repeats


def _settled(work: Work) -> float:
    # The first calls allocate, import and fill caches; the last one says how long a call is.
    return [cpu_seconds(work, 1) for _ in range(3)][-1]
