"""Two heads side by side: their difference, their common scale, and where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from figures.base.wire import flagged
from figures.explore.head_compare import Side, compared
from tests.figures.base.heatmaps.unpacked_cells import unpacked_cells
from tests.spelled import spelled


def side(values: NDArray[Any], *words: str, written: tuple[str, ...] = ()) -> Side:
    rows = flagged(spelled(*words))
    if written:
        rows = [{**row, "writes": one} for row, one in zip(rows, flagged(spelled(*written)), strict=True)]
    mask = np.tril(np.ones(values.shape, bool)) if written else np.ones(values.shape, bool)
    return Side(values.astype(np.float32), mask, rows, flagged(spelled(*words)), ["target", "target"])


def cells(found: dict[str, Any]) -> NDArray[np.float64]:
    return unpacked_cells({**found["cells"], "rows": len(found["rows"]), "columns": len(found["columns"])})


def test_the_difference_is_second_minus_first_on_a_scale_of_its_own() -> None:
    first, second = np.array([[0.75, 0.25], [0.5, 0.5]]), np.array([[0.5, 0.5], [0.0, 1.0]])
    found = compared(side(first, "a", "b"), side(second, "a", "b"), None)
    assert_array_equal(cells(found["difference"]), second - first)
    assert found["difference"]["reach"] == 0.5
    assert [cells(one).tolist() for one in found["maps"]] == [first.tolist(), second.tolist()]
    assert found["reach"] == 1.0
    assert found["apart"] == []
    assert compared(side(first, "a", "b"), side(first, "a", "b"), 2.0)["reach"] == 2.0


def test_a_head_beside_itself_differs_nowhere() -> None:
    same = side(np.eye(3), "a", "b", "</s>")
    found = compared(same, same, None)["difference"]
    assert not cells(found).any()
    assert found["reach"] == 1.0  # nothing is divided by zero
    assert [word["special"] for word in found["rows"]] == [False, False, True]


def test_words_that_differ_stand_both_at_their_place() -> None:
    one = side(np.eye(2), "<s>", "cat", written=("cat", "</s>"))
    other = side(np.eye(2), "<s>", "dog", written=("dog", "</s>"))
    found = compared(one, other, None)
    assert [row["text"] for row in found["difference"]["rows"]] == ["<s>", "cat | dog"]
    assert found["difference"]["rows"][0]["writes"]["text"] == "cat | dog"
    assert found["apart"] == ["cat | dog"]
    assert_array_equal(np.isinf(cells(found["difference"])), [[False, True], [False, False]])


def test_without_the_same_cells_there_is_no_difference() -> None:
    found = compared(side(np.eye(2), "a", "b"), side(np.eye(3), "a", "b", "c"), None)
    assert found["difference"] is None
    assert [len(one["rows"]) for one in found["maps"]] == [2, 3]
