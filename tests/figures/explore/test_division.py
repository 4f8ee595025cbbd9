"""The division of scores by the root of their width, row by row."""

from __future__ import annotations

import numpy as np
import pytest

from figures.explore.division import division, most_telling

RAW = np.array([8.0, 0.0, 4.0])
ALL = np.array([True, True, True])


def test_the_weights_are_the_softmax_of_the_divided_scores() -> None:
    found = division(RAW, RAW / 2, ALL)
    assert found.keys == (0, 2, 1)
    powers = np.exp(np.array([4.0, 2.0, 0.0]))
    np.testing.assert_allclose(found.weights, powers / powers.sum())
    assert found.without[0] > found.weights[0]


def test_a_blocked_key_is_left_out() -> None:
    found = division(RAW, RAW / 2, np.array([False, True, True]))
    assert found.keys == (2, 1)
    assert sum(found.weights) == pytest.approx(1)


def test_equal_scores_are_as_open_as_there_are_keys() -> None:
    assert division(np.zeros(3), np.zeros(3), ALL).as_open_as == pytest.approx((3, 3))


def test_the_row_that_tells_most_is_the_one_that_opens_most() -> None:
    raw = np.array([[90.0, 0.0, 0.0], [3.0, 2.0, 1.0], [6.0, 5.0, 4.0]])
    rows = [division(row, row / 4, ALL).as_open_as for row in raw]
    gained = [after - before for before, after in rows]
    assert most_telling(raw, raw / 4, np.ones((3, 3), bool)) == int(np.argmax(gained)) != 0
