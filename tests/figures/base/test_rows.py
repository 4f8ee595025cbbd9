"""Charts with a row per position: the first row on top, panels side by side."""

from __future__ import annotations

from itertools import pairwise

import pytest

from figures.base.heatmaps.matrix import MAX_HEIGHT
from figures.base.labels import MAX_TICKS, visible_ticks
from figures.base.row_charts import at_longer_ends, panels, row_axis, row_layout


@pytest.mark.parametrize("n", [1, 5, 2 * MAX_TICKS])
def test_rows_have_labels_and_the_first_is_on_top(n: int) -> None:
    axis = row_axis([f"{i} w" for i in range(n)])
    assert axis["range"] == [n - 0.5, -0.5]
    assert axis["tickvals"] == visible_ticks(n)
    assert axis["ticktext"] == [f"{i} w" for i in visible_ticks(n)]


def test_a_chart_grows_with_its_rows_up_to_a_limit() -> None:
    heights = [row_layout(n)["height"] for n in (1, 5, 64)]
    assert heights == sorted(set(heights))
    assert heights[-1] == MAX_HEIGHT


def test_panels_fill_the_width_without_touching() -> None:
    found = panels(3)
    assert found[0][0] == 0
    assert found[-1][1] == pytest.approx(1)
    assert all(left[1] < right[0] for left, right in pairwise(found))


def test_both_numbers_stand_behind_the_longer_bar() -> None:
    assert at_longer_ends(["1", "4", "2"], ["3", "2", "2"], [1, 4, 2], [3, 2, 2]) == (
        ["", "2 → 4", "2 → 2"],
        ["3 → 1", "", ""],
    )
