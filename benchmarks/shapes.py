"""The sizes that are measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from transformer_core.transformer.blocks import AttentionConfig, FeedForwardConfig
from transformer_core.transformer.config import TransformerConfig


@dataclass(frozen=True)
class Shape:
    """The sizes of a model and of what it reads.

    Attributes:
        n_layers: layers of each stack.
        n_heads, d_model: heads and width; the feed-forward is four times as wide.
        vocab_size, max_length: entries of the vocabulary and of the table of positions.
        n_tokens: length of the text that is read.
    """

    n_layers: int
    n_heads: int
    d_model: int
    vocab_size: int
    max_length: int
    n_tokens: int

    def config(self, **more: Any) -> TransformerConfig:
        """Return the encoder-decoder of this shape; `more` are fields that differ from the usual."""
        return TransformerConfig(
            d_model=self.d_model,
            attention=AttentionConfig(self.n_heads),
            feed_forward=FeedForwardConfig(4 * self.d_model),
            n_encoder_layers=self.n_layers,
            n_decoder_layers=self.n_layers,
            source_vocab_size=self.vocab_size,
            target_vocab_size=self.vocab_size,
            max_length=self.max_length,
            **more,
        )

    def __str__(self) -> str:
        return f"{self.n_layers} layers, d {self.d_model}, {self.n_tokens} tokens"


SMALL = Shape(n_layers=3, n_heads=4, d_model=128, vocab_size=1000, max_length=64, n_tokens=16)
GPT2 = Shape(n_layers=12, n_heads=12, d_model=768, vocab_size=50257, max_length=1024, n_tokens=256)
GPT2_LONG = replace(GPT2, n_tokens=512)
MARIAN = Shape(n_layers=6, n_heads=8, d_model=512, vocab_size=32000, max_length=64, n_tokens=16)
