"""BERT (Devlin et al. 2019): an encoder alone, post-norm; many checkpoints have no head, and then it only embeds."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from transformer_core.models.pretrained.reading.family import Family, Row, attention, copied, joined, linear, norm
from transformer_core.models.pretrained.reading.fields import Fields
from transformer_core.models.pretrained.reading.older_tokens import WORDS, word_pieces
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
    "gelu": "gelu",
    "relu": "relu",
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
}
HEAD = "cls.predictions"


def config(fields: Fields, names: Collection[str], tokens: Tokens) -> TransformerConfig:
    """Return what a config.json of BERT describes."""
    return encoder(fields, tokens, has_head=f"{HEAD}.bias" in names)


def encoder(fields: Fields, tokens: Tokens, *, has_head: bool, offset: int = 0) -> TransformerConfig:
    """Return an encoder whose positions begin at row `offset` of their table."""
    fields.only("position_embedding_type", "absolute")
    fields.only("is_decoder", False)
    fields.only("add_cross_attention", False)
    fields.only("tie_word_embeddings", True)
    first, last, pad = signs(fields, tokens)
    return TransformerConfig(
        architecture="encoder-only",
        d_model=fields.whole("hidden_size"),
        n_encoder_layers=fields.whole("num_hidden_layers"),
        source_vocab_size=fields.whole("vocab_size"),
        max_length=fields.whole("max_position_embeddings") - offset,
        positions=Learned(offset),
        embedding=EmbeddingConfig(scale=False, segments=fields.whole("type_vocab_size", 2), norm=True),
        attention=AttentionConfig(fields.whole("num_attention_heads")),
        feed_forward=FeedForwardConfig(
            fields.whole("intermediate_size"), fields.word("hidden_act", ACTIVATIONS, "gelu")
        ),
        norm=NormConfig(eps=fields.number("layer_norm_eps", 1e-12)),
        head=HeadConfig(transform=True, bias=True) if has_head else None,
        bos_id=first,
        eos_id=last,
        pad_id=pad,
    )


def signs(fields: Fields, tokens: Tokens) -> tuple[int, int, int]:
    """Return the ids of the signs in front of a text and behind it, and of padding."""
    first, last, pad = tokens.id("cls", "bos"), tokens.id("sep", "eos"), fields.id("pad_token_id")
    if first is None or last is None:
        raise fields.refusal("sep_token_id", "told by the tokenizer: the signs in front of a text and behind it")
    return first, last, 0 if pad is None else pad


def rows(config: TransformerConfig) -> tuple[Row, ...]:
    """Return the table."""
    return joined(
        stack_rows((f"{HEAD}.decoder.weight",)),
        linear("head", "dense", f"{HEAD}.transform.dense"),
        norm("head.ln", f"{HEAD}.transform.LayerNorm"),
        copied("head.b", f"{HEAD}.bias", f"{HEAD}.decoder.bias"),
    )


def stack_rows(copies: tuple[str, ...]) -> tuple[Row, ...]:
    """Return the rows of embedding and layers; `copies` are further names of the table of words."""
    layer, theirs, embed = "encoder.{i}", "encoder.layer.{i}", "embeddings"
    inside = (*(f"self.{name}" for name in ("query", "key", "value")), "output.dense")
    return joined(
        copied("src_embed.W_E", f"{embed}.word_embeddings.weight", *copies),
        copied("src_embed.W_pos", f"{embed}.position_embeddings.weight"),
        copied("src_embed.W_seg", f"{embed}.token_type_embeddings.weight"),
        norm("src_embed.ln", f"{embed}.LayerNorm"),
        attention(f"{layer}.self_attn", *(f"{theirs}.attention.{name}" for name in inside)),
        linear(f"{layer}.ffn", "1", f"{theirs}.intermediate.dense"),
        linear(f"{layer}.ffn", "2", f"{theirs}.output.dense"),
        norm(f"{layer}.ln1", f"{theirs}.attention.output.LayerNorm"),
        norm(f"{layer}.ln2", f"{theirs}.output.LayerNorm"),
    )


# What reads a whole text in one vector, and the numbers of the positions.
HARMLESS = (r"pooler\.dense\.(weight|bias)", r"embeddings\.position_ids")

SIGNS = {name: f"[{name.upper()}]" for name in ("unk", "sep", "pad", "cls", "mask")}

TOKENS = partial(one_tokenizer, older={(WORDS,): word_pieces}, before=("cls",), behind=("sep",))

FAMILY = Family(
    model_types=("bert",),
    config=config,
    rows=rows,
    signs=SIGNS,
    tokens=TOKENS,
    prefixes=("bert.",),
    harmless=(*HARMLESS, r"cls\.seq_relationship\.(weight|bias)"),
    irrelevant=frozenset({"pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers"})
    | {"pooler_size_per_head", "pooler_type", "directionality"},
)
