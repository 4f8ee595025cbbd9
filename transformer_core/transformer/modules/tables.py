"""What is learned, as it is before training: tables (embeddings, learned positions, segments, a bias) and maps.

On the device "meta" it has a shape and no numbers, and none are drawn: there torch's `normal_` would import the whole
of torch's compiler, which costs 2 s of processor at every start of the app (measured with torch 2.13).
"""

from __future__ import annotations

import torch
from torch import nn


def new_table(rows: int, columns: int, std: float = 0.02) -> nn.Parameter:
    """Return a table of numbers drawn from N(0, std^2).

    Shapes: -> [rows, columns].
    """
    table = nn.Parameter(torch.empty(rows, columns))
    if not table.is_meta:
        nn.init.normal_(table, std=std)
    return table


def new_matrix(rows: int, columns: int) -> nn.Parameter:
    """Return the matrix of a map, drawn as Glorot & Bengio (2010) do, uniformly.

    Shapes: -> [rows, columns].
    """
    matrix = nn.Parameter(torch.empty(rows, columns))
    if not matrix.is_meta:
        nn.init.xavier_uniform_(matrix)
    return matrix
