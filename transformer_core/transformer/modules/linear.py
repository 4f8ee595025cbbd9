"""The linear map x W + b, in the orientation of the paper."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def linear(x: Tensor, W: Tensor, b: Tensor | None) -> Tensor:
    """Return x W + b.

    Shapes: x [..., I], W [I, O], b [O] -> [..., O]. (`torch.nn.Linear` keeps W transposed.)
    """
    return F.linear(x, W.t(), b)
