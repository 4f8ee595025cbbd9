"""The cells of a heatmap as they travel: those that are allowed, exactly, or many of them to the last digit told."""

from __future__ import annotations

import base64
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from figures.base.heatmaps.cells import MANY, SHADES, STEP, packed_cells
from tests.figures.base.heatmaps.unpacked_cells import unpacked_cells

N = 131
LOWER = np.tril(np.ones((N, N), dtype=bool))
assert N * N > MANY


def sent(values: NDArray[Any], allowed: NDArray[Any], low: float, high: float) -> dict[str, Any]:
    rows, columns = values.shape
    return {"rows": rows, "columns": columns, **packed_cells(values, allowed, low, high)}


def weights(seed: int = 0) -> NDArray[np.float32]:
    scores = np.where(LOWER, np.random.default_rng(seed).normal(0, 3, (N, N)), -np.inf)
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    return (exponentials / exponentials.sum(axis=1, keepdims=True)).astype(np.float32)


def test_few_cells_are_exact() -> None:
    values = np.float32([[0.1, np.nan, 3e-30], [-2.0, 7.25, 1e30]])
    allowed = np.array([[True, True, False], [True, False, True]])
    told = sent(values, allowed, -2, 2)
    assert "step" not in told
    found = unpacked_cells(told)
    assert_array_equal(np.isinf(found), ~allowed)
    assert_array_equal(found[allowed].astype(np.float32), values[allowed])
    assert len(base64.b64decode(told["cells"])) == 4 * allowed.sum()


def test_of_many_cells_every_digit_that_is_told_is_right() -> None:
    values = weights()
    values[3, :2] = 0.03125, 0.5  # half a step, exactly: JavaScript rounds it up
    values[5, 1] = np.nan
    told = sent(values, LOWER, 0, 1)
    found = unpacked_cells(told)
    assert told["step"] == STEP
    assert len(base64.b64decode(told["cells"])) == 2 * LOWER.sum()
    assert_array_equal(np.isinf(found), ~LOWER)
    assert np.isnan(found[5, 1])
    there = LOWER & ~np.isnan(values)
    exact = [Decimal(float(x)).quantize(Decimal("0.0001"), ROUND_HALF_UP) for x in values[there]]
    assert [f"{x:.4f}" for x in found[there]] == [str(x) for x in exact]
    assert found[3, 0] == pytest.approx(0.0313)


@pytest.mark.parametrize(
    ("factor", "reach", "whole"),
    [(3.2, 3.2, True), (3.3, 3.3, False), (0.05, 0.05, False), (0.05, SHADES * STEP / 2, True)],
    ids=["two bytes hold them", "two bytes do not", "finer than a colour", "one step a colour"],
)
def test_only_what_two_bytes_hold_and_colours_do_not_miss_is_rounded(factor: float, reach: float, whole: bool) -> None:
    values = (factor * np.linspace(-1, 1, N * N).reshape(N, N)).astype(np.float32)
    told = sent(values, np.ones((N, N), dtype=bool), -reach, reach)
    assert ("step" in told) == whole
    assert "open" not in told
    error = np.abs(unpacked_cells(told) - values).max()
    assert error <= STEP / 2 * (1 + 1e-6) if whole else error == 0
