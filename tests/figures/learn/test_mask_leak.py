"""Adding minus infinity hides the future; multiplying by 0 loses weight, and lets the future change the past."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from figures.base.heatmaps.matrix import Axes, weights_matrix
from figures.base.theme import theme
from figures.learn.mask_leak import leak, mask_both_ways, masked_matrix, other_word
from tests.core.tiny import TARGET_IDS, make_model, trace_of

COLOURS = theme("light")
CAUSAL = np.tril(np.ones((3, 3), dtype=bool))
SCORES = np.log(np.array([[1.0, 2.0, 1.0], [1.0, 1.0, 2.0], [1.0, 2.0, 5.0]]))


def test_both_ways_on_scores_that_can_be_done_by_hand() -> None:
    found = mask_both_ways(SCORES, CAUSAL)
    assert_allclose(found.added, [[1, 0, 0], [0.5, 0.5, 0], [1 / 8, 2 / 8, 5 / 8]])
    assert_allclose(found.multiplied, [[0.25, 0, 0], [0.25, 0.25, 0], [1 / 8, 2 / 8, 5 / 8]])
    assert_allclose(found.lost, [0.75, 0.5, 0])
    assert_allclose(found.peeked, [0, 0.5, 0.75])
    assert found.renormalised_difference() < 1e-13


def test_where_nothing_is_blocked_both_ways_are_the_same() -> None:
    found = mask_both_ways(SCORES, np.ones((3, 3), dtype=bool))
    assert_array_equal(found.added, found.multiplied)
    assert_array_equal(found.lost, [0, 0, 0])


def test_the_first_way_is_the_models_own() -> None:
    trace = trace_of(make_model())
    for i in range(2):
        path = f"decoder.{i}.self_attn"
        for head, scores in enumerate(trace[f"{path}.scores_scaled"]):
            found = mask_both_ways(scores, trace[f"{path}.mask"])
            assert_allclose(found.added, trace[f"{path}.weights"][head], rtol=0, atol=1e-12)
            assert_allclose(found.multiplied.sum(axis=1), 1 - found.lost, rtol=0, atol=1e-12)
            assert found.renormalised_difference() < 1e-12


def test_a_later_word_changes_the_past_only_when_multiplied() -> None:
    model, position = make_model(), 5
    other = [*TARGET_IDS[:position], (TARGET_IDS[position] + 3) % 13, *TARGET_IDS[position + 1 :]]
    first, second = trace_of(model), trace_of(model, target=other)
    for i in range(2):
        path = f"decoder.{i}.self_attn"
        for head in range(3):
            ways = [mask_both_ways(t[f"{path}.scores_scaled"][head], t[f"{path}.mask"]) for t in (first, second)]
            found = leak(*ways, position)
            assert found.added_most < 1e-12
            assert found.added[0] == pytest.approx(found.added[1], abs=1e-12)
            assert found.column <= found.row < position
            changes = np.abs(ways[1].multiplied - ways[0].multiplied)[:position]
            assert abs(found.multiplied[1] - found.multiplied[0]) == changes.max() > 1e-4
            assert found.multiplied[0] == ways[0].multiplied[found.row, found.column]


def test_another_word_is_the_most_probable_of_those_that_are_not_taken() -> None:
    logits = np.array([1.0, 9.0, 3.0, 7.0], dtype=np.float32)
    assert other_word(logits, (0, 1)) == 3
    assert other_word(logits, (3, 1)) == 2
    assert_array_equal(logits, np.array([1, 9, 3, 7], dtype=np.float32))


@pytest.mark.parametrize("n", [3, 40])
def test_the_bars_are_the_sums_of_the_rows(n: int) -> None:
    allowed = np.tril(np.ones((n, n), dtype=bool))
    found = mask_both_ways(np.zeros((n, n)), allowed)
    labels = [str(i) for i in range(n)]
    axes = Axes(labels, labels, "query", "key", "weight", "blocked")
    matrix = masked_matrix(found.multiplied, allowed, axes, "sum", COLOURS)
    assert matrix.totals is not None
    assert_allclose(matrix.totals.shares, found.multiplied.sum(axis=1))
    assert matrix.totals.texts[0] == f"{found.multiplied[0].sum():.2f}"
    assert_array_equal(matrix.allowed, allowed)
    assert_array_equal(matrix.values, found.multiplied)
    assert (matrix.low, matrix.high) == (0, 1)
    assert replace(matrix, totals=None).scale == weights_matrix(found.multiplied, allowed, axes, COLOURS).scale
