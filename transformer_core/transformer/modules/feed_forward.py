"""The position-wise feed-forward network (section 3.3 of the paper), plain or gated.

Letters: B batch, L position, D d_model, F d_ff.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from transformer_core.glass.hooks import HookPoint
from transformer_core.transformer.blocks import Activation
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.modules.linear import linear
from transformer_core.transformer.modules.tables import new_matrix

ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_tanh": partial(F.gelu, approximate="tanh"),
    "silu": F.silu,
}


class FeedForward(nn.Module):
    """activation(x W_1 + b_1) W_2 + b_2, the same for every position (equation 2)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        shape = config.feed_forward
        self.activation = ACTIVATIONS[shape.activation]
        self.W_1 = new_matrix(config.d_model, config.d_ff)  # [D, F]
        self.W_2 = new_matrix(config.d_ff, config.d_model)  # [F, D]
        self.b_1 = nn.Parameter(torch.zeros(config.d_ff)) if shape.bias else None
        self.b_2 = nn.Parameter(torch.zeros(config.d_model)) if shape.bias else None
        self.pre = HookPoint()  # [B, L, F]
        self.act = HookPoint()  # [B, L, F]
        self.out = HookPoint()  # [B, L, D]

    def forward(self, x: Tensor) -> Tensor:
        """Return what the network adds at every position.

        Shapes: x [B, L, D] -> [B, L, D].
        """
        act = self.act(self.activation(self.pre(linear(x, self.W_1, self.b_1))))
        return self.out(linear(act, self.W_2, self.b_2))


class GatedFeedForward(nn.Module):
    """(activation(x W_gate) * x W_up) W_2, the same for every position (Shazeer 2020)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.activation = ACTIVATIONS[config.feed_forward.activation]
        self.W_gate = new_matrix(config.d_model, config.d_ff)  # [D, F]
        self.W_up = new_matrix(config.d_model, config.d_ff)  # [D, F]
        self.W_2 = new_matrix(config.d_ff, config.d_model)  # [F, D]
        self.gate = HookPoint()  # [B, L, F]
        self.act = HookPoint()  # [B, L, F]
        self.up = HookPoint()  # [B, L, F]
        self.gated = HookPoint()  # [B, L, F]
        self.out = HookPoint()  # [B, L, D]

    def forward(self, x: Tensor) -> Tensor:
        """Return what the network adds at every position.

        Shapes: x [B, L, D] -> [B, L, D].
        """
        act = self.act(self.activation(self.gate(x @ self.W_gate)))
        gated = self.gated(act * self.up(x @ self.W_up))
        return self.out(gated @ self.W_2)


def make_feed_forward(config: TransformerConfig) -> FeedForward | GatedFeedForward:
    """Return a fresh network of the kind that a model has."""
    return GatedFeedForward(config) if config.feed_forward.gated else FeedForward(config)
