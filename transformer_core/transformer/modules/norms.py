"""Normalisations with their statistics in the open: LayerNorm (Ba, Kiros & Hinton 2016) and RMSNorm.

Training uses the fused kernels; otherwise the steps are taken one by one, whoever listens, because a fused kernel
differs in the last bit and a trace must not.
Letters: B batch, L position, D d_model, 1 a kept axis.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from transformer_core.glass.hooks import HookPoint
from transformer_core.transformer.config import TransformerConfig


class LayerNorm(nn.Module):
    """gamma * (x - mean) / sqrt(var + eps) + beta over the last axis, with the biased variance."""

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


class RMSNorm(nn.Module):
    """gamma * x / sqrt(mean of x squared + eps) over the last axis (Zhang & Sennrich 2019)."""

    def __init__(self, d_model: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.gamma = nn.Parameter(torch.ones(d_model))  # [D]
        self.mean_square = HookPoint()  # [B, L, 1]
        self.normalized = HookPoint()  # [B, L, D]
        self.out = HookPoint()  # [B, L, D]

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalised and scaled `x`.

        Shapes: x [B, L, D] -> [B, L, D].
        """
        if self.training:
            return nn.functional.rms_norm(x, self.gamma.shape, self.gamma, self.eps)
        mean_square = self.mean_square(x.square().mean(dim=-1, keepdim=True))
        return self.out(self.normalized(x * torch.rsqrt(mean_square + self.eps)) * self.gamma)


def make_norm(config: TransformerConfig) -> LayerNorm | RMSNorm:
    """Return a fresh normalisation of the kind that a model has."""
    cls = LayerNorm if config.norm.kind == "layer_norm" else RMSNorm
    return cls(config.d_model, config.norm.eps)
