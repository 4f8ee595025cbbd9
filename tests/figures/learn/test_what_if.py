"""What edits do: probabilities before and after, and the size of the difference along the road."""

import numpy as np
import pytest

from figures.base.heatmaps.matrix import Axes
from figures.base.theme import theme
from figures.learn.what_if import effect, probabilities_figure, road_keys, spread, spread_matrix
from tests.core.tiny import SOURCE_IDS, TARGET_IDS, make_model
from transformer_core.edits.parse import parse_edits
from transformer_core.edits.run import run_with_edits
from transformer_core.glass.formula.operations import softmax

MODEL = make_model()
WRITTEN = [*TARGET_IDS[1:], 2]


def run(text):
    return run_with_edits(MODEL, SOURCE_IDS, TARGET_IDS, parse_edits(text, MODEL.plan), written_ids=WRITTEN)


PLAIN = run("")


def test_each_written_word_has_its_probability_in_both_runs():
    edited = run("zero:decoder.out:2")
    found = effect(PLAIN, edited)
    rows = np.arange(len(WRITTEN))
    np.testing.assert_allclose(found.before, softmax(PLAIN["head.logits"])[rows, WRITTEN], atol=1e-12)
    np.testing.assert_allclose(found.after, softmax(edited["head.logits"])[rows, WRITTEN], atol=1e-12)
    assert found.loss_after == pytest.approx(-np.log(found.after).mean())
    best = PLAIN["head.logits"].argmax(-1) != edited["head.logits"].argmax(-1)
    assert np.flatnonzero(best) == [2]
    assert found.turned == (2,)


def test_two_equal_runs_turn_no_word():
    found = effect(PLAIN, PLAIN)
    assert found.turned == ()
    assert found.loss_before == found.loss_after


def test_the_bars_are_the_probabilities():
    found = effect(PLAIN, run("zero:head.logits:2"))
    figure = probabilities_figure(found, [f"w{t}" for t in range(7)], ("original", "edited"), theme("light"))
    assert [bar.name for bar in figure.data] == ["original", "edited"]
    np.testing.assert_array_equal(figure.data[1].x, found.after)
    assert figure.data[1].x[2] == pytest.approx(1 / 13)  # all logits alike


def test_the_road_is_in_the_order_of_computation():
    assert road_keys(PLAIN, "encoder") == (
        "src_embed.out",
        *(f"encoder.{i}.{name}" for i in range(2) for name in ("add1", "add2", "out")),
        "encoder.out",
    )
    decoder = road_keys(PLAIN, "decoder")
    assert decoder[:2] == ("tgt_embed.out", "decoder.0.add1")
    assert decoder[-2:] == ("decoder.out", "head.logits")
    assert not any("norm" in key or "attn" in key or "ffn" in key for key in decoder)


def test_the_difference_is_measured_beside_the_original():
    keys = ("src_embed.out", "encoder.0.add2", "encoder.out")
    found = spread(PLAIN, run("zero:encoder.0.add2:3"), keys)
    np.testing.assert_array_equal(found[0], np.zeros(5))
    np.testing.assert_allclose(found[1], [0, 0, 0, 1, 0], atol=1e-12)  # all of it is gone
    assert (found[2] > 0).all()  # later layers carry it to every word


def test_where_the_original_is_zero_a_difference_counts_as_a_whole():
    zero = run("zero:encoder.0.add2:3")
    np.testing.assert_array_equal(spread(zero, PLAIN, ["encoder.0.add2"]), [[0, 0, 0, 1, 0]])


def test_two_maps_can_have_one_scale():
    axes = Axes(["a"], ["x", "y"], "", "", "size")
    matrix = spread_matrix(np.array([[0.0, 0.5]]), 2.0, axes, theme("dark"))
    assert (matrix.low, matrix.high) == (0.0, 2.0)
    assert spread_matrix(np.zeros((1, 2)), 0.0, axes, theme("dark")).high == 1.0
