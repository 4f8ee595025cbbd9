"""DistilBERT (Sanh et al. 2019): BERT without segments, and with names of its own."""

from __future__ import annotations

from collections.abc import Collection

from transformer_core.models.pretrained.bert import ACTIVATIONS, SIGNS, TOKENS, signs
from transformer_core.models.pretrained.reading.family import Family, Row, attention, copied, joined, linear, norm
from transformer_core.models.pretrained.reading.fields import Fields
from transformer_core.models.pretrained.reading.tokens import Tokens
from transformer_core.transformer.blocks import (
    AttentionConfig,
    EmbeddingConfig,
    FeedForwardConfig,
    HeadConfig,
    Learned,
    NormConfig,
)
from transformer_core.transformer.config import TransformerConfig

HEAD = "vocab_transform"


def config(fields: Fields, names: Collection[str], tokens: Tokens) -> TransformerConfig:
    """Return what a config.json of DistilBERT describes."""
    fields.only("tie_word_embeddings", True)
    fields.only("tie_weights_", True)
    first, last, pad = signs(fields, tokens)
    return TransformerConfig(
        architecture="encoder-only",
        d_model=fields.whole("dim"),
        n_encoder_layers=fields.whole("n_layers"),
        source_vocab_size=fields.whole("vocab_size"),
        max_length=fields.whole("max_position_embeddings", 512),
        positions=Learned(),
        embedding=EmbeddingConfig(scale=False, norm=True),
        attention=AttentionConfig(fields.whole("n_heads")),
        feed_forward=FeedForwardConfig(fields.whole("hidden_dim"), fields.word("activation", ACTIVATIONS, "gelu")),
        norm=NormConfig(eps=1e-12),
        head=HeadConfig(transform=True, bias=True) if f"{HEAD}.weight" in names else None,
        bos_id=first,
        eos_id=last,
        pad_id=pad,
    )


def rows(config: TransformerConfig) -> tuple[Row, ...]:
    """Return the table."""
    layer, theirs = "encoder.{i}", "transformer.layer.{i}"
    return joined(
        copied("src_embed.W_E", "embeddings.word_embeddings.weight", "vocab_projector.weight"),
        copied("src_embed.W_pos", "embeddings.position_embeddings.weight"),
        norm("src_embed.ln", "embeddings.LayerNorm"),
        attention(f"{layer}.self_attn", *(f"{theirs}.attention.{letter}_lin" for letter in ("q", "k", "v", "out"))),
        linear(f"{layer}.ffn", "1", f"{theirs}.ffn.lin1"),
        linear(f"{layer}.ffn", "2", f"{theirs}.ffn.lin2"),
        norm(f"{layer}.ln1", f"{theirs}.sa_layer_norm"),
        norm(f"{layer}.ln2", f"{theirs}.output_layer_norm"),
        linear("head", "dense", HEAD),
        norm("head.ln", "vocab_layer_norm"),
        copied("head.b", "vocab_projector.bias"),
    )


FAMILY = Family(
    model_types=("distilbert",),
    config=config,
    rows=rows,
    signs=SIGNS,
    tokens=TOKENS,
    prefixes=("distilbert.",),
    # Positions that were made as waves are read from their table like others.
    irrelevant=frozenset({"sinusoidal_pos_embds"}),
)
