"""How much memory the weights of a model take, told before any is there."""

from __future__ import annotations

import torch
from torch import nn

from transformer_core.glass.errors import ModelSizeError


def check_size(name: str, model: nn.Module, dtype: torch.dtype, most: int | None) -> None:
    """Raise a ModelSizeError if the weights of a model would take more than `most` bytes; None for no limit.

    Args:
        name: of the model.
        model: its parameters may lie on the device "meta".
        dtype: in which they are going to be computed.
        most: bytes.
    """
    if most is None:
        return
    n = sum(parameter.numel() for parameter in model.parameters())
    taken = n * dtype.itemsize
    if taken > most:
        size, free = (f"{one / 2**30:.1f} GiB" for one in (taken, most))
        raise ModelSizeError(
            f"{name} has {n:,} parameters, which take {size} as {dtype}, and weight_bytes allows {free}: open a "
            "smaller one",
            model=name,
            size=size,
            free=free,
        )
