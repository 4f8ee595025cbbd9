"""Hugging Face models with random weights, and ours with the very same weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
import transformers  # whole: it loads a model only when it is named

from benchmarks.core.peer_weights import Weights, copy_weights, gpt2_weights, marian_weights
from benchmarks.shapes import Shape
from transformer_core.transformer.blocks import (
    AttentionConfig,
    EmbeddingConfig,
    FeedForwardConfig,
    HeadConfig,
    Learned,
    Sinusoidal,
)
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.model import Transformer

NEVER = -1e4  # a logit that is never the largest


@dataclass(frozen=True)
class Pair:
    """One shape on both sides, in eval mode.

    Attributes:
        ours: our model.
        theirs: the Hugging Face model whose weights it bears.
    """

    ours: Transformer
    theirs: Any


def gpt2_pair(shape: Shape) -> Pair:
    """Return a GPT-2 of this shape and ours."""
    torch.manual_seed(0)
    theirs = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(
            n_layer=shape.n_layers,
            n_head=shape.n_heads,
            n_embd=shape.d_model,
            vocab_size=shape.vocab_size,
            n_positions=shape.max_length,
            bos_token_id=1,
            eos_token_id=2,
        )
    )
    config = TransformerConfig(
        architecture="decoder-only",
        d_model=shape.d_model,
        n_decoder_layers=shape.n_layers,
        target_vocab_size=shape.vocab_size,
        max_length=shape.max_length,
        order="pre",
        positions=Learned(),
        embedding=EmbeddingConfig(scale=False),
        attention=AttentionConfig(shape.n_heads),
        feed_forward=FeedForwardConfig(4 * shape.d_model, "gelu_tanh"),
    )
    return _pair(config, gpt2_weights(theirs), theirs)


def marian_pair(shape: Shape) -> Pair:
    """Return a Marian of this shape and ours, with ReLU and without an end: neither ever writes </s>."""
    torch.manual_seed(0)
    theirs = transformers.MarianMTModel(
        transformers.MarianConfig(
            encoder_layers=shape.n_layers,
            decoder_layers=shape.n_layers,
            encoder_attention_heads=shape.n_heads,
            decoder_attention_heads=shape.n_heads,
            d_model=shape.d_model,
            encoder_ffn_dim=4 * shape.d_model,
            decoder_ffn_dim=4 * shape.d_model,
            vocab_size=shape.vocab_size,
            max_position_embeddings=shape.max_length,
            activation_function="relu",
            scale_embedding=True,
            init_std=shape.d_model**-0.5,
            pad_token_id=0,
            decoder_start_token_id=1,
            eos_token_id=2,
            forced_eos_token_id=None,
        )
    )
    theirs.final_logits_bias[0, 2] = NEVER
    config = shape.config(
        positions=Sinusoidal("halves"),
        embedding=EmbeddingConfig(tied=True),
        head=HeadConfig(bias=True),
    )
    return _pair(config, marian_weights(theirs), theirs)


def _pair(config: TransformerConfig, weights: Weights, theirs: Any) -> Pair:
    assert theirs.config._attn_implementation == "sdpa", "the fastest attention that it has"
    ours = Transformer(config)
    copy_weights(ours, weights)
    return Pair(ours.eval(), theirs.eval())
