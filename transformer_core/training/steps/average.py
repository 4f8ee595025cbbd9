"""The exponential moving average of the weights: the model that is kept (Polyak & Juditsky 1992: the mean)."""

from __future__ import annotations

import copy
from typing import Generic, TypeVar

import torch
from torch import nn

M = TypeVar("M", bound=nn.Module)


class WeightAverage(Generic[M]):
    """Averaged weights, unbiased from the first step on.

    After n updates an update k steps ago has the share decay**k, over the sum of all the shares: early averages are not
    pulled towards the random start.

    Attributes:
        model: a copy of the trained model, in eval mode, that holds the average.
        updates: how many weights were averaged.
    """

    def __init__(self, model: M, decay: float) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"decay must be in [0, 1), not {decay}")
        self.decay = decay
        self.updates = 0
        self.model: M = copy.deepcopy(model).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, model: M) -> None:
        """Take the present weights of `model` into the average."""
        self.updates += 1
        share = (1 - self.decay) / (1 - self.decay**self.updates)
        torch._foreach_lerp_(list(self.model.parameters()), list(model.parameters()), share)
