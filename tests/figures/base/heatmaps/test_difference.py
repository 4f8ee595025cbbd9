"""The difference of two runs: signed, zero in the middle, and no number where one of the two is infinite."""

from dataclasses import replace

import numpy as np

from figures.base.heatmaps.difference import difference_map, largest, largest_of, matrix_difference
from figures.base.heatmaps.matrix import Axes, Totals, amounts_matrix
from figures.base.theme import theme

AXES = Axes(["r0", "r1"], ["c0", "c1"], "rows", "columns", "x", "blocked")
COLOURS = theme("light")


def drawn(values, others, allowed=None):
    matrix = difference_map(np.array(values), np.array(others), allowed, AXES, COLOURS)
    return matrix, np.where(matrix.allowed, matrix.values, np.nan).tolist()


def test_it_is_the_first_minus_the_second_with_zero_in_the_middle():
    matrix, cells = drawn([[1.0, 2.0], [3.0, 4.0]], [[1.0, 1.5], [5.0, 4.0]])
    assert cells == [[0.0, 0.5], [-2.0, 0.0]]
    assert (matrix.low, matrix.high) == (-2.0, 2.0)
    assert matrix.allowed.all()


def test_where_one_is_infinite_there_is_no_difference():
    matrix, cells = drawn([[-np.inf, 2.0], [-np.inf, 4.0]], [[1.0, -np.inf], [-np.inf, 4.5]])
    np.testing.assert_array_equal(cells, [[np.nan, np.nan], [np.nan, -0.5]])
    assert matrix.high == 0.5
    assert largest(np.array([-np.inf, 3.0]), np.array([1.0, 2.0])) == 1.0
    assert largest(np.array([-np.inf]), np.array([-np.inf])) == 0.0


def test_what_neither_run_allows_is_blocked():
    allowed = np.array([[True, False], [True, True]])
    assert drawn([[0.5, 0.0], [0.5, 0.5]], [[0.5, 0.0], [1.0, 0.0]], allowed)[0].allowed.tolist() == allowed.tolist()


def test_a_mask_tells_what_was_opened_and_what_was_closed():
    matrix, cells = drawn([[True, True], [False, False]], [[True, False], [True, False]], np.ones((2, 2), bool))
    assert cells == [[0.0, 1.0], [-1.0, 0.0]]
    assert matrix.allowed.all()


def test_two_equal_runs_differ_nowhere():
    matrix, cells = drawn([[1.0, 2.0]] * 2, [[1.0, 2.0]] * 2)
    assert not np.any(cells)
    assert matrix.low < 0 < matrix.high


def test_a_picture_is_subtracted_cell_by_cell_and_keeps_its_empty_ones():
    edited, original = ([[1.0, np.nan], [2.0, 0.5]], [[0.5, np.nan], [5.0, 0.5]])
    one, other = (amounts_matrix(np.array(values), AXES, COLOURS) for values in (edited, original))
    matrix = matrix_difference(one, other, "x, one - other", "", COLOURS)
    np.testing.assert_array_equal(matrix.values, [[0.5, np.nan], [-3.0, 0.0]])
    assert matrix.allowed.all()
    assert (matrix.low, matrix.high, matrix.axes.value) == (-3, 3, "x, one - other")
    assert (matrix.axes.rows, matrix.totals, matrix.says) == (AXES.rows, None, None)
    assert largest_of(matrix.values) == 3


def test_bars_beside_a_picture_and_what_its_cells_say_tell_both_runs():
    one, other = (
        replace(
            amounts_matrix(np.ones((2, 2)), AXES, COLOURS),
            totals=Totals("sum", np.array(shares), [str(share) for share in shares]),
            texts=[[name] * 2] * 2,
            says=[[f"says {name}"] * 2] * 2,
        )
        for name, shares in (("a", [0.25, 1.0]), ("b", [0.5, 0.75]))
    )
    matrix = matrix_difference(one, other, "x", "now {edited}, then {original}", COLOURS)
    assert matrix.totals.texts == ["0.5 → 0.25", "0.75 → 1.0"]
    assert (matrix.totals.shares.tolist(), matrix.totals.before.tolist()) == ([0.25, 1.0], [0.5, 0.75])
    assert matrix.texts == one.texts
    assert matrix.says == [["now says a, then says b"] * 2] * 2
