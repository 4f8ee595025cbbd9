"""TransformerConfig: frozen records, and every nonsense refused with the numbers in the message."""

import dataclasses
import json
import math

import pytest
from hypothesis import given

from tests.core.explained import configs
from tests.core.tiny import ARCHITECTURES, make_config
from transformer_core.glass.errors import ConfigError, GlassformerError
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
from transformer_core.transformer.first_format import FirstConfig

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


def test_the_parts_of_a_valid_config_are_worked_out():
    config = make_config()
    assert (config.n_heads, config.n_kv_heads, config.d_head, config.d_ff, config.vocab_size) == (3, 3, 4, 11, 13)
    assert make_config("encoder-only").vocab_size == 17
    assert make_config("decoder-only").vocab_size == 13
    grouped = make_config(attention=AttentionConfig(6, n_kv_heads=2, d_head=5))
    assert (grouped.n_heads, grouped.n_kv_heads, grouped.d_head) == (6, 2, 5)


def test_what_is_worked_out_is_the_same_as_what_is_said():
    assert make_config(attention=AttentionConfig(3)) == make_config(
        attention=AttentionConfig(3, n_kv_heads=3, d_head=4)
    )


@pytest.mark.parametrize(
    ("architecture", "stacks"),
    [
        ("encoder-decoder", (True, True, True)),
        ("encoder-only", (True, False, False)),
        ("decoder-only", (False, True, False)),
    ],
)
def test_an_architecture_says_which_stacks_there_are(architecture, stacks):
    config = make_config(architecture)
    assert (config.has_encoder, config.has_decoder, config.has_cross_attention) == stacks


def test_the_defaults_are_the_papers():
    """Post-norm, ReLU, sine positions, scaled and tied embeddings, biases everywhere but at the output."""
    config = TransformerConfig(
        d_model=12,
        n_encoder_layers=2,
        n_decoder_layers=2,
        source_vocab_size=17,
        target_vocab_size=13,
        attention=AttentionConfig(3),
        feed_forward=FeedForwardConfig(11),
    )
    assert (config.architecture, config.order, config.dropout, config.max_length) == (
        "encoder-decoder",
        "post",
        0.1,
        64,
    )
    assert config.positions == Sinusoidal(layout="interleaved")
    assert config.embedding == EmbeddingConfig(scale=True, tied=False, segments=0, norm=False)
    assert config.attention == AttentionConfig(3, 3, 4, scale=True, bias=True, out_bias=True, dropout=0.1)
    assert config.feed_forward == FeedForwardConfig(11, activation="relu", bias=True, gated=False)
    assert config.norm == NormConfig("layer_norm", 1e-5)
    assert config.head == HeadConfig(tied=True, bias=False, transform=False, scale=False)
    assert config == make_config(max_length=64)


def test_learned_positions_allow_an_odd_width():
    assert make_config(d_model=15, positions="learned").d_head == 5


def test_a_config_is_frozen_and_keyword_only():
    config = make_config()
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.d_model = 24
    with pytest.raises(TypeError, match="positional"):
        TransformerConfig("encoder-decoder", 12, 3, 11)


def test_a_config_can_be_a_key():
    assert {make_config(): "here"}[make_config()] == "here"
    assert make_config() != make_config(d_ff=13)


@given(config=configs())
def test_json_gives_the_same_config_back(config):
    values = json.loads(json.dumps(config.to_dict()))
    fields = {field.name for field in dataclasses.fields(config)}
    assert set(values) == {"format", *fields} - ({"writes_pad"} if config.writes_pad else set())
    assert values["format"] == 2
    assert TransformerConfig.from_dict(values) == config


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_flat_fields_of_the_first_format_are_still_read(architecture):
    config = make_config(architecture, norm_eps=1e-12, dropout=0.0, head_transform=True, positions="learned")
    first = FirstConfig(
        architecture=architecture,
        d_model=12,
        n_heads=3,
        d_ff=11,
        n_encoder_layers=config.n_encoder_layers,
        n_decoder_layers=config.n_decoder_layers,
        source_vocab_size=config.source_vocab_size,
        target_vocab_size=config.target_vocab_size,
        max_length=19,
        norm_eps=1e-12,
        dropout=0.0,
        head_transform=True,
        positions="learned",
    )
    assert TransformerConfig.from_dict(json.loads(json.dumps(dataclasses.asdict(first)))) == config


@pytest.mark.parametrize("path", [(), ("attention",), ("positions",), ("head",)], ids=str)
def test_a_dict_with_missing_and_unknown_fields_is_refused_by_name(path):
    values = inner = make_config().to_dict()
    for name in path:
        inner = inner[name]
    missing = next(name for name in inner if name not in ("format", "kind"))
    del inner[missing]
    inner["strange"] = 12
    prefix = "".join(f"{name}." for name in path)
    with pytest.raises(ConfigError) as caught:
        TransformerConfig.from_dict(values)
    assert caught.value.fields == {"unknown": [f"{prefix}strange"], "missing": [f"{prefix}{missing}"]}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("positions", {"kind": "alibi"}, "positions.kind must be one of sinusoidal, learned, rotary, .*, not 'alibi'"),
        ("positions", "learned", "positions must hold fields, not 'learned'"),
        ("positions", None, "positions must be Sinusoidal or .*, not None"),
        ("attention", 3, "attention must hold fields, not 3"),
        ("norm", None, "norm must be NormConfig, not None"),
        ("d_model", 13, r"d_model \(13\)"),
        ("format", 7, "format must be from 1 to 2, not 7"),
    ],
)
def test_a_dict_with_an_impossible_value_is_refused(field, value, message):
    with pytest.raises(ConfigError, match=message):
        TransformerConfig.from_dict(make_config().to_dict() | {field: value})


def test_errors_of_the_core_are_value_errors_with_a_plain_message():
    """A caller that knows nothing of the classes can still catch and print them."""
    with pytest.raises(ValueError, match="must be divisible") as caught:
        make_config(d_model=14)
    assert isinstance(caught.value, GlassformerError)
    assert str(caught.value) == caught.value.message
    assert caught.value.fields == {"d_model": 14, "n_heads": 3}
