"""Muon for the layers' matrices beside Adam for everything else."""

from __future__ import annotations

import pytest
import torch

from tests.core.tiny import VARIANTS
from transformer_core.glass.errors import ConfigError
from transformer_core.glass.sites import all_parameters, find_parameter, parameters_by_name
from transformer_core.training.presets import make_recipe
from transformer_core.training.recipe import Recipe
from transformer_core.training.steps.muon import Float32Muon, orthogonalized
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


@pytest.mark.parametrize("shape", [(6, 6), (12, 8), (8, 12)])
def test_muon_in_float32_takes_the_steps_of_torchs_own(shape: tuple[int, int]) -> None:
    """Apart from what bfloat16 rounds away: 2^-8 of a number, in each of fifteen products one after the other."""
    weights = [torch.nn.Parameter(torch.randn(shape, generator=torch.Generator().manual_seed(1))) for _ in range(2)]
    ours, theirs = (
        kind([weight], lr=0.02, adjust_lr_fn="match_rms_adamw")
        for kind, weight in zip((Float32Muon, torch.optim.Muon), weights, strict=True)
    )
    drawn = torch.Generator().manual_seed(2)
    for _ in range(3):
        before = weights[1].detach().clone()
        gradient = torch.randn(shape, generator=drawn)
        for optimizer, weight in zip((ours, theirs), weights, strict=True):
            weight.grad = gradient.clone()
            optimizer.step()  # type: ignore[no-untyped-call]
        step = (weights[1] - before).abs().max().item()
        torch.testing.assert_close(weights[0], weights[1], rtol=0, atol=0.1 * step)
    for optimizer, weight in zip((ours, theirs), weights, strict=True):
        assert set(optimizer.state[weight]) == {"momentum_buffer"}
    torch.testing.assert_close(
        ours.state[weights[0]]["momentum_buffer"], theirs.state[weights[1]]["momentum_buffer"], rtol=1e-6, atol=1e-6
    )


def test_a_matrix_becomes_orthogonal_whatever_its_singular_values() -> None:
    u, _, v = torch.linalg.svd(torch.randn(8, 8, generator=torch.Generator().manual_seed(3), dtype=torch.float64))
    scaled = u @ torch.diag(torch.linspace(0.1, 5, 8, dtype=torch.float64)) @ v
    result = orthogonalized(scaled, (3.4445, -4.775, 2.0315), 5, 1e-7)
    values = torch.linalg.svdvals(result)
    assert ((values > 0.6) & (values < 1.3)).all()
    own = torch.diagonal(u.mT @ result @ v.mT)  # the same singular vectors: nothing stands beside the diagonal
    torch.testing.assert_close(u @ torch.diag(own) @ v, result, rtol=0, atol=1e-12)


def test_adam_alone_is_the_default() -> None:
    _, _, labels = stepped(recipe(), 1e-3)
    assert all(label.startswith("adam.") for label in labels)


def test_another_optimizer_is_refused() -> None:
    with pytest.raises(ConfigError, match="adam or muon, not 'sgd'"):
        recipe(optimizer="sgd")
