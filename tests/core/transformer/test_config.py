"""TransformerConfig: frozen records, what is worked out of them, and what comes back from a dict."""

import dataclasses
import json

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
    NormConfig,
    Sinusoidal,
)
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.first_format import FirstConfig


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
