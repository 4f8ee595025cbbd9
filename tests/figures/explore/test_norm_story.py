"""LayerNorm's statistics: what goes in, what it becomes, and the learned numbers, all as they are in the trace."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from figures.base.labels import MINUS
from figures.base.theme import theme
from figures.explore.norm_story import ends, norm_facts, scale_figure, spread, spread_figure
from tests.core.tiny import NORMS, make_model, trace_of
from transformer_core.glass.formulas import find_formula
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import norm_facts as norm_block_facts

COLOURS = theme("light")
ROWS = ["0 a", "1 b &lt;", "2 c"]
ROWS_OF_NUMBERS = np.array([[1.0, 3.0], [-2.0, -2.0], [0.0, 8.0]])


def norm_paths(trace: Trace) -> list[str]:
    return [key.removesuffix(".mean") for key in trace if key.endswith(".mean")]


def test_a_row_has_the_mean_and_the_biased_variance_of_its_numbers() -> None:
    found = spread(ROWS_OF_NUMBERS.astype(np.float32))
    assert_array_equal(found.mean, [2, -2, 4])
    assert_array_equal(found.var, [1, 0, 16])


@pytest.mark.parametrize("norm", NORMS)
def test_what_a_layer_norm_reads_has_the_traces_mean_and_variance(norm: str) -> None:
    trace = trace_of(make_model(norm_position=norm))
    assert len(norm_paths(trace)) == (10 if norm == "post" else 12)
    for path in norm_paths(trace):
        block = trace.site(f"{path}.mean").block
        eps = norm_block_facts(block).eps
        read = find_formula(trace.plan, f"{path}.mean").sites[0]
        before, normalised = spread(trace[read]), spread(trace[f"{path}.normalized"])
        assert_allclose(before.mean[:, None], trace[f"{path}.mean"], rtol=0, atol=1e-12)
        assert_allclose(before.var[:, None], trace[f"{path}.var"], rtol=0, atol=1e-12)
        assert_allclose(normalised.mean, 0, atol=1e-12)
        assert_allclose(normalised.var, before.var / (before.var + eps), rtol=0, atol=1e-12)


def test_the_facts_are_the_ends_of_what_is_drawn() -> None:
    before, out = spread(ROWS_OF_NUMBERS), spread(2 * ROWS_OF_NUMBERS)
    normalised = spread(np.array([[-0.5, 0.5], [0.0, 0.0], [-1.0, 1.0]]))
    facts = norm_facts((before, normalised, out), 1.0)
    assert (facts["mean_low"], facts["mean_high"]) == (f"{MINUS}2.000", "4.000")
    assert (facts["var_low"], facts["var_high"]) == ("0.000", "16.000")
    assert (facts["out_mean_low"], facts["out_var_high"]) == (f"{MINUS}4.000", "64.000")
    assert (facts["normal_mean"], facts["normal_var_high"]) == ("0.000", "1.000000")
    assert facts["difference"] == "0.250"  # 1 / (1 + 1) wanted and 0.25 found; 16 / 17 wanted and 1 found is nearer


def test_the_ends_are_named() -> None:
    assert ends("gamma", np.array([0.5, 1.25])) == {"gamma_low": "0.500", "gamma_high": "1.250"}


def test_all_stages_are_drawn_to_one_scale_around_0() -> None:
    stages = [spread(scale * ROWS_OF_NUMBERS) for scale in (1.0, 0.25, 3.0)]
    figure = spread_figure(stages, ["x", "y", "z"], ROWS, COLOURS)
    axes = [figure.layout.xaxis, figure.layout.xaxis2, figure.layout.xaxis3]
    assert len({axis.range for axis in axes}) == 1
    low, high = axes[0].range
    assert low == -high
    assert high > 3 * (4 + 4)  # the mean and the deviation of the last row, of the last stage
    assert [axis.title.text for axis in axes] == ["x", "y", "z"]
    assert axes[0].tickvals == (0, 20)
    for stage, trace, axis in zip(stages, figure.data, ("x", "x2", "x3"), strict=True):
        assert_array_equal(trace.x, stage.mean)
        assert_array_equal(trace.error_x.array, np.sqrt(stage.var))
        assert trace.xaxis == axis
        assert [row for row, *_ in trace.customdata] == ROWS
        assert_allclose([var for _, var, _ in trace.customdata], stage.var)
    assert figure.layout.yaxis.ticktext == tuple(ROWS)
    assert figure.layout.yaxis.range == (2.5, -0.5)


def test_another_run_stands_paler_below_each_row() -> None:
    now, then = spread(ROWS_OF_NUMBERS), spread(2 * ROWS_OF_NUMBERS)
    figure = spread_figure([now], ["x"], ROWS, COLOURS, [then], ["edited", "original"])
    first, second = figure.data
    assert_array_equal(second.x, then.mean)
    assert_array_equal(second.error_x.array, np.sqrt(then.var))
    assert (first.y < second.y).all()
    assert first.opacity > second.opacity
    assert (first.name, second.name, figure.layout.showlegend) == ("edited", "original", True)
    assert figure.layout.xaxis.range[1] > (then.mean + np.sqrt(then.var)).max()


def test_rows_of_nothing_but_zeros_are_drawn() -> None:
    figure = spread_figure([spread(np.zeros((2, 3)))], ["x"], ROWS[:2], COLOURS)
    assert np.isfinite(figure.layout.xaxis.range).all()


def test_gamma_is_drawn_from_1_and_beta_from_0() -> None:
    gamma, beta = np.array([1.5, 0.75], dtype=np.float32), np.array([-0.25, 0.5], dtype=np.float32)
    first, second = scale_figure(gamma, beta, "Dimension", COLOURS).data
    assert (first.base, second.base) == (1, 0)
    assert_array_equal(first.y, [0.5, -0.25])
    assert_array_equal(second.y, [-0.25, 0.5])
    assert_array_equal(first.customdata, gamma)
    assert_array_equal(second.customdata, beta)
    assert (first.yaxis, second.yaxis) == ("y", "y2")
