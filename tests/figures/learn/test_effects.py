"""Maps of what is lost or brought back: their colours, what stands in the cells, and what these tell."""

from __future__ import annotations

import numpy as np

from figures.base.heatmaps.matrix import Axes
from figures.base.theme import theme
from figures.learn.effects import MAX_COLUMNS, effect_map, share_map, spread_map

VALUES = np.array([[0.5, -0.0004], [-1.25, 0.0]])
SAYS = [["a", "b"], ["c", "d"]]
AXES = Axes(["x", "y"], ["0", "1"], "", "", "value")


def test_effects_have_zero_in_the_middle_and_their_marks_in_text() -> None:
    found = effect_map(VALUES, AXES, theme("light"), says=SAYS, marks=[["≠", ""], ["", "≠3"]])
    assert (found.low, found.high) == (-1.25, 1.25)
    assert found.texts == [["0.500 ≠", "0.000"], ["−1.250", "0.000 ≠3"]]
    assert found.says == SAYS
    np.testing.assert_array_equal(found.values, VALUES)


def test_shares_have_one_scale_whatever_the_data() -> None:
    found = share_map(VALUES, AXES, theme("dark"), says=SAYS)
    assert (found.low, found.high) == (-1, 1)
    assert found.texts == [["0.50", "0.00"], ["−1.25", "0.00"]]


def test_what_is_not_there_yet_is_blocked_and_has_no_number() -> None:
    found = share_map(np.array([[0.5, np.nan]]), AXES, theme("light"), says=[["a", ""]])
    assert found.texts == [["0.50", ""]]
    np.testing.assert_array_equal(found.allowed, [[True, False]])
    assert (found.low, found.high) == (-1, 1)


def test_a_spread_begins_at_zero() -> None:
    found = spread_map(np.abs(VALUES), AXES, theme("light"), says=SAYS)
    assert (found.low, found.high) == (0, 1.25)


def test_many_columns_have_a_colour_bar_instead_of_numbers() -> None:
    wide = np.zeros((2, MAX_COLUMNS + 1))
    found = effect_map(wide, AXES, theme("light"), says=[[""] * wide.shape[1]] * 2)
    assert found.texts is None
    assert found.digits is None
    assert not found.bare
