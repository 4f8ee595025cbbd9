"""T5 (Raffel et al. 2020), 1.0 and 1.1: an encoder and a decoder, pre-norm, RMSNorm, a bias for every distance."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from transformer_core.models.pretrained.reading.family import Family, Row, attention, copied, joined, norm
from transformer_core.models.pretrained.reading.fields import Fields
from transformer_core.models.pretrained.reading.older_tokens import t5_pieces
from transformer_core.models.pretrained.reading.tokens import Tokens, one_tokenizer
from transformer_core.transformer.blocks import (
    Activation,
    AttentionConfig,
    EmbeddingConfig,
    FeedForwardConfig,
    HeadConfig,
    NormConfig,
    RelativeBias,
)
from transformer_core.transformer.config import TransformerConfig

HEAD = "lm_head.weight"
LENGTH = 512  # what it was trained on; its distances have no end
NETWORKS: dict[str, tuple[Activation, bool]] = {
    "relu": ("relu", False),
    "gated-gelu": ("gelu_tanh", True),
    "gated-silu": ("silu", True),
}


def config(fields: Fields, names: Collection[str], tokens: Tokens) -> TransformerConfig:
    """Return what a config.json of T5 describes."""
    activation, gated = fields.word("feed_forward_proj", NETWORKS, "relu")
    eos, pad = fields.id("eos_token_id"), fields.id("pad_token_id")
    if eos is None or pad is None:
        raise fields.refusal("eos_token_id" if eos is None else "pad_token_id", "the id of that sign")
    begins = fields.id("decoder_start_token_id")
    n_layers, vocab_size = fields.whole("num_layers"), fields.whole("vocab_size")
    # Version 1.0 divides what its tied head reads. Later ones do not, and whether theirs is tied the files alone tell.
    told = fields.flag("tie_word_embeddings", default=True)
    scale = fields.model_type == "t5" and fields.flag("scale_decoder_outputs", default=told)
    tied = scale or HEAD not in names
    return TransformerConfig(
        d_model=fields.whole("d_model"),
        n_encoder_layers=n_layers,
        n_decoder_layers=fields.whole("num_decoder_layers", n_layers),
        source_vocab_size=vocab_size,
        target_vocab_size=vocab_size,
        max_length=fields.whole("n_positions", LENGTH),
        order="pre",
        positions=RelativeBias(
            fields.whole("relative_attention_num_buckets", 32), fields.whole("relative_attention_max_distance", 128)
        ),
        embedding=EmbeddingConfig(scale=False, tied=True),
        attention=AttentionConfig(
            fields.whole("num_heads"), d_head=fields.whole("d_kv"), scale=False, bias=False, out_bias=False
        ),
        feed_forward=FeedForwardConfig(fields.whole("d_ff"), activation, bias=False, gated=gated),
        norm=NormConfig("rms_norm", fields.number("layer_norm_epsilon", 1e-6)),
        head=HeadConfig(tied=tied, scale=scale),
        bos_id=pad if begins is None else begins,
        eos_id=eos,
        pad_id=pad,
    )


def rows(config: TransformerConfig) -> tuple[Row, ...]:
    """Return the table; the first layer of a stack holds the biases of all."""
    tables = ["shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"]
    if config.head is not None and config.head.tied:
        tables.append(HEAD)
    return joined(
        copied("src_embed.W_E", *tables),
        copied("head.W", HEAD),
        *(_stack(stack, crossed=stack == "decoder") for stack in ("encoder", "decoder")),
    )


def _stack(stack: str, *, crossed: bool) -> tuple[Row, ...]:
    layer, theirs = f"{stack}.{{i}}", f"{stack}.block.{{i}}.layer"
    last = 2 if crossed else 1
    own = f"{theirs}.0.SelfAttention"
    other = f"{theirs}.1.EncDecAttention"
    network = {"W_1": "wi", "W_gate": "wi_0", "W_up": "wi_1", "W_2": "wo"}
    return joined(
        copied(f"{stack}.0.self_attn.W_bias", f"{stack}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"),
        attention(f"{layer}.self_attn", *(f"{own}.{letter}" for letter in "qkvo")),
        attention(f"{layer}.cross_attn", *(f"{other}.{letter}" for letter in "qkvo")) if crossed else (),
        *(
            [Row(f"{layer}.ffn.{ours}", (f"{theirs}.{last}.DenseReluDense.{name}.weight",), transposed=True)]
            for ours, name in network.items()
        ),
        *(norm(f"{layer}.ln{n + 1}", f"{theirs}.{n}.layer_norm") for n in range(last + 1)),
        norm(f"{stack}.norm", f"{stack}.final_layer_norm"),
    )


FAMILY = Family(
    model_types=("t5", "mt5"),
    config=config,
    rows=rows,
    signs={"eos": "</s>", "unk": "<unk>", "pad": "<pad>"},
    tokens=partial(one_tokenizer, older={("spiece.model",): t5_pieces}, behind=("eos",), gaps="<extra_id_{}>"),
    # An old fault of its makers: a table that no version reads.
    harmless=(r"decoder\.block\.0\.layer\.1\.EncDecAttention\.relative_attention_bias\.weight",),
    irrelevant=frozenset({"dense_act_fn", "is_gated_act", "is_decoder"}),  # the first two follow from what is read
)
