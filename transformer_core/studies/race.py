"""Three ways to let a decoder say what it says at every position, timed here and now on this machine.

Letters: T target positions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import median

import torch
from torch import Tensor

from transformer_core.decoding.checks import as_batch, checked_source
from transformer_core.glass.capture import evaluating
from transformer_core.glass.model import LanguageModel

WARM_UPS = 1


@dataclass(frozen=True)
class Times:
    """Seconds for one length, each the median of the rounds.

    Attributes:
        length: T, the words that are written.
        parallel: one pass over all positions, as teacher forcing takes it.
        cached: T passes over one new position each, keys and values kept.
        growing: T passes, each over all positions so far.
    """

    length: int
    parallel: float
    cached: float
    growing: float


@torch.inference_mode()
def race(
    model: LanguageModel,
    source: Sequence[int] | None,
    target: Sequence[int],
    lengths: Sequence[int],
    *,
    rounds: int = 3,
) -> Iterator[Times]:
    """Yield the times of each length: the three ways in turn within every round, after one round that only warms up.

    The encoder's pass is the same for all and is not timed; where a length is longer than the target, its words are
    read again from the start, because what is read makes no difference to the time.

    Args:
        model: one that writes.
        source: ids that the encoder reads; None without one.
        target: ids of words to be written, at least one.
        lengths: each at most max_length.
        rounds: of which the median is taken.

    Raises:
        AbilityError: if the model does not write.
        TargetError: if a source is missing or too many.
    """
    ids = as_batch(model, source)
    checked_source(model, ids)
    with evaluating(model):
        memory = None if ids is None else model.encode(ids)
    for length in lengths:
        words = [model.config.bos_id, *islice(cycle(target), length - 1)]
        read = torch.tensor([words], device=model.device)
        ways = (_parallel, _cached, _growing)
        with evaluating(model):  # not while the caller has the times: mode and threads are everybody's
            taken = [[_seconds(way, model, read, memory, ids) for way in ways] for _ in range(WARM_UPS + rounds)]
        yield Times(length, *(median(seconds) for seconds in zip(*taken[WARM_UPS:], strict=True)))


def _parallel(model: LanguageModel, read: Tensor, memory: Tensor | None, source: Tensor | None) -> None:
    model.head(model.decode(read, memory, source))


def _cached(model: LanguageModel, read: Tensor, memory: Tensor | None, source: Tensor | None) -> None:
    caches = model.new_caches()
    for t in range(read.shape[1]):
        model.head(model.decode(read[:, t : t + 1], memory, source, caches))


def _growing(model: LanguageModel, read: Tensor, memory: Tensor | None, source: Tensor | None) -> None:
    for t in range(1, read.shape[1] + 1):
        model.head(model.decode(read[:, :t], memory, source))


def _seconds(way: Callable[..., None], *arguments: object) -> float:
    start = time.perf_counter()
    way(*arguments)
    return time.perf_counter() - start
