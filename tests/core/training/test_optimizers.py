"""Muon for the layers' matrices beside Adam for everything else."""

from __future__ import annotations

import pytest
import torch

from tests.core.tiny import VARIANTS
from transformer_core.glass.errors import ConfigError
from transformer_core.glass.sites import all_parameters, find_parameter, parameters_by_name
from transformer_core.training.recipe import Recipe, make_recipe
from transformer_core.training.steps.optimizers import Optimizers
from transformer_core.transformer.model import Transformer

SHAPE = {"d_model": 8, "n_heads": 2, "d_ff": 12, "n_encoder_layers": 1, "n_decoder_layers": 1}


def recipe(**changes: object) -> Recipe:
    return make_recipe("zh-en", steps=9, **SHAPE, **changes)


def stepped(recipe: Recipe, rate: float) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor], list[str]]:
    """Weights before and after one step with random gradients, and the labels of what the optimizers remember."""
    torch.manual_seed(1)
    model = Transformer(recipe.config(7, 9))
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    for parameter in model.parameters():
        parameter.grad = torch.randn_like(parameter)
    optimizers = Optimizers(model, recipe)
    optimizers.step(rate)
    assert all(parameter.grad is None for parameter in model.parameters())
    return before, dict(model.named_parameters()), list(optimizers.state())


def test_muon_takes_the_layers_matrices_and_adam_the_rest() -> None:
    _, _, labels = stepped(recipe(optimizer="muon"), 1e-3)
    muon = {label.removeprefix("muon.momentum_buffer.") for label in labels if label.startswith("muon.")}
    attention = [
        f"{block}.W_{x}"
        for block in ("encoder.0.self_attn", "decoder.0.self_attn", "decoder.0.cross_attn")
        for x in "QKVO"
    ]
    assert muon == {*attention, *(f"{stack}.0.ffn.W_{i}" for stack in ("encoder", "decoder") for i in "12")}
    adam = {label.removeprefix("adam.exp_avg.") for label in labels if label.startswith("adam.exp_avg.")}
    assert {"src_embed.W_E", "tgt_embed.W_E", "encoder.0.ln1.gamma", "decoder.0.ffn.b_1"} <= adam
    assert not adam & muon


@pytest.mark.parametrize(
    ("variant", "matrices"),
    [
        ("t5", {"W_Q", "W_K", "W_V", "W_O", "W_gate", "W_up", "W_2"}),  # a table of biases is none
        ("llama", {"W_Q", "W_K", "W_V", "W_O", "W_gate", "W_up", "W_2"}),
        ("bert", {"W_Q", "W_K", "W_V", "W_O", "W_1", "W_2", "W_dense"}),  # neither are positions and segments
    ],
)
def test_which_weights_are_matrices_is_asked_of_the_plan(variant: str, matrices: set[str]) -> None:
    model = Transformer(VARIANTS[variant])
    for parameter in model.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizers = Optimizers(model, recipe(optimizer="muon"))
    optimizers.step(1e-3)
    named = {f"muon.momentum_buffer.{key}": key for key in parameters_by_name(model.plan)}
    taken = {named[label] for label in optimizers.state() if label in named}
    assert {find_parameter(model.plan, name).own for name in taken} == matrices
    assert taken == {one.name for one in all_parameters(model.plan) if one.own in matrices}


def test_a_step_of_muon_is_orthogonal_and_as_long_as_its_rate_says() -> None:
    """0.2 sqrt(max(rows, columns)) of the rate, beside a decay of a tenth of it; half way down both rates are half."""
    own = recipe(optimizer="muon", matrix_rate=1e-2, peak_rate=4e-3)
    before, after, _ = stepped(own, 2e-3)
    name, rate = "encoder.0.ffn.W_1", 5e-3
    change = before[name] * (1 - 0.1 * rate) - after[name]
    values = torch.linalg.svdvals(change / (0.2 * 12**0.5 * rate))
    assert ((values > 0.6) & (values < 1.3)).all()  # five steps of Newton and Schulz come that near to 1
    moved = (before["tgt_embed.W_E"] - after["tgt_embed.W_E"]).abs()
    torch.testing.assert_close(moved, torch.full_like(moved, 2e-3), rtol=1e-3, atol=0)


def test_adam_alone_is_the_default() -> None:
    _, _, labels = stepped(recipe(), 1e-3)
    assert all(label.startswith("adam.") for label in labels)


def test_another_optimizer_is_refused() -> None:
    with pytest.raises(ConfigError, match="adam or muon, not 'sgd'"):
        recipe(optimizer="sgd")
