"""Llama (Touvron et al. 2023) and its kin: a decoder alone, RMSNorm, rotary positions, shared keys, a gated network."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from transformer_core.models.pretrained.reading.family import Family, Row, attention, copied, joined, norm
from transformer_core.models.pretrained.reading.fields import Fields
from transformer_core.models.pretrained.reading.older_tokens import llama_pieces
from transformer_core.models.pretrained.reading.tokens import Tokens, one_tokenizer
from transformer_core.transformer.blocks import (
    AttentionConfig,
    EmbeddingConfig,
    FeedForwardConfig,
    HeadConfig,
    NormConfig,
    Rotary,
)
from transformer_core.transformer.config import TransformerConfig

MOST = 4096  # positions: tables of angles are made for all of them


def config(fields: Fields, names: Collection[str], tokens: Tokens) -> TransformerConfig:
    """Return what a config.json of this family describes."""
    n_heads, qwen = fields.whole("num_attention_heads"), fields.model_type == "qwen2"
    told = tokens.id("eos")
    bos, eos, pad = fields.writer_signs(fields.id("eos_token_id") if told is None else told)
    fields.only("mlp_bias", False)
    fields.only("partial_rotary_factor", 1.0)
    fields.only("rope_interleaved", False)
    if qwen or fields.model_type == "mistral":  # these have no choice
        fields.only("attention_bias", qwen)
    bias = fields.flag("attention_bias", default=qwen)
    return TransformerConfig(
        architecture="decoder-only",
        d_model=fields.whole("hidden_size"),
        n_decoder_layers=fields.whole("num_hidden_layers"),
        target_vocab_size=fields.whole("vocab_size"),
        max_length=min(fields.whole("max_position_embeddings"), _window(fields), MOST),
        order="pre",
        positions=_positions(fields),
        embedding=EmbeddingConfig(scale=False),
        attention=AttentionConfig(
            n_heads,
            n_kv_heads=fields.whole("num_key_value_heads", n_heads),
            d_head=fields.whole("head_dim", fields.whole("hidden_size") // n_heads),
            bias=bias,
            out_bias=bias and not qwen,
        ),
        feed_forward=FeedForwardConfig(
            fields.whole("intermediate_size"), fields.word("hidden_act", {"silu": "silu"}), bias=False, gated=True
        ),
        norm=NormConfig("rms_norm", fields.number("rms_norm_eps", 1e-6)),
        head=HeadConfig(tied=fields.flag("tie_word_embeddings", default=False)),
        bos_id=bos,
        eos_id=eos,
        pad_id=pad,
    )


def rows(config: TransformerConfig) -> tuple[Row, ...]:
    """Return the table."""
    layer, theirs = "decoder.{i}", "layers.{i}"
    tied = config.head is not None and config.head.tied
    return joined(
        copied("tgt_embed.W_E", "embed_tokens.weight", *(["lm_head.weight"] if tied else [])),
        copied("head.W", "lm_head.weight"),
        attention(f"{layer}.self_attn", *(f"{theirs}.self_attn.{letter}_proj" for letter in "qkvo")),
        *(
            [Row(f"{layer}.ffn.{ours}", (f"{theirs}.mlp.{name}_proj.weight",), transposed=True)]
            for ours, name in (("W_gate", "gate"), ("W_up", "up"), ("W_2", "down"))
        ),
        norm(f"{layer}.ln1", f"{theirs}.input_layernorm"),
        norm(f"{layer}.ln2", f"{theirs}.post_attention_layernorm"),
        norm("decoder.norm", "norm"),
    )


def _positions(fields: Fields) -> Rotary:
    """The angles: today's files tell them in one field, older ones in two."""
    told = fields.part("rope_parameters" if fields.has("rope_parameters") else "rope_scaling")
    theta = told.number("rope_theta", fields.number("rope_theta", 10000.0))
    name = "rope_type" if told.has("rope_type") else "type"
    linear = told.word(name, {"default": False, "linear": True}, "default")
    factor = told.number("factor") if linear else 1.0
    told.only("partial_rotary_factor", 1.0)
    told.refuse_rest()
    return Rotary(theta, factor)


def _window(fields: Fields) -> int:
    """How many words back a layer sees, if that is less than all: no longer text is read then."""
    kinds = set(fields.words("layer_types"))
    if kinds - {"full_attention", "sliding_attention"}:
        raise fields.refusal("layer_types", "'full_attention' or 'sliding_attention' for each layer")
    used = fields.flag("use_sliding_window", default=fields.model_type == "mistral" or "sliding_attention" in kinds)
    return fields.whole("sliding_window", MOST) if used else MOST


FAMILY = Family(
    model_types=("llama", "mistral"),
    config=config,
    rows=rows,
    signs={"bos": "<s>", "eos": "</s>", "unk": "<unk>"},
    tokens=partial(one_tokenizer, older={("tokenizer.model",): llama_pieces}, before=("bos",)),
    prefixes=("model.",),
    harmless=(r"layers\.\d+\.self_attn\.rotary_emb\.inv_freq", r"rotary_emb\.inv_freq"),
    # A window that no layer uses, from which layer on one would be used, in how many parts products are computed.
    irrelevant=frozenset({"sliding_window", "max_window_layers", "pretraining_tp", "is_llama_config"}),
)
