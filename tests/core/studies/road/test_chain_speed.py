"""What a chain and attention need: steps and products by count; times are there, and nothing more is asked of them."""

from __future__ import annotations

import torch

from transformer_core.ancestors.cells import LSTM
from transformer_core.studies.road.chain_speed import chain_and_attention


def test_steps_and_products_are_those_of_the_weights() -> None:
    found = list(chain_and_attention(8, (3, 9), rounds=1))
    assert [(chain.steps, looking.steps) for chain, looking in found] == [(3, 1), (9, 1)]
    matrices = sum(weight.numel() for weight in LSTM(8).parameters() if weight.dim() == 2)
    heads = torch.nn.MultiheadAttention(8, 4)
    maps = sum(weight.numel() for weight in heads.parameters() if weight.dim() == 2)
    for chain, looking in found:
        n = chain.length
        assert chain.products == n * matrices
        assert looking.products == n * maps + 2 * n * n * 8  # every query with every key, every weight with a value
        assert min(chain.seconds, looking.seconds) > 0
