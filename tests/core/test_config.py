"""TransformerConfig: frozen, keyword-only, and every nonsense refused with the numbers in the message."""

import dataclasses
import json
import math

import pytest

from tests.core.tiny import ARCHITECTURES, make_config
from transformer_core.glass.errors import ConfigError, GlassformerError
from transformer_core.transformer.config import TransformerConfig

NONSENSE = [
    ({"d_model": 14}, r"d_model \(14\) must be divisible by n_heads \(3\); the remainder is 2"),
    ({"d_model": 15}, r"d_model \(15\) must be even"),
    ({"d_model": 0}, "d_model must be at least 1, not 0"),
    ({"n_heads": 0}, "n_heads must be at least 1, not 0"),
    ({"n_heads": -3}, "n_heads must be at least 1, not -3"),
    ({"d_ff": 0}, "d_ff must be at least 1, not 0"),
    ({"max_length": 0}, "max_length must be at least 1, not 0"),
    ({"d_model": 12.0}, r"d_model must be an integer, not 12\.0"),
    ({"n_heads": True}, "n_heads must be an integer, not True"),
    ({"d_ff": "11"}, "d_ff must be an integer, not '11'"),
    ({"norm_eps": "small"}, "norm_eps must be a number, not 'small'"),
    ({"dropout": None}, "dropout must be a number, not None"),
    ({"dropout": False}, "dropout must be a number, not False"),
    ({"tie_output": 1}, "tie_output must be true or false, not 1"),
    ({"norm_eps": 0.0}, r"norm_eps must be .*, not 0\.0"),
    ({"norm_eps": -1e-5}, "norm_eps must be .*, not -1e-05"),
    ({"norm_eps": math.nan}, "norm_eps must be .*, not nan"),
    ({"norm_eps": math.inf}, "norm_eps must be .*, not inf"),
    ({"dropout": 1.0}, r"dropout must be in \[0, 1\), not 1\.0"),
    ({"dropout": -0.1}, r"dropout must be in \[0, 1\), not -0\.1"),
    ({"attention_dropout": math.nan}, r"attention_dropout must be in \[0, 1\), not nan"),
    ({"architecture": "perceptron"}, "architecture must be one of encoder-decoder, .*, not 'perceptron'"),
    ({"norm_position": "both"}, "norm_position must be one of post, pre, not 'both'"),
    ({"activation": "swish"}, "activation must be one of relu, gelu, gelu_tanh, not 'swish'"),
    ({"positions": ["learned"]}, "positions must be one of sinusoidal, learned, not "),
    ({"n_encoder_layers": 0}, r"n_encoder_layers \(0\) and source_vocab_size \(17\) of at least 1"),
    ({"n_decoder_layers": -2}, r"n_decoder_layers \(-2\) and target_vocab_size \(13\) of at least 1"),
    ({"source_vocab_size": 0}, r"n_encoder_layers \(2\) and source_vocab_size \(0\) of at least 1"),
    ({"architecture": "decoder-only"}, r"decoder-only has no encoder: n_encoder_layers \(2\) and .* \(17\) must be 0"),
    ({"architecture": "encoder-only"}, r"encoder-only has no decoder: n_decoder_layers \(2\) and .* \(13\) must be 0"),
    ({"eos_id": 13}, r"\(0, 1, 13\) must lie below target_vocab_size \(13\)"),
    ({"pad_id": -1}, r"\(-1, 1, 2\) must lie below source_vocab_size \(17\)"),
    ({"tie_embeddings": True}, "one vocabulary, not encoder-decoder with 17 and 13 entries"),
]


@pytest.mark.parametrize(("changes", "message"), NONSENSE, ids=[str(changes) for changes, _ in NONSENSE])
def test_nonsense_is_refused_with_the_numbers(changes, message):
    fields = make_config().to_dict() | changes
    with pytest.raises(ConfigError, match=message) as caught:
        TransformerConfig(**fields)
    assert caught.value.code == "config"
    assert caught.value.fields


def test_tied_embeddings_need_two_sides():
    with pytest.raises(ConfigError, match="not decoder-only with 0 and 13 entries"):
        make_config("decoder-only", tie_embeddings=True)


def test_the_parts_of_a_valid_config_are_worked_out():
    config = make_config()
    assert (config.d_head, config.vocab_size) == (4, 13)
    assert make_config("encoder-only").vocab_size == 17
    assert make_config("decoder-only").vocab_size == 13


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
    config = make_config()
    named = ("architecture", "norm_position", "activation", "positions", "norm_eps", "dropout", "max_length")
    assert [getattr(config, name) for name in named] == [
        "encoder-decoder",
        "post",
        "relu",
        "sinusoidal",
        1e-5,
        0.1,
        19,
    ]
    assert config.scale_embedding
    assert config.tie_output
    assert config.attention_bias
    assert config.feed_forward_bias
    assert not config.output_bias
    assert not config.head_transform
    assert not config.tie_embeddings


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


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_json_gives_the_same_config_back(architecture):
    config = make_config(architecture, norm_eps=1e-12, dropout=0.0, head_transform=True)
    values = json.loads(json.dumps(config.to_dict()))
    assert set(values) == {field.name for field in dataclasses.fields(config)}
    assert TransformerConfig.from_dict(values) == config


def test_a_dict_with_missing_and_unknown_fields_is_refused_by_name():
    values = make_config().to_dict()
    del values["norm_eps"]
    with pytest.raises(ConfigError, match=r"unknown: \['dmodel'\], missing: \['norm_eps'\]") as caught:
        TransformerConfig.from_dict(values | {"dmodel": 12})
    assert caught.value.fields == {"unknown": ["dmodel"], "missing": ["norm_eps"]}


def test_a_dict_with_an_impossible_value_is_refused():
    with pytest.raises(ConfigError, match=r"d_model \(13\)"):
        TransformerConfig.from_dict(make_config().to_dict() | {"d_model": 13})


def test_errors_of_the_core_are_value_errors_with_a_plain_message():
    """A caller that knows nothing of the classes can still catch and print them."""
    with pytest.raises(ValueError, match="must be divisible") as caught:
        make_config(d_model=14)
    assert isinstance(caught.value, GlassformerError)
    assert str(caught.value) == caught.value.message
    assert caught.value.fields == {"d_model": 14, "n_heads": 3}
