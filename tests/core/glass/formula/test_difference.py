"""How far a value is from what its formula makes of its inputs: over the largest sum of terms behind it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.core.tiny import NORMS, OTHER_OPTIONS, D, make_model, trace_of
from transformer_core.glass.formulas import all_formulas, difference, find_formula
from transformer_core.glass.trace import Trace


def size(cell):
    """How much is added up in a cell: its terms without their signs; 0 where nothing is added up."""
    singles = [abs(float(single.values[0])) for single in cell.singles]
    if cell.operation.name == "normalize":
        x, mean, var, eps = singles
        return (x + mean) / np.sqrt(var + eps)
    if cell.operation.name == "affine":
        x, gamma, beta = singles
        return x * gamma + beta
    if cell.operation.name in ("gelu", "gelu_tanh"):
        return singles[0]
    if cell.operation.name != "sum" or not np.isfinite(cell.value):
        return 0.0
    if cell.key.endswith((".mean", ".var")):  # the others are the mean itself and 1/D, which are no terms
        return np.abs(cell.values).sum()
    return np.abs(cell.values).sum() + sum(singles)


class TestDifference:
    def edited(self, key, change):
        """A trace in which a value is not what follows from its inputs."""
        return trace_of(make_model(), edit=lambda name, x: change(x) if name == key else x)

    def test_it_is_the_largest_difference_over_the_largest_sum_of_terms(self):
        trace = self.edited("encoder.0.add1", lambda x: x * torch.where(x == x.abs().max(), 1.0, 1.25))
        value = trace["encoder.0.add1"]
        parts = trace["encoder.0.input"], trace["encoder.0.self_attn.out"]
        expected = np.abs(value - sum(parts)).max() / max(np.abs(value).max(), sum(np.abs(x) for x in parts).max())
        assert expected > 0.05
        assert difference(trace, "encoder.0.add1") == pytest.approx(expected, rel=1e-12)
        assert difference(trace, "encoder.0.ln1.out") < 1e-13  # what follows follows from the edited value

    def test_zeros_that_ought_to_be_zeros_do_not_differ_and_others_differ_infinitely(self):
        trace = self.edited("encoder.0.ffn.pre", lambda x: -x.abs())
        assert not trace["encoder.0.ffn.act"].any()
        assert difference(trace, "encoder.0.ffn.act") == 0
        assert difference(self.edited("encoder.0.input", torch.zeros_like), "encoder.0.input") == np.inf
        assert (
            difference(self.edited("encoder.0.add1", torch.zeros_like), "encoder.0.add1") > 0.5
        )  # its terms are there
        nothing = trace_of(make_model(), edit=lambda key, x: x * 0 if key == "encoder.0.self_attn.z" else x)
        assert difference(nothing, "encoder.0.self_attn.head_out") == 0

    @pytest.mark.slow
    @pytest.mark.parametrize("options", [{}, OTHER_OPTIONS, {"activation": "gelu"}], ids=["default", "others", "gelu"])
    @pytest.mark.parametrize("norm", NORMS)
    def test_every_sum_is_measured_by_its_terms_without_signs(self, norm, options):
        """Whatever a cell says is added up in it."""
        trace = trace_of(make_model(norm_position=norm, **options))
        for key, formula in all_formulas(trace.plan).items():
            cells = [formula.terms(trace, index) for index in np.ndindex(trace[key].shape)]
            value = trace[key][np.isfinite(trace[key])]
            wanted = max([float(np.abs(value).max()), *map(size, cells)])
            assert formula.scale(trace) == pytest.approx(wanted, rel=1e-12), key

    def test_the_rest_of_large_terms_is_not_asked_for_more_digits_than_they_have(self):
        """Numbers of which half are the others' opposites: their mean is what rounding leaves of them."""
        half = D // 2

        def cancelling(key, x):
            if key == "encoder.0.add1":
                return torch.cat([x[..., :half], -x[..., :half]], dim=-1)
            if key == "encoder.0.ln1.mean":
                return x + 1e-6 * torch.finfo(x.dtype).eps
            return x

        for dtype in (torch.float32, torch.float64):
            trace = trace_of(make_model(dtype=dtype), edit=cancelling)
            assert np.abs(trace["encoder.0.ln1.mean"]).max() < 64 * torch.finfo(dtype).eps
            assert difference(trace, "encoder.0.ln1.mean") < 64 * torch.finfo(dtype).eps

    @pytest.mark.parametrize(
        "change",
        [
            lambda x: x.masked_fill(x == -torch.inf, -1e9),
            lambda x: x.masked_fill(torch.eye(7, dtype=torch.bool).roll(-1, 0), -torch.inf),
            lambda x: x.masked_fill(x == -torch.inf, torch.inf),
            lambda x: torch.full_like(x, torch.nan),
        ],
        ids=["finite where blocked", "blocked where finite", "the other infinity", "no number"],
    )
    def test_minus_infinity_must_stand_in_the_same_cells(self, change):
        key = "decoder.0.self_attn.scores"
        assert difference(trace_of(make_model()), key) == 0
        trace = trace_of(make_model())
        values = {**trace, key: change(torch.from_numpy(trace[key].copy())).numpy()}  # a pass would refuse some of them
        assert difference(Trace(trace.plan, values, parameters=trace.parameters), key) == np.inf

    def test_a_formula_that_gives_another_shape_differs_infinitely(self, monkeypatch):
        trace = trace_of(make_model())
        broken = replace(find_formula(trace.plan, "encoder.0.input"), arguments=(("x", "tgt_embed.out"),))
        monkeypatch.setitem(all_formulas(trace.plan), "encoder.0.input", broken)
        assert difference(trace, "encoder.0.input") == np.inf
