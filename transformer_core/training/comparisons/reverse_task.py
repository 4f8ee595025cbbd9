"""A task that a tiny model learns in under a minute: write the symbols that were read in reverse order.

Letters: B items, S source position, T target position.
"""

from __future__ import annotations

import random

import torch

from transformer_core.training.data.pairs import Batch
from transformer_core.transformer.blocks import AttentionConfig, FeedForwardConfig
from transformer_core.transformer.config import TransformerConfig

SYMBOLS = 16
SHORTEST, LONGEST = 6, 12
PAD, BOS, EOS = 0, 1, 2
FIRST = 3  # id of the first symbol; below it stand the special tokens


def config() -> TransformerConfig:
    """Return the shape of the model that learns it: 1 + 1 layers of width 64, and no dropout."""
    return TransformerConfig(
        d_model=64,
        n_encoder_layers=1,
        n_decoder_layers=1,
        source_vocab_size=FIRST + SYMBOLS,
        target_vocab_size=FIRST + SYMBOLS,
        max_length=LONGEST + 1,
        attention=AttentionConfig(4, dropout=0.0),
        feed_forward=FeedForwardConfig(128),
        dropout=0.0,
    )


class Items:
    """Sequences of symbols, drawn without end; the same for the same seed. The held-out ones are never drawn again."""

    def __init__(self, seed: int, held_out: int) -> None:
        """Begin with the held-out items.

        Args:
            seed: of everything that is drawn.
            held_out: how many items are set aside.
        """
        self._dice = random.Random(seed)
        self._taken: set[tuple[int, ...]] = set()
        aside = [self._draw() for _ in range(held_out)]
        self._taken = set(aside)
        self.held_out = _batch(aside)

    def batch(self, size: int) -> Batch:
        """Return so many new items."""
        return _batch([self._draw() for _ in range(size)])

    def _draw(self) -> tuple[int, ...]:
        while True:
            length = self._dice.randint(SHORTEST, LONGEST)
            item = tuple(self._dice.choices(range(FIRST, FIRST + SYMBOLS), k=length))
            if item not in self._taken:
                return item


def _batch(items: list[tuple[int, ...]]) -> Batch:
    width = max(len(item) for item in items) + 1
    rows = [([*item, EOS], [BOS, *item[::-1]], [*item[::-1], EOS]) for item in items]
    sides = [[[*row[side], *[PAD] * (width - len(row[side]))] for row in rows] for side in range(3)]
    return Batch(*(torch.tensor(side) for side in sides))
