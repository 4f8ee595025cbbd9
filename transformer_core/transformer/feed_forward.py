"""The position-wise feed-forward network (section 3.3 of the paper).

Letters: B batch, L position, D d_model, F d_ff.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from transformer_core.glass.hooks import HookPoint
from transformer_core.transformer.config import Activation, TransformerConfig
from transformer_core.transformer.linear import linear

ACTIVATIONS: dict[Activation, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "gelu": F.gelu,
    "gelu_tanh": partial(F.gelu, approximate="tanh"),
}


class FeedForward(nn.Module):
    """activation(x W_1 + b_1) W_2 + b_2, the same for every position (equation 2)."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.activation = ACTIVATIONS[config.activation]
        self.W_1 = nn.Parameter(torch.empty(config.d_model, config.d_ff))  # [D, F]
        self.W_2 = nn.Parameter(torch.empty(config.d_ff, config.d_model))  # [F, D]
        nn.init.xavier_uniform_(self.W_1)
        nn.init.xavier_uniform_(self.W_2)
        self.b_1 = nn.Parameter(torch.zeros(config.d_ff)) if config.feed_forward_bias else None
        self.b_2 = nn.Parameter(torch.zeros(config.d_model)) if config.feed_forward_bias else None
        self.pre = HookPoint()  # [B, L, F]
        self.act = HookPoint()  # [B, L, F]
        self.out = HookPoint()  # [B, L, D]

    def forward(self, x: Tensor) -> Tensor:
        """Return what the network adds at every position.

        Shapes: x [B, L, D] -> [B, L, D].
        """
        act = self.act(self.activation(self.pre(linear(x, self.W_1, self.b_1))))
        return self.out(linear(act, self.W_2, self.b_2))
