"""Marian (Junczys-Dowmunt et al. 2018), as the translators of Helsinki-NLP are: the paper's Transformer, post-norm."""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor

from transformer_core.models.pretrained.reading.family import Family, Row, attention, copied, joined, linear, norm
from transformer_core.models.pretrained.reading.fields import Fields
from transformer_core.models.pretrained.reading.tokens import Tokens, sentencepiece_pair
from transformer_core.transformer.blocks import (
    Activation,
    AttentionConfig,
    EmbeddingConfig,
    FeedForwardConfig,
    HeadConfig,
    Sinusoidal,
)
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.modules.positions import sinusoidal_positions

ACTIVATIONS: dict[str, Activation] = {"swish": "silu", "silu": "silu", "relu": "relu", "gelu": "gelu"}


def config(fields: Fields, names: Collection[str], tokens: Tokens) -> TransformerConfig:
    """Return what a config.json of Marian describes: both stacks have as many heads and units."""
    heads, units = (fields.whole(f"encoder_{name}") for name in ("attention_heads", "ffn_dim"))
    fields.only("decoder_attention_heads", heads)
    fields.only("decoder_ffn_dim", units)
    fields.only("normalize_before", False)
    fields.only("normalize_embedding", False)
    fields.only("add_final_layer_norm", False)
    fields.only("static_position_embeddings", True)
    fields.only("add_bias_logits", False)
    fields.only("do_blenderbot_90_layernorm", False)
    fields.only("force_bos_token_to_be_generated", False)
    fields.only("tie_word_embeddings", True)
    eos, pad = fields.id("eos_token_id"), fields.id("pad_token_id")
    if eos is None or pad is None:
        raise fields.refusal("eos_token_id" if eos is None else "pad_token_id", "the id of that sign")
    begins, vocab_size = fields.id("decoder_start_token_id"), fields.whole("vocab_size")
    return TransformerConfig(
        d_model=fields.whole("d_model"),
        n_encoder_layers=fields.whole("encoder_layers"),
        n_decoder_layers=fields.whole("decoder_layers"),
        source_vocab_size=vocab_size,
        target_vocab_size=fields.whole("decoder_vocab_size", vocab_size),
        max_length=fields.whole("max_position_embeddings", 512),
        positions=Sinusoidal("halves"),
        embedding=EmbeddingConfig(
            scale=fields.flag("scale_embedding", default=False),
            tied=fields.flag("share_encoder_decoder_embeddings", default=True),
        ),
        attention=AttentionConfig(heads),
        feed_forward=FeedForwardConfig(units, fields.word("activation_function", ACTIVATIONS, "gelu")),
        head=HeadConfig(bias=True),
        bos_id=pad if begins is None else begins,
        eos_id=eos,
        pad_id=pad,
        writes_pad=False,
    )


def rows(config: TransformerConfig) -> tuple[Row, ...]:
    """Return the table."""
    read, written = "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"
    tables = (
        copied("src_embed.W_E", "shared.weight", read, written, "lm_head.weight")
        if config.embedding.tied
        else joined(copied("src_embed.W_E", read), copied("tgt_embed.W_E", written, "lm_head.weight"))
    )
    return joined(
        tables,
        copied("head.b", "final_logits_bias"),
        _stack("encoder", {"self_attn": "self_attn"}),
        _stack("decoder", {"self_attn": "self_attn", "cross_attn": "encoder_attn"}),
    )


def _stack(stack: str, blocks: dict[str, str]) -> tuple[Row, ...]:
    layer, theirs = f"{stack}.{{i}}", f"{stack}.layers.{{i}}"
    maps = ("q_proj", "k_proj", "v_proj", "out_proj")
    norms = [*(f"{name}_layer_norm" for name in blocks.values()), "final_layer_norm"]
    return joined(
        *(attention(f"{layer}.{ours}", *(f"{theirs}.{name}.{one}" for one in maps)) for ours, name in blocks.items()),
        linear(f"{layer}.ffn", "1", f"{theirs}.fc1"),
        linear(f"{layer}.ffn", "2", f"{theirs}.fc2"),
        *(norm(f"{layer}.ln{n}", f"{theirs}.{name}") for n, name in enumerate(norms, start=1)),
    )


def constants(config: TransformerConfig) -> dict[str, Tensor]:
    """Return the waves, which some files hold."""
    waves = sinusoidal_positions(config.max_length, config.d_model, torch.float64, torch.device("cpu"), "halves")
    return {f"{stack}.embed_positions.weight": waves for stack in ("encoder", "decoder")}


FAMILY = Family(
    model_types=("marian",),
    config=config,
    rows=rows,
    signs={"eos": "</s>", "unk": "<unk>", "pad": "<pad>"},
    prefixes=("model.",),
    constants=constants,
    irrelevant=frozenset({"num_hidden_layers", "is_decoder", "language", "extra_pos_embeddings"}),
    tokens=sentencepiece_pair,
)
