"""A product as one picture: what stands around it adds up to its cells, and too much of it is not drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from figures.base.heatmaps.matrix import Axes, vectors_matrix, weights_matrix
from figures.base.theme import theme
from figures.base.wire import coarse
from figures.explore.product import MOST, Divided, product
from tests.figures.uncoarse import uncoarse

COLOURS, AXES = theme("light"), Axes((), (), "", "", "x")


def cells(side: dict[str, Any], columns: int) -> Any:
    return uncoarse(side["cells"]).reshape(-1, columns)


def test_rows_times_columns_are_the_result() -> None:
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(3, 5)), rng.normal(size=(4, 5))
    found = product(
        vectors_matrix(q, "q", AXES, COLOURS), vectors_matrix(k, "k", AXES, COLOURS), ("q", "k"), (), turned=True
    )
    assert found is not None
    assert_allclose(cells(found["left"], 5) @ cells(found["top"], 4), q @ k.T, atol=0.1)
    assert_allclose(cells(found["left"], 5), q, atol=np.abs(q).max() / 254)
    assert [found["left"]["symbol"], found["top"]["symbol"], found["n"]] == ["q", "k", 5]
    assert [found["left"]["scale"][-1][1], found["top"]["scale"][-1][1]] == [COLOURS.q, COLOURS.k]
    assert found["divided"] is None


def test_weights_times_values_need_no_turn_and_a_blocked_weight_is_marked() -> None:
    rng = np.random.default_rng(1)
    weights, v = np.array([[1.0, 0.0], [0.25, 0.75]]), rng.normal(size=(2, 6))
    left = weights_matrix(weights, np.tril(np.ones((2, 2), bool)), AXES, COLOURS)
    divided = Divided("2.449", 6**0.5)
    found = product(left, vectors_matrix(v, "v", AXES, COLOURS), ("w", "v"), ("0 cat", "1 sat"), divided, turned=False)
    assert found is not None
    shown = cells(found["left"], 2)
    assert np.isinf(shown[0, 1])
    assert_allclose(np.where(np.isinf(shown), 0, shown) @ cells(found["top"], 6), weights @ v, atol=0.02)
    assert found["terms"] == ["0 cat", "1 sat"]
    assert found["divided"] == {"text": "2.449", "by": 6**0.5}


@pytest.mark.parametrize("shape", [(MOST + 1, 4), (4, MOST + 1)])
def test_what_would_be_too_thin_is_not_drawn(shape: tuple[int, int]) -> None:
    long = vectors_matrix(np.ones(shape), "q", AXES, COLOURS)
    assert product(long, long, ("q", "k"), (), turned=True) is None
    some = vectors_matrix(np.ones((MOST, 4)), "q", AXES, COLOURS)
    assert product(some, some, ("q", "k"), (), turned=True) is not None


@pytest.mark.parametrize("reach", [1e-6, 1.0, 5.4, 1e5])
def test_coarse_numbers_are_as_exact_as_their_colours(reach: float) -> None:
    numbers = np.random.default_rng(2).uniform(-reach, reach, 500).astype(np.float32)
    numbers[:2] = 0, np.inf
    found = uncoarse(coarse(numbers))
    assert found[0] == 0
    assert np.isinf(found[1])
    assert_allclose(found[2:], numbers[2:].astype(float), rtol=0, atol=reach / 253)
    assert uncoarse(coarse(np.zeros((2, 2)))).tolist() == [0, 0, 0, 0]
