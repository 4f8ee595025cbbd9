"""Every nonsense in a config or in one of its blocks is refused with the numbers in the message."""

import dataclasses
import math

import pytest

from tests.core.tiny import make_config
from transformer_core.glass.errors import ConfigError
from transformer_core.transformer.blocks import (
    AttentionConfig,
    EmbeddingConfig,
    FeedForwardConfig,
    HeadConfig,
    Learned,
    NormConfig,
    RelativeBias,
    Rotary,
    Sinusoidal,
)
from transformer_core.transformer.config import TransformerConfig

NONSENSE = [
    ({"d_model": 14}, r"d_model \(14\) must be divisible by attention.n_heads \(3\), or .*; the remainder is 2"),
    ({"d_model": 15}, r"d_model \(15\) must be even"),
    ({"d_model": 0}, "d_model must be at least 1, not 0"),
    ({"max_length": 0}, "max_length must be at least 1, not 0"),
    ({"d_model": 12.0}, r"d_model must be an integer, not 12\.0"),
    ({"dropout": None}, "dropout must be a number, not None"),
    ({"dropout": False}, "dropout must be a number, not False"),
    ({"dropout": 1.0}, r"dropout must be in \[0, 1\), not 1\.0"),
    ({"dropout": -0.1}, r"dropout must be in \[0, 1\), not -0\.1"),
    ({"architecture": "perceptron"}, "architecture must be one of encoder-decoder, .*, not 'perceptron'"),
    ({"order": "both"}, "order must be one of post, pre, not 'both'"),
    ({"norm": "rms_norm"}, "norm must be NormConfig, not 'rms_norm'"),
    ({"positions": None}, "positions must be Sinusoidal or Learned or Rotary or RelativeBias, not None"),
    ({"head": None}, "head must be given in encoder-decoder models"),
    ({"n_encoder_layers": 0}, r"n_encoder_layers \(0\) and source_vocab_size \(17\) of at least 1"),
    ({"n_decoder_layers": -2}, r"n_decoder_layers \(-2\) and target_vocab_size \(13\) of at least 1"),
    ({"source_vocab_size": 0}, r"n_encoder_layers \(2\) and source_vocab_size \(0\) of at least 1"),
    ({"architecture": "decoder-only"}, r"decoder-only has no encoder: n_encoder_layers \(2\) and .* \(17\) must be 0"),
    ({"architecture": "encoder-only"}, r"encoder-only has no decoder: n_decoder_layers \(2\) and .* \(13\) must be 0"),
    ({"eos_id": 13}, r"\(0, 1, 13\) must lie below target_vocab_size \(13\)"),
    ({"pad_id": -1}, r"\(-1, 1, 2\) must lie below source_vocab_size \(17\)"),
    ({"embedding": EmbeddingConfig(tied=True)}, "one vocabulary, not encoder-decoder with 17 and 13 entries"),
    ({"embedding": EmbeddingConfig(segments=2)}, "embedding.segments must be 0 in encoder-decoder models"),
    ({"positions": Rotary(), "attention": AttentionConfig(4)}, r"attention.d_head \(3\) must be even for rotary"),
]


BLOCKS = [
    (AttentionConfig, {"n_heads": 0}, "attention.n_heads must be at least 1, not 0"),
    (AttentionConfig, {"n_heads": -3}, "attention.n_heads must be at least 1, not -3"),
    (AttentionConfig, {"n_heads": True}, "attention.n_heads must be an integer, not True"),
    (
        AttentionConfig,
        {"n_heads": 3, "n_kv_heads": 2},
        r"n_heads \(3\) must be divisible by attention.n_kv_heads \(2\)",
    ),
    (AttentionConfig, {"n_heads": 3, "n_kv_heads": 0}, "attention.n_kv_heads must be at least 1, not 0"),
    (AttentionConfig, {"n_heads": 3, "d_head": "4"}, "attention.d_head must be an integer or nothing, not '4'"),
    (AttentionConfig, {"n_heads": 3, "dropout": math.nan}, r"attention.dropout must be in \[0, 1\), not nan"),
    (FeedForwardConfig, {"d_ff": 0}, "feed_forward.d_ff must be at least 1, not 0"),
    (FeedForwardConfig, {"d_ff": "11"}, "feed_forward.d_ff must be an integer, not '11'"),
    (FeedForwardConfig, {"d_ff": 3, "activation": "swish"}, "must be one of relu, gelu, gelu_tanh, silu, not 'swish'"),
    (FeedForwardConfig, {"d_ff": 3, "gated": True}, "feed_forward.bias must be false"),
    (NormConfig, {"kind": "batch"}, "norm.kind must be one of layer_norm, rms_norm, not 'batch'"),
    (NormConfig, {"eps": "small"}, "norm.eps must be a number, not 'small'"),
    (NormConfig, {"eps": 0.0}, r"norm.eps must be .*, not 0\.0"),
    (NormConfig, {"eps": -1e-5}, "norm.eps must be .*, not -1e-05"),
    (NormConfig, {"eps": math.nan}, "norm.eps must be .*, not nan"),
    (NormConfig, {"eps": math.inf}, "norm.eps must be .*, not inf"),
    (HeadConfig, {"tied": 1}, "head.tied must be true or false, not 1"),
    (HeadConfig, {"scale": True, "transform": True}, "head.scale must be false where head.transform is true"),
    (EmbeddingConfig, {"segments": -1}, "embedding.segments must be at least 0, not -1"),
    (Sinusoidal, {"layout": ["halves"]}, "positions.layout must be one of interleaved, halves, not "),
    (Learned, {"offset": -1}, "positions.offset must be at least 0, not -1"),
    (Rotary, {"theta": 0}, "positions.theta must be above 0 and finite, not 0"),
    (Rotary, {"factor": math.inf}, "positions.factor must be above 0 and finite, not inf"),
    (RelativeBias, {"buckets": 3}, "positions.buckets must be at least 4, not 3"),
    (RelativeBias, {"max_distance": 16}, r"positions.max_distance must be above half of positions.buckets \(32\), not"),
]


@pytest.mark.parametrize(("changes", "message"), NONSENSE, ids=[str(changes) for changes, _ in NONSENSE])
def test_nonsense_is_refused_with_the_numbers(changes, message):
    config = make_config()
    fields = {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
    fields["attention"] = AttentionConfig(3)  # as it was given: no width of a head
    with pytest.raises(ConfigError, match=message) as caught:
        TransformerConfig(**fields | changes)
    assert caught.value.code == "config"
    assert caught.value.fields


@pytest.mark.parametrize(
    ("block", "fields", "message"), BLOCKS, ids=[f"{one.__name__} {two}" for one, two, _ in BLOCKS]
)
def test_a_block_that_cannot_be_is_refused_with_the_numbers(block, fields, message):
    with pytest.raises(ConfigError, match=message) as caught:
        block(**fields)
    assert caught.value.fields


def test_tied_embeddings_need_two_sides():
    with pytest.raises(ConfigError, match="not decoder-only with 0 and 13 entries"):
        make_config("decoder-only", tie_embeddings=True)


def test_only_an_encoder_may_lack_a_head():
    assert make_config("encoder-only", head=None).head is None
    with pytest.raises(ConfigError, match="head must be given in decoder-only models"):
        make_config("decoder-only", head=None)
