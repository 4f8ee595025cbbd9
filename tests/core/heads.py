"""Heads whose answer is known: traces with given weights, and a model built by hand that really does induction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from transformer_core.glass.trace import Trace
from transformer_core.transformer.blocks import AttentionConfig, EmbeddingConfig, FeedForwardConfig, HeadConfig, Learned
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.model import Transformer
from transformer_core.transformer.plans import transformer_plan

ENCODER, DECODER, CROSS = "encoder.0.self_attn", "decoder.0.self_attn", "decoder.0.cross_attn"
SHARP = 1e4  # scores so far apart that the softmax is 0 and 1
VOCABULARY, PLACES = 11, 12


def trace_of_weights(weights: NDArray, block: str = ENCODER, *, ids: Sequence[int] = ()) -> Trace:
    """A trace whose block has these weights [H, Q, K]; without `ids`, all words differ and the last key is </s>.

    A model has no other block if it can do without; beside cross-attention, every word looks at itself.
    """
    n_heads, n_queries, n_keys = weights.shape
    layers = {"n_encoder_layers": 0 if block == DECODER else 1, "n_decoder_layers": 0 if block == ENCODER else 1}
    config = TransformerConfig(
        architecture={ENCODER: "encoder-only", DECODER: "decoder-only", CROSS: "encoder-decoder"}[block],
        d_model=2 * n_heads,
        attention=AttentionConfig(n_heads),
        feed_forward=FeedForwardConfig(2),
        source_vocab_size=0 if block == DECODER else 99,
        target_vocab_size=0 if block == ENCODER else 99,
        **layers,
    )
    keys = np.array(ids or [*range(3, n_keys + 2), config.eos_id])
    values = {"src_embed.tokens": keys, "tgt_embed.tokens": keys if block == DECODER else np.arange(3, 3 + n_queries)}
    for path, n in ((ENCODER, n_keys), (DECODER, n_queries)):
        values |= {f"{path}.weights": np.eye(n)[None].repeat(n_heads, 0), f"{path}.mask": np.ones((n, n), bool)}
    values[f"{DECODER}.mask"] = np.tri(n_queries, dtype=bool)
    values[f"{CROSS}.mask"] = np.ones((n_queries, n_keys), bool)
    return Trace(transformer_plan(config), values | {f"{block}.weights": weights}, parameters={})


def induction_model() -> Transformer:
    """Two layers with one head each: the first copies every word's predecessor, the second looks where it is itself.

    The stream has three parts, each with one 1: the word, its place, and (from layer 0 on) the word before it. So every
    row has the same mean and variance, and LayerNorm changes no order. The head says the word that the second layer
    found: ... A B ... A -> B (Elhage et al. 2021, A Mathematical Framework for Transformer Circuits).
    """
    width = 2 * VOCABULARY + PLACES
    model = Transformer(
        TransformerConfig(
            architecture="decoder-only",
            d_model=width,
            attention=AttentionConfig(1),
            feed_forward=FeedForwardConfig(1),
            n_decoder_layers=2,
            target_vocab_size=VOCABULARY,
            max_length=PLACES,
            order="pre",
            positions=Learned(),
            embedding=EmbeddingConfig(scale=False),
            head=HeadConfig(tied=False),
        )
    ).double()
    word, place, before = (range(start, start + n) for start, n in ((0, VOCABULARY), (11, PLACES), (23, VOCABULARY)))
    weights = dict(model.named_parameters())
    for name, weight in weights.items():
        weight.data.fill_(1.0 if name.endswith("gamma") else 0.0)
    _connect(weights["tgt_embed.W_E"], range(VOCABULARY), word)
    _connect(weights["tgt_embed.W_pos"], range(PLACES), place)
    first, second = "decoder.0.self_attn.", "decoder.1.self_attn."
    _connect(weights[first + "W_Q"], place[1:], range(PLACES - 1), SHARP)  # place p asks for place p - 1
    _connect(weights[first + "W_K"], place, range(PLACES))
    _connect(weights[first + "W_V"], word, range(VOCABULARY))
    _connect(weights[first + "W_O"], range(VOCABULARY), before)
    _connect(weights[second + "W_Q"], word, range(VOCABULARY), SHARP)  # my word asks for those who come behind it
    _connect(weights[second + "W_K"], before, range(VOCABULARY))
    _connect(weights[second + "W_V"], word, range(VOCABULARY))
    _connect(weights[second + "W_O"], range(VOCABULARY), word, 10)
    _connect(weights["head.W"], range(VOCABULARY), word)
    return model.eval()


def _connect(weight: torch.nn.Parameter, rows: Sequence[int], columns: Sequence[int], strength: float = 1) -> None:
    weight.data[list(rows), list(columns)] = strength
