from __future__ import annotations

import json
import math
from collections.abc import Iterator

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from transformer_core.glass.errors import ConfigError
from transformer_core.training.presets import make_recipe
from transformer_core.training.recipe import Recipe
from transformer_core.training.steps.average import WeightAverage
from transformer_core.training.steps.loss import ROWS, smoothed_cross_entropy
from transformer_core.training.steps.schedule import learning_rate
from transformer_core.transformer.modules import dropout


class TestLoss:
    @pytest.mark.parametrize("smoothing", [0.0, 0.1])
    @pytest.mark.parametrize("biased", [True, False])
    def test_equals_cross_entropy_and_its_gradients(self, smoothing: float, biased: bool) -> None:
        torch.manual_seed(0)
        n_words = ROWS + 7  # a block and a part of one
        x, W, b = (torch.randn(shape, dtype=torch.float64) for shape in ((n_words, 5), (13, 5), (13,)))
        targets = torch.randint(13, (n_words,))
        leaves = [leaf.requires_grad_() for leaf in ((x, W, b) if biased else (x, W))]
        logits = F.linear(x, W, b if biased else None)
        wanted = F.cross_entropy(logits, targets, label_smoothing=smoothing, reduction="sum")
        loss = smoothed_cross_entropy(x, W, b if biased else None, targets, smoothing)
        torch.testing.assert_close(loss, wanted, rtol=1e-12, atol=0)  # a sum over all words
        # A factor behind the loss, as the mean over the words is one.
        grads, wanted_grads = (torch.autograd.grad(0.3 * value, leaves) for value in (loss, wanted))
        for got, want in zip(grads, wanted_grads, strict=True):
            torch.testing.assert_close(got, want, rtol=0, atol=1e-12)

    def test_large_logits_stay_finite(self) -> None:
        x, W = torch.full((2, 1), 1e3), torch.tensor([[1.0], [-1.0]])
        assert smoothed_cross_entropy(x, W, None, torch.tensor([0, 1]), 0.0).item() == 2e3


class TestSchedule:
    def test_warm_up_is_a_straight_line(self) -> None:
        rates = [learning_rate(step, 0.0, peak=1e-3, warmup_steps=10) for step in (1, 5, 10, 11)]
        assert rates == pytest.approx([1e-4, 5e-4, 1e-3, 1e-3])

    def test_cosine_ends_at_zero(self) -> None:
        rates = [learning_rate(99, progress, peak=2.0, warmup_steps=10) for progress in (0.0, 0.5, 1.0, 1.2)]
        assert rates == pytest.approx([2.0, 1.0, 0.0, 0.0])

    def test_inverse_square_root_is_the_papers(self) -> None:
        rates = [learning_rate(n, 0.5, peak=1.0, warmup_steps=100, schedule="inverse-sqrt") for n in (50, 100, 400)]
        assert rates == pytest.approx([0.5, 1.0, 0.5])


class TestAverage:
    def test_is_the_weighted_mean_of_the_updates(self) -> None:
        model, decay = nn.Linear(2, 1, bias=False), 0.9
        average, seen = WeightAverage(model, decay), []
        for value in (5.0, -1.0, 2.0):
            with torch.no_grad():
                model.weight.fill_(value)
            average.update(model)
            seen.append(value)
            shares = [decay**age for age in reversed(range(len(seen)))]
            wanted = sum(s * v for s, v in zip(shares, seen, strict=True)) / sum(shares)
            assert average.model.weight.tolist()[0] == pytest.approx([wanted] * 2)
        assert not average.model.training

    def test_refuses_a_decay_of_one(self) -> None:
        with pytest.raises(ValueError, match="not 1"):
            WeightAverage(nn.Linear(1, 1), 1.0)


