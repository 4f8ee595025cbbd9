"""A chain takes its words one after the other, attention takes all at once: how many steps depend on each other, how
much is multiplied, and how long it takes here and now. These are three things, and no one follows from another.

Letters: L words, D width.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median

import torch

from transformer_core.ancestors.cells import LSTM
from transformer_core.transformer.blocks import AttentionConfig, FeedForwardConfig
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.masks import causal_mask
from transformer_core.transformer.modules.attention import Attention

WARM_UPS, HEADS = 2, 4


@dataclass(frozen=True)
class Cost:
    """What a layer needs for one length.

    Attributes:
        length: L.
        steps: that have to be taken one after the other.
        products: multiplications, without those of single numbers.
        seconds: the median of the rounds.
    """

    length: int
    steps: int
    products: int
    seconds: float


@torch.inference_mode()
def chain_and_attention(width: int, lengths: Sequence[int], *, rounds: int = 5) -> Iterator[tuple[Cost, Cost]]:
    """Yield for each length what an LSTM and a block of attention of the same width need, with fresh weights.

    Both run in torch's own kernels, as in training: step by step in Python a chain would lose for that alone. They take
    turns, after two rounds that only warm up.

    Args:
        width: D, of the vectors; a multiple of four.
        lengths: L.
        rounds: of which the median is taken.
    """
    cell, block = LSTM(width).train(), Attention(_config(width, max(lengths))).train()  # nothing is learned
    for length in lengths:
        x = torch.ones(1, length, width)
        mask = causal_mask(length, length, x.dtype, x.device)
        ways = partial(cell, x, None, None), partial(block, x, mask)
        taken = [[_seconds(way) for way in ways] for _ in range(WARM_UPS + rounds)]
        chain, looking = (median(times) for times in zip(*taken[WARM_UPS:], strict=True))
        products = 8 * length * width**2, 4 * length * width**2 + 2 * length**2 * width
        yield Cost(length, length, products[0], chain), Cost(length, 1, products[1], looking)


def _config(width: int, longest: int) -> TransformerConfig:
    return TransformerConfig(
        architecture="decoder-only",
        d_model=width,
        n_decoder_layers=1,
        target_vocab_size=4,
        max_length=longest,
        attention=AttentionConfig(HEADS, dropout=0.0),
        feed_forward=FeedForwardConfig(width),
    )


def _seconds(way: Callable[[], object]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start
