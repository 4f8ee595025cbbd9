"""Muon in float32, for processors that multiply no bfloat16.

`torch.optim.Muon` turns every matrix into bfloat16 first. Where the processor has no instructions for that, its
products are emulated: measured on an x86-64 with AVX2 alone, that was 6.1 of the 6.4 seconds of a step of the bundled
translators' size.
"""

from __future__ import annotations

import torch
from torch import Tensor


class Float32Muon(torch.optim.Muon):
    """`torch.optim.Muon` with `adjust_lr_fn="match_rms_adamw"`, whose products are those of its weights' own type."""

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]  # it takes no closure
        """Take one step for every weight that has a gradient (Jordan 2024; Liu et al. 2025)."""
        for group in self.param_groups:
            rate, momentum = group["lr"], group["momentum"]
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                average = self.state[weight].setdefault("momentum_buffer", torch.zeros_like(weight.grad))
                average.lerp_(weight.grad, 1 - momentum)
                change = weight.grad.lerp(average, momentum) if group["nesterov"] else average
                orthogonal = orthogonalized(change, group["ns_coefficients"], group["ns_steps"], group["eps"])
                weight.mul_(1 - rate * group["weight_decay"])
                weight.add_(orthogonal, alpha=-0.2 * max(weight.shape) ** 0.5 * rate)


def orthogonalized(matrix: Tensor, coefficients: tuple[float, float, float], steps: int, eps: float) -> Tensor:
    """A matrix of the same singular vectors whose singular values are all near to 1, by Newton and Schulz's iteration.

    Shapes: matrix [m, n] -> [m, n].
    """
    a, b, c = coefficients
    x = matrix.mT if matrix.shape[0] > matrix.shape[1] else matrix
    x = x / x.norm().clamp(min=eps)  # the norm is at least the largest singular value
    for _ in range(steps):
        gram = x @ x.mT
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return x.mT if matrix.shape[0] > matrix.shape[1] else x
