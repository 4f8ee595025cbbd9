"""The logits of one position on their way to our own components: all of them, or of a large vocabulary a summary.

What a component works out of them, a softmax at any temperature, its entropy, and how many of the best words reach a
share, asks for no ids: only for the numbers, the largest first. The best are sent one by one, and the others in groups
of nearly equal ones, each as their mean and their number. Two logits of a group differ by 1/128 at most, or by 1/256 of
how far they lie below the largest, where that is more: at every temperature from 0.1 on that changes a share by less
than a thousandth of itself.

Letters: V vocabulary, N numbers that are sent.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.wire import packed

Array = NDArray[Any]
ALL = 8192  # words of a vocabulary that is sent whole
ALONE = 1024  # of a larger one, the best words that stand for themselves
NEAR = 2.0  # so far below the largest the groups are equally wide
PER_UNIT = 128


def spread(logits: Array) -> dict[str, Any]:
    """Return what a component needs of the logits of one position.

    Shapes: logits [V] -> logits: float32 bytes [N], the largest first; counts: how many words each stands for, float32
    bytes [N], or None where each is one word.
    """
    if len(logits) <= ALL:
        return {"logits": packed(np.sort(logits)[::-1]), "counts": None}
    means, counts = grouped(logits)
    return {"logits": packed(means), "counts": packed(counts)}


def grouped(logits: Array) -> tuple[Array, Array]:
    """Return the best logits one by one and the others in groups, the largest first, with how many words are in each.

    Shapes: logits [V] -> means, counts [N].
    """
    falling = np.sort(logits)[::-1].astype(np.float64)
    rest = falling[ALONE:]
    rest = rest[np.isfinite(rest)]
    below = falling[0] - rest
    far = PER_UNIT * NEAR * (1 + np.log(np.maximum(below, NEAR) / NEAR))
    groups = np.floor(np.where(below < NEAR, PER_UNIT * below, far))
    starts = np.flatnonzero(np.diff(groups, prepend=-1.0))
    counts = np.diff(starts, append=len(rest))
    means, blocked = np.add.reduceat(rest, starts) / counts if len(rest) else rest, len(falling) - ALONE - len(rest)
    ends = ([-np.inf], [blocked]) if blocked else ([], [])
    return (
        np.concatenate((falling[:ALONE], means, ends[0])),
        np.concatenate((np.ones(ALONE), counts if len(rest) else [], ends[1])),
    )
