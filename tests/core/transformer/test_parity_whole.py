"""Whole models of every variant against an independent numpy reference, in float64 at 1e-12."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import crossed
from tests.core.explained import configs
from tests.core.reference import Reference
from tests.core.tiny import (
    OTHER_OPTIONS,
    SHAPES,
    SOURCE,
    SOURCE_IDS,
    TARGET,
    TARGET_IDS,
    make_config,
    make_model,
    shape_name,
    trace_of,
)
from transformer_core.glass.capture import run_with_trace

OPTIONS = {
    "default": {},
    "gelu": {"activation": "gelu"},
    "gelu_tanh": {"activation": "gelu_tanh"},
    "learned positions": {"positions": "learned"},
    "unscaled": {"scale_embedding": False},
    "untied": {"tie_output": False},
    "no attention biases": {"attention_bias": False},
    "no feed-forward biases": {"feed_forward_bias": False},
    "output bias": {"output_bias": True},
    "head transform": {"head_transform": True, "activation": "gelu"},
    "large eps": {"norm_eps": 0.1},
    "all others": OTHER_OPTIONS,
}


@pytest.mark.parametrize(("shape", "options"), crossed(SHAPES, OPTIONS))
def test_the_logits_are_those_of_a_hand_written_reference(shape, options):
    config = make_config(**shape, **options)
    check_against_reference(config)


@pytest.mark.parametrize("tie_output", [True, False])
def test_shared_embeddings_are_one_table_for_both_sides(tie_output):
    model = check_against_reference(make_config(target_vocab_size=17, tie_embeddings=True, tie_output=tie_output))
    assert model.src_embed.W_E is model.tgt_embed.W_E
    assert (model.head.W is model.src_embed.W_E) == tie_output


def check_against_reference(config):
    model = make_model(config)
    expected = Reference(config, numbers(model)).logits(*pair_for(config, SOURCE_IDS, TARGET_IDS))
    np.testing.assert_allclose(trace_of(model)["head.logits"], expected, rtol=0, atol=1e-12)
    return model


def numbers(model):
    return {name: parameter.detach().numpy() for name, parameter in model.parameters_by_name().items()}


def pair_for(config, source, target):
    return source if config.has_encoder else None, target if config.has_decoder else None


@given(config=configs(), seed=st.integers(0, 99))
def test_any_variant_computes_what_the_reference_does(config, seed):
    model, words = make_model(config, seed=seed), pair_for(config, [3, 2, 4, 3, 1], [1, 4, 3, 2, 4, 3])
    expected = Reference(config, numbers(model)).logits(*words)
    trace = run_with_trace(model, *words)
    found = trace["encoder.out" if config.head is None else "head.logits"]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12 * max(1.0, np.abs(expected).max()))


@given(config=configs(), seed=st.integers(0, 99))
def test_training_computes_the_same_as_a_trace(config, seed):
    """The fused kernels of training, without dropout, against the explicit steps."""
    shape = replace(config, dropout=0.0, attention=replace(config.attention, dropout=0.0))
    model = make_model(shape, seed=seed)
    ids = torch.tensor([[3, 2, 4, 3, 1], [4, 2, 3, 0, 0]]), torch.tensor([[1, 4, 3, 2], [1, 2, 2, 4]])
    words = pair_for(config, *ids)
    explicit, fused = model(*words).detach(), model.train()(*words).detach()
    torch.testing.assert_close(fused, explicit, rtol=1e-9, atol=1e-9 * float(explicit.abs().max()))


@pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
def test_padding_changes_nothing_for_the_real_positions(shape):
    """A short sentence beside a longer one has the logits that it has alone."""
    config = make_config(**shape)
    model = make_model(config)
    alone = [SOURCE[1:, :3] if config.has_encoder else None, TARGET[1:, :3] if config.has_decoder else None]
    both = [SOURCE if config.has_encoder else None, TARGET if config.has_decoder else None]
    torch.testing.assert_close(model(*both)[1, :3], model(*alone)[0], rtol=0, atol=1e-12)
