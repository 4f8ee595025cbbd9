"""The units of a feed-forward network: who is silent is counted, who writes most is ranked by what it writes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from figures.base.theme import theme
from figures.explore.unit_story import NEARLY, TOP, threshold, units, units_matrix
from tests.core.tiny import make_model, trace_of

COLOURS = theme("light")
ACT = np.array([[0.0, 2.0, 0.0, -1.0], [0.005, 0.0, 3.0, 0.0]])
W_2 = np.array([[3.0, 4.0], [1.0, 0.0], [0.0, 2.0], [0.0, 0.0]])  # rows of length 5, 1, 2, 0
HOVER = "u{unit} {act} {norm} {size}"


def test_silence_is_counted_up_to_a_size() -> None:
    assert_array_equal(units(ACT, W_2, 0.0).silent, [0.5, 0.5])
    assert_array_equal(units(ACT, W_2, NEARLY).silent, [0.5, 0.75])


def test_relu_is_silent_at_0_exactly_and_gelu_up_to_our_threshold() -> None:
    assert threshold("relu") == 0
    assert threshold("gelu") == threshold("gelu_tanh") == NEARLY > 0


def test_units_are_ranked_by_what_they_write() -> None:
    found = units(ACT, W_2, 0.0)
    assert found.ids.tolist() == [[1, 0, 2, 3], [2, 0, 1, 3]]
    assert_array_equal(found.sizes, [[2, 0, 0, 0], [6, 0.025, 0, 0]])
    assert_array_equal(found.acts[:, 0], [2, 3])
    assert_array_equal(found.norms[:, 0], [1, 2])
    assert found.strongest() == 1
    facts = {"mean": "50.0", "low": "50.0", "high": "50.0", "unit": "2", "act": "3.000", "norm": "2.000"}
    assert found.facts() == {**facts, "size": "6.000"}


def test_what_other_units_write_can_be_asked_for() -> None:
    found = units(ACT, W_2, 0.0, np.array([[3, 0], [1, 2]]))
    assert_array_equal(found.sizes, [[0, 0], [0, 6]])
    assert_array_equal(found.acts, [[-1, 0], [0, 3]])
    assert_array_equal(found.silent, [0.5, 0.5])


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_of_a_real_network_the_largest_are_found(activation: str) -> None:
    trace = trace_of(make_model(activation=activation))
    act, rows = trace["decoder.1.ffn.act"], trace.parameters["decoder.1.ffn.W_2"]
    found = units(act, rows, threshold(activation))
    written = np.linalg.norm(act[:, :, None] * rows[None], axis=2)  # what each unit writes, [L, F]
    assert found.ids.shape == (len(act), TOP)
    assert_allclose(found.sizes, -np.sort(-written, axis=1)[:, :TOP])
    assert_allclose(np.take_along_axis(written, found.ids, 1), found.sizes)
    assert_allclose(found.silent, (act == 0).mean(1) if activation == "relu" else (np.abs(act) <= NEARLY).mean(1))


def test_cells_and_bars_are_those_of_the_same_rows() -> None:
    found = units(ACT, W_2, 0.0)
    matrix = units_matrix(found, ["0 a", "1 b"], ("silent", "top"), HOVER, COLOURS)
    assert matrix.totals is not None
    assert_array_equal(matrix.totals.shares, [0.5, 0.5])
    assert matrix.totals.texts == ["50 %", "50 %"]
    assert_array_equal(matrix.values, found.sizes)
    assert (matrix.low, matrix.high) == (0, 6)
    assert matrix.texts == found.ids.astype(str).tolist()
    assert matrix.says is not None
    assert matrix.says[1][0] == "u2 3.000 2.000 6.000"
    assert (matrix.axes.rows, matrix.axes.column_title, matrix.totals.title) == (["0 a", "1 b"], "top", "silent")


def test_where_nobody_speaks_there_is_still_a_picture() -> None:
    found = units(np.zeros((2, 4)), W_2, 0.0)
    assert_array_equal(found.silent, [1, 1])
    assert units_matrix(found, ["0 a", "1 b"], ("", ""), HOVER, COLOURS).high == 1
