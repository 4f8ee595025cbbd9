"""The learning rate over a training: a linear warm-up, then a decay."""

from __future__ import annotations

import math
from typing import Literal

Schedule = Literal["cosine", "inverse-sqrt"]


def learning_rate(
    step: int, progress: float, *, peak: float, warmup_steps: int, schedule: Schedule = "cosine"
) -> float:
    """The rate of one update.

    Args:
        step: the update's number, from 1.
        progress: the part of the training that is over, 0 to 1. Only the cosine reads it, and is 0 at its end.
        peak: the rate at the end of the warm-up.
        warmup_steps: updates over which the rate rises from 0 in a straight line.
        schedule: "cosine" falls along half a cosine wave; "inverse-sqrt" falls with 1 / sqrt(step), as in the paper
            (section 5.3), and needs no known end.
    """
    rise = min(1.0, step / max(1, warmup_steps))
    if schedule == "cosine":
        return peak * rise * 0.5 * (1 + math.cos(math.pi * min(1.0, max(0.0, progress))))
    return peak * rise * math.sqrt(max(1, warmup_steps) / max(step, warmup_steps, 1))
