"""The difference of two runs: signed, zero in the middle, and no number where one of the two is infinite."""

import numpy as np

from figures.difference import difference_map, largest
from figures.matrix import Axes
from figures.theme import theme

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
