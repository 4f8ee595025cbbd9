"""Ratios that hold on a busy machine: CPU time, sides in turn, each round compared with itself."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles

Work = Callable[[], object]

SAMPLE_SECONDS = 0.03  # short work is repeated until about so long, well above the clock's grain


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
        """Return how `side` compares to `base`, each round with itself: load that comes and goes meets both."""
        return summary([a / b for a, b in zip(self.seconds[side], self.seconds[base], strict=True)])

    def milliseconds_more(self, side: str, base: str) -> Ratio:
        """Return how many milliseconds `side` takes on top of `base`, each round with itself."""
        return summary([1000 * (a - b) for a, b in zip(self.seconds[side], self.seconds[base], strict=True)])


def summary(ratios: list[float]) -> Ratio:
    """Return the median and quartiles of the ratios of all rounds."""
    low, _, high = quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return Ratio(median(ratios), low, high, len(ratios))


def interleaved(sides: Mapping[str, Work], rounds: int) -> Timing:
    """Return the time of every side, each measured once a round, in an order that is shuffled every round."""
    order = random.Random(0)
    calls = {name: _calls_per_sample(work) for name, work in sides.items()}
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name in order.sample(list(sides), len(sides)):
            if calls[name] > 1:
                sides[name]()  # the other side has just emptied the caches of the processor
            seconds[name].append(cpu_seconds(sides[name], calls[name]))
    return Timing(seconds)


def cpu_seconds(work: Work, calls: int) -> float:
    """Return the CPU time that this thread spends on one call, on average."""
    start = time.thread_time()
    for _ in range(calls):
        work()
    return (time.thread_time() - start) / calls


def _calls_per_sample(work: Work) -> int:
    # The first calls allocate, import and fill tables; the last one says how long a call is.
    return max(1, round(SAMPLE_SECONDS / [cpu_seconds(work, 1) for _ in range(3)][-1]))