class TestDropout:
    @pytest.fixture(autouse=True)
    def fresh_pools(self) -> Iterator[None]:
        dropout.restore_pools({})
        torch.manual_seed(0)
        yield
        dropout.restore_pools({})

    def test_is_the_identity_in_evaluation_and_at_rate_zero(self) -> None:
        x = torch.randn(3, 5)
        assert dropout.Dropout(0.5).eval()(x) is x
        assert dropout.Dropout(0.0)(x) is x

    def test_drops_its_share_and_keeps_the_mean(self) -> None:
        layer, x = dropout.Dropout(0.3), torch.ones(200, 100)
        out = torch.stack([layer(x) for _ in range(20)])
        assert out.unique().tolist() == pytest.approx([0.0, 1 / 0.7])
        assert (out == 0).double().mean().item() == pytest.approx(0.3, abs=0.01)
        # Each cell is dropped in its own right: over 20 uses hardly any is always or never dropped.
        assert (out == 0).double().mean(0).std().item() == pytest.approx(math.sqrt(0.3 * 0.7 / 20), rel=0.1)

    def test_the_gradient_passes_where_the_value_does(self) -> None:
        x = torch.randn(50, 3, requires_grad=True)
        out = dropout.Dropout(0.4)(x)
        out.sum().backward()
        torch.testing.assert_close(x.grad, (out / x).detach(), rtol=1e-6, atol=0)

    def test_seed_decides_the_masks(self) -> None:
        def masks() -> torch.Tensor:
            dropout.restore_pools({})
            torch.manual_seed(7)
            layer = dropout.Dropout(0.2)
            return torch.stack([layer(torch.ones(4, 5)) for _ in range(8)])

        first = masks()
        assert torch.equal(first, masks())
        assert len(first.flatten(1).unique(dim=0)) > 1

    def test_its_state_and_the_generators_restore_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(dropout, "USES", 3)  # the pools are drawn anew on the way
        layers = [dropout.Dropout(0.2), dropout.Dropout(0.5)]
        x = torch.ones(6, 7)
        for layer in (*layers, layers[0]):
            layer(x)
        pools, generator = json.loads(json.dumps(dropout.pool_state())), torch.get_rng_state()
        went_on = [layer(x) for _ in range(4) for layer in layers]
        dropout.restore_pools(pools)
        torch.set_rng_state(generator)
        assert all(
            torch.equal(a, b) for a, b in zip(went_on, (layer(x) for _ in range(4) for layer in layers), strict=True)
        )

    def test_an_activation_above_the_pool_gets_a_larger_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(dropout, "POOL_CELLS", 64)
        layer = dropout.Dropout(0.5)
        assert layer(torch.ones(8)).shape == (8,)
        assert layer(torch.ones(50, 40)).shape == (50, 40)

    def test_keeps_the_dtype(self) -> None:
        assert dropout.Dropout(0.5)(torch.ones(8, dtype=torch.bfloat16)).dtype == torch.bfloat16


class TestRecipe:
    def test_survives_json(self) -> None:
        recipe = make_recipe("zh-en", steps=5)
        assert Recipe.from_dict(json.loads(json.dumps(recipe.to_dict()))) == recipe

    def test_the_twin_differs_by_its_norm_and_what_that_asks_for(self) -> None:
        post, pre = make_recipe("zh-en"), make_recipe("zh-en", norm_position="pre")
        changed = {name for name, value in post.to_dict().items() if value != pre.to_dict()[name]}
        assert changed == {"norm_position", "peak_rate", "warmup_steps"}
        assert make_recipe("zh-en", norm_position="pre", peak_rate=0.5).peak_rate == 0.5

    def test_two_budgets_are_refused(self) -> None:
        with pytest.raises(ConfigError, match="steps and minutes"):
            make_recipe("zh-en", steps=5, minutes=3.0)

    def test_an_unknown_preset_is_refused_by_name(self) -> None:
        with pytest.raises(ConfigError, match=r"zh-en, en-fr.*'xx'"):
            make_recipe("xx")

    @pytest.mark.parametrize(
        ("budget", "part"), [({"steps": 40}, 0.25), ({"epochs": 4}, 0.5), ({"minutes": 2.0}, 0.75)]
    )
    def test_the_part_over_follows_the_budget(self, budget: dict[str, float], part: float) -> None:
        assert make_recipe("en-fr", **budget).part_over(10, 90.0, 2.0) == part
