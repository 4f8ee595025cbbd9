"""Layer normalisation (Ba, Kiros & Hinton 2016), with its statistics in the open.

Letters: B batch, L position, D d_model, 1 a kept axis.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from transformer_core.glass.hooks import HookPoint


class LayerNorm(nn.Module):
    """gamma * (x - mean) / sqrt(var + eps) + beta over the last axis, with the biased variance.

    Training uses the fused kernel; otherwise the four steps are taken one by one, whoever listens, because the fused
    kernel differs in the last bit and a trace must not.
    """

    def __init__(self, d_model: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(d_model))  # [D]
        self.beta = nn.Parameter(torch.zeros(d_model))  # [D]
        self.mean = HookPoint()  # [B, L, 1]
        self.var = HookPoint()  # [B, L, 1]
        self.normalized = HookPoint()  # [B, L, D]
        self.out = HookPoint()  # [B, L, D]

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised, scaled and shifted `x`.

        Shapes: x [B, L, D] -> [B, L, D].
        """
        if self.training:
            return nn.functional.layer_norm(x, self.gamma.shape, self.gamma, self.beta, self.eps)
        mean = self.mean(x.mean(dim=-1, keepdim=True))
        deviation = x - mean  # [B, L, D]
        # torch.var_mean would give both at once; on the CPU it takes up to four times as long as these three steps.
        var = self.var(deviation.square().mean(dim=-1, keepdim=True))
        normalized = self.normalized(deviation * torch.rsqrt(var + self.eps))
        return self.out(torch.addcmul(self.beta, normalized, self.gamma))
