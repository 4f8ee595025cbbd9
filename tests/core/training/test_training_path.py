"""Training computes by fused kernels what inference computes step by step, and its gradients reach every parameter."""

import copy

import numpy as np
import pytest
import torch

from tests.cases import crossed
from tests.core.tiny import OTHER_OPTIONS, SHAPES, batch_for, make_config, make_model, shape_name, trace_of
from transformer_core.transformer.model import Transformer
from transformer_core.transformer.modules.dropout import Dropout

NO_DROPOUT = {"dropout": 0.0, "attention_dropout": 0.0}
on_shapes = pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
with_options = pytest.mark.parametrize("options", [{}, OTHER_OPTIONS], ids=["default", "others"])


@pytest.mark.parametrize(
    ("shape", "options", "limits"),
    crossed(
        SHAPES,
        {"default": {}, "others": OTHER_OPTIONS},
        {"float32": (torch.float32, 1e-5), "float64": (torch.float64, 1e-12)},
    ),
)
def test_without_dropout_training_and_inference_agree(shape, options, limits):
    """The batch has padding on both sides; padded target rows are computed alike, too."""
    dtype, atol = limits
    config = make_config(**shape, **options, **NO_DROPOUT)
    model = make_model(config, dtype=dtype)
    with torch.no_grad():
        for parameter in model.parameters():  # logits of the size that trained models have
            parameter.mul_(0.5)
    explicit = model(*batch_for(config))
    fused = model.train()(*batch_for(config))
    torch.testing.assert_close(fused, explicit, rtol=0, atol=atol)


@with_options
@on_shapes
def test_both_paths_have_the_same_gradients(shape, options):
    config = make_config(**shape, **options, **NO_DROPOUT)
    model = make_model(config)
    explicit, fused = (gradients(model.train(training)) for training in (False, True))
    for name in explicit:
        torch.testing.assert_close(fused[name], explicit[name], rtol=0, atol=1e-11, msg=name)


def gradients(model):
    model.zero_grad()
    model(*batch_for(model.config)).tanh().sum().backward()
    return {name: parameter.grad.clone() for name, parameter in model.named_parameters()}


@with_options
@on_shapes
def test_a_gradient_reaches_every_parameter(shape, options):
    """All but the bias of the keys, which shifts every score of a row by the same amount: softmax does not see it."""
    for name, gradient in gradients(make_model(make_config(**shape, **options)).train()).items():
        assert gradient.isfinite().all(), name
        if name.endswith("b_K"):
            torch.testing.assert_close(gradient, torch.zeros_like(gradient), rtol=0, atol=1e-10)
        else:
            assert gradient.abs().max() > 1e-9, name


def test_training_is_possible_after_a_trace_of_the_same_lengths():
    """Masks and positions are built once and shared; born in inference mode they could not be used in training."""
    config = make_config(d_model=18, max_length=23, positions="sinusoidal")
    model = make_model(config)
    trace_of(model, source=[3] * 11, target=[1] * 13)
    model.train()(torch.full((2, 11), 3), torch.full((2, 13), 1)).sum().backward()
    assert model.tgt_embed.W_E.grad.isfinite().all()


def test_gradients_flow_through_the_explicit_path_to_any_value():
    """Attribution needs them: gradients of a logit with respect to the embeddings, in eval mode."""
    model = make_model()
    source, target = batch_for(model.config)
    model(source, target)[0, -1, 5].backward()
    touched = model.src_embed.W_E.grad.abs().sum(dim=-1) > 0
    assert touched.nonzero().flatten().tolist() == sorted(set(source[0].tolist()))


@on_shapes
def test_dropout_acts_in_training_only(shape):
    config = make_config(**shape)
    model = make_model(config)
    calm = model(*batch_for(config))
    assert torch.equal(model(*batch_for(config)), calm)
    model.train()
    assert not torch.allclose(model(*batch_for(config)), model(*batch_for(config)))
    assert torch.equal(model.eval()(*batch_for(config)), calm)


@pytest.mark.parametrize(
    "rates", [{"dropout": 0.3, "attention_dropout": 0.0}, {"dropout": 0.0, "attention_dropout": 0.3}]
)
def test_each_of_the_two_rates_acts(rates):
    config = make_config(**rates)
    model = make_model(config).train()
    assert not torch.allclose(model(*batch_for(config)), model(*batch_for(config)))


def test_dropout_sits_after_both_embeddings_and_on_each_sublayer():
    """One after each embedding and one in each layer, which all its sub-layers pass, each with the config's rate."""
    model = make_model(make_config(dropout=0.25))
    found = {path: m.p for path, m in model.named_modules() if isinstance(m, Dropout)}
    layers = [f"{stack}.{i}.dropout" for stack in ("encoder", "decoder") for i in range(2)]
    assert found == dict.fromkeys(["src_embed.dropout", "tgt_embed.dropout", *layers], 0.25)


def test_a_copied_model_is_traced_with_its_own_parameters():
    """Averaging weights copies models: no shared table may lead back to the first."""
    model = make_model()
    twin = copy.deepcopy(model)
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter.mul_(0.5)
    ours, theirs = trace_of(model), trace_of(twin)
    assert not np.allclose(ours["head.logits"], theirs["head.logits"])
    assert list(theirs) == list(ours)
    for name, value in ours.parameters.items():
        np.testing.assert_allclose(theirs.parameters[name], value / 2, rtol=0, atol=0, err_msg=name)
    assert twin.head.W is twin.tgt_embed.W_E
    np.testing.assert_array_equal(trace_of(make_model())["head.logits"], ours["head.logits"])


def test_fresh_weights_are_small_changes_of_the_residual_stream():
    """W_O and W_2 start smaller the deeper the stack, so that each sub-layer changes little at first."""
    shallow = Transformer(make_config(d_model=48, d_ff=96)).requires_grad_(False)
    deep = Transformer(make_config(d_model=48, d_ff=96, n_encoder_layers=8)).requires_grad_(False)
    ratio = deep.encoder.layers[0].ffn.W_2.std() / shallow.encoder.layers[0].ffn.W_2.std()
    assert ratio.item() == pytest.approx(0.5, rel=0.05)
    scaled = shallow.src_embed.W_E.std() * 48**0.5
    assert scaled.item() == pytest.approx(1.0, rel=0.1)
