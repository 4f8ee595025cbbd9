"""GPT-2 (Radford et al. 2019): a decoder alone, pre-norm, with learned positions and a tied head."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from transformer_core.models.pretrained.reading.family import Family, Row, copied, joined, linear, norm
from transformer_core.models.pretrained.reading.fields import Fields
from transformer_core.models.pretrained.reading.older_tokens import MERGES, VOCAB, byte_pairs
from transformer_core.models.pretrained.reading.tokens import Tokens, one_tokenizer
from transformer_core.transformer.blocks import (
    Activation,
    AttentionConfig,
    EmbeddingConfig,
    FeedForwardConfig,
    HeadConfig,
    Learned,
    NormConfig,
)
from transformer_core.transformer.config import TransformerConfig

ACTIVATIONS: dict[str, Activation] = {
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu": "gelu",
    "relu": "relu",
}


def config(fields: Fields, names: Collection[str], tokens: Tokens) -> TransformerConfig:
    """Return what a config.json of GPT-2 describes."""
    d_model, (bos, eos, pad) = fields.whole("n_embd"), fields.writer_signs(fields.id("eos_token_id"))
    fields.only("scale_attn_by_inverse_layer_idx", False)
    fields.only("add_cross_attention", False)
    tied = fields.flag("tie_word_embeddings", default=True)
    return TransformerConfig(
        architecture="decoder-only",
        d_model=d_model,
        n_decoder_layers=fields.whole("n_layer"),
        target_vocab_size=fields.whole("vocab_size"),
        max_length=fields.whole("n_positions"),
        order="pre",
        positions=Learned(),
        embedding=EmbeddingConfig(scale=False),
        attention=AttentionConfig(fields.whole("n_head"), scale=fields.flag("scale_attn_weights", default=True)),
        feed_forward=FeedForwardConfig(
            fields.whole("n_inner", 4 * d_model), fields.word("activation_function", ACTIVATIONS, "gelu_new")
        ),
        norm=NormConfig(eps=fields.number("layer_norm_epsilon", 1e-5)),
        head=HeadConfig(tied=tied),
        bos_id=bos,
        eos_id=eos,
        pad_id=pad,
    )


def rows(config: TransformerConfig) -> tuple[Row, ...]:
    """Return the table; their maps are stored [in, out], those to q, k and v side by side."""
    layer, theirs = "decoder.{i}", "h.{i}"
    tied = config.head is not None and config.head.tied
    return joined(
        copied("tgt_embed.W_E", "wte.weight", *(["lm_head.weight"] if tied else [])),
        copied("head.W", "lm_head.weight"),
        copied("tgt_embed.W_pos", "wpe.weight"),
        *(
            [
                Row(f"{layer}.self_attn.W_{letter}", (f"{theirs}.attn.c_attn.weight",), part=(n, 3)),
                Row(f"{layer}.self_attn.b_{letter}", (f"{theirs}.attn.c_attn.bias",), part=(n, 3)),
            ]
            for n, letter in enumerate("QKV")
        ),
        linear(f"{layer}.self_attn", "O", f"{theirs}.attn.c_proj", transposed=False),
        linear(f"{layer}.ffn", "1", f"{theirs}.mlp.c_fc", transposed=False),
        linear(f"{layer}.ffn", "2", f"{theirs}.mlp.c_proj", transposed=False),
        norm(f"{layer}.ln1", f"{theirs}.ln_1"),
        norm(f"{layer}.ln2", f"{theirs}.ln_2"),
        norm("decoder.norm", "ln_f"),
    )


FAMILY = Family(
    model_types=("gpt2",),
    config=config,
    rows=rows,
    signs={name: "<|endoftext|>" for name in ("bos", "eos", "unk")},
    tokens=partial(one_tokenizer, older={(VOCAB, MERGES): byte_pairs}),
    prefixes=("transformer.",),
    harmless=(r"h\.\d+\.attn\.(masked_)?bias",),  # the mask, which is worked out here
    irrelevant=frozenset({"n_ctx", "reorder_and_upcast_attn"}),  # the latter: the same in another precision
)
