"""The cells of a heatmap as they travel: those that are allowed, exactly, or many of them to the last digit told."""

from __future__ import annotations

import base64
import json
import zlib
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from figures.base.heatmaps.cells import DIGITS, MANY, MOST, PARTS, SHADES, packed_cells
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
    assert "parts" not in told
    found = unpacked_cells(told)
    assert_array_equal(np.isinf(found), ~allowed)
    assert_array_equal(found[allowed].astype(np.float32), values[allowed])
    assert len(base64.b64decode(told["cells"])) == 4 * allowed.sum()


@pytest.mark.parametrize("sign", [1, -1])
def test_of_many_cells_every_digit_that_is_told_is_right(sign: int) -> None:
    values = sign * weights()
    values[3, :3] = sign * np.float32([0.03125, 0.5, 0.00496])  # half a digit, exactly; 0.0050 would become 0.01
    values[5, 1:3] = np.nan, 0
    told = sent(values, LOWER, -1, 1)
    assert told["signed"] == (sign < 0)
    found = unpacked_cells(told)
    assert told["parts"] == PARTS
    assert_array_equal(np.isinf(found), ~LOWER)
    assert np.isnan(found[5, 1])
    assert found[5, 2] == 0
    there = LOWER & ~np.isnan(values)
    for digits in range(DIGITS + 1):
        last = Decimal(10) ** -digits
        told_of, true = (
            [Decimal(float(x)).quantize(last, ROUND_HALF_UP) for x in all_[there]] for all_ in (found, values)
        )
        assert told_of == true


def test_many_weights_of_a_causal_head_take_little_more_than_a_byte_each() -> None:
    told = sent(weights(), LOWER, 0, 1)
    message = zlib.compress(json.dumps(told).encode())
    assert len(message) < 1.3 * LOWER.sum()
    assert len(base64.b64decode(told["open"])) < 4 * N


@pytest.mark.parametrize(
    ("factor", "reach", "counted"),
    [(MOST, MOST, True), (MOST + 1, MOST + 1, False), (0.05, 0.05, False), (0.05, SHADES / PARTS / 2, True)],
    ids=["a float32 tells the middles", "a float32 does not", "finer than a colour", "one part a colour"],
)
def test_only_what_a_float32_tells_and_colours_do_not_miss_is_counted(
    factor: float, reach: float, counted: bool
) -> None:
    values = (factor * np.linspace(-1, 1, N * N).reshape(N, N)).astype(np.float32)
    told = sent(values, np.ones((N, N), dtype=bool), -reach, reach)
    assert ("parts" in told) == counted
    assert "open" not in told
    error = np.abs(unpacked_cells(told) - values).max()
    assert error <= 1 / PARTS / 2 * (1 + 1e-6) if counted else error == 0


@given(arrays(bool, st.tuples(st.integers(1, 5), st.integers(1, 70))))
def test_any_mask_arrives_as_it_is(allowed: NDArray[np.bool_]) -> None:
    values = np.arange(allowed.size, dtype=np.float32).reshape(allowed.shape)
    assert_array_equal(unpacked_cells(sent(values, allowed, 0, 1)), np.where(allowed, values, np.inf))
