"""What the heads write adds up to the block's output, and the picture shows that sum."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from figures.base.heatmaps.matrix import Axes
from figures.base.theme import theme
from figures.explore.head_writes import head_writes, sizes_matrix, writes_matrix
from tests.core.tiny import make_model, trace_of

COLOURS = theme("light")
HEADS = np.array([[[1.0, 2.0], [0.0, 0.0]], [[3.0, -2.0], [3.0, 4.0]]])  # [H, Q, D]
BIAS = np.array([0.5, -0.5])
OUT = np.array([[4.5, -0.5], [3.5, 3.25]])  # the last number is 0.25 off


def test_the_heads_and_the_bias_are_the_parts() -> None:
    found = head_writes(HEADS, BIAS, OUT)
    assert_array_equal(found.parts[:, 0], [[1, 2], [3, -2], [0.5, -0.5]])
    assert found.difference == 0.25
    assert_array_equal(found.sizes, [[np.sqrt(5), 0], [np.sqrt(13), 5]])
    assert len(head_writes(HEADS, None, OUT).parts) == 2


@pytest.mark.parametrize("bias", [True, False])
def test_of_a_real_block_nothing_is_missing(bias: bool) -> None:
    trace = trace_of(make_model(attention_bias=bias))
    for path in ("encoder.1.self_attn", "decoder.0.self_attn", "decoder.1.cross_attn"):
        b_O = trace.parameters[f"{path}.b_O"] if bias else None
        found = head_writes(trace[f"{path}.head_out"], b_O, trace[f"{path}.out"])
        assert found.difference < 1e-12
        assert_allclose(found.parts.sum(axis=0), trace[f"{path}.out"], rtol=0, atol=1e-12)


def test_the_sum_stands_below_its_parts() -> None:
    found = head_writes(HEADS, BIAS, OUT)
    axes = Axes(["h0", "h1", "b_O", "", "= out"], (), "who", "d", "entry")
    heat = writes_matrix(found, 1, axes, COLOURS)
    assert_array_equal(heat.values, np.array([[0, 0], [3, 4], [0.5, -0.5], [np.nan] * 2, [3.5, 3.25]]))
    assert (heat.low, heat.high) == (-4, 4)


def test_the_sizes_are_those_of_every_head_and_query() -> None:
    found = head_writes(HEADS, BIAS, OUT)
    matrix = sizes_matrix(found, Axes(["h0", "h1"], ["0 a", "1 b"], "who", "query", "length"), COLOURS)
    assert_array_equal(matrix.values, found.sizes)
    assert (matrix.axes.rows, matrix.axes.columns) == (["h0", "h1"], ["0 a", "1 b"])
