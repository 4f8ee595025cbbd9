"""Heatmaps: what is drawn is what was given, blocked cells have their own layer, ranges never depend on them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from numpy.testing import assert_array_equal

from figures.base.heatmaps import matrix
from figures.base.heatmaps.heatmap import heatmap, runs
from figures.base.heatmaps.matrix import MAX_HEIGHT, MAX_NUMBERS, Axes
from figures.base.heatmaps.matrix_figure import matrix_figure
from figures.base.labels import MAX_TICKS, visible_ticks
from figures.base.theme import theme
from tests.figures.base.heatmaps.unpacked_cells import unpacked_cells

COLOURS = theme("light")
AXES = Axes(
    rows=("0 a", "1 b"),
    columns=("0 x", "1 y", "2 &lt;s&gt;"),
    row_title="Query",
    column_title="Key",
    value="weight",
    blocked="blocked",
)
SCORES = np.array([[1.0, -3.0, 0.5], [2.0, 0.0, 100.0]], dtype=np.float32)
CAUSAL = np.array([[True, False, False], [True, True, False]])
OPEN = np.ones((2, 3), dtype=bool)
WEIGHTS = np.array([[1.0, 0.0, 0.0], [0.25, 0.75, 0.0]], dtype=np.float32)


def weights_matrix(*arguments: Any) -> go.Figure:
    return matrix_figure(matrix.weights_matrix(*arguments))


def scores_matrix(*arguments: Any) -> go.Figure:
    return matrix_figure(matrix.scores_matrix(*arguments))


def vectors_matrix(*arguments: Any) -> go.Figure:
    return matrix_figure(matrix.vectors_matrix(*arguments))


def axes_for(n_rows: int, n_columns: int) -> Axes:
    rows, columns = [f"{i} r" for i in range(n_rows)], [f"{j} c" for j in range(n_columns)]
    return Axes(rows, columns, "Query", "Key", "weight", "blocked")


def layers(figure: go.Figure) -> tuple[Any, Any]:
    values, *blocked = figure.data
    return values, blocked[0] if blocked else None


def test_weights_are_drawn_as_they_are_from_0_to_1() -> None:
    values, blocked = layers(weights_matrix(WEIGHTS, OPEN, AXES, COLOURS))
    assert blocked is None
    assert_array_equal(values.z, WEIGHTS)
    assert (values.zmin, values.zmax) == (0, 1)
    assert [colour for _, colour in values.colorscale] == list(COLOURS.weights)
    tiny, _ = layers(weights_matrix(WEIGHTS / 1000, OPEN, AXES, COLOURS))
    assert (tiny.zmin, tiny.zmax) == (0, 1)


def test_blocked_cells_are_a_layer_of_their_own() -> None:
    values, blocked = layers(weights_matrix(WEIGHTS, CAUSAL, AXES, COLOURS))
    assert_array_equal(np.isnan(values.z), ~CAUSAL)
    assert_array_equal(values.z[CAUSAL], WEIGHTS[CAUSAL])
    assert_array_equal(np.isnan(blocked.z), CAUSAL)
    assert {colour for _, colour in blocked.colorscale} == {COLOURS.blocked}
    assert [[bool(text) for text in row] for row in blocked.text] == (~CAUSAL).tolist()
    assert blocked.hovertemplate == "%{customdata[0]}<br>%{customdata[1]}<br>blocked<extra></extra>"
    assert blocked.showscale is False
    assert values.hoverongaps is False  # else a blocked cell would show two labels, one of them "NaN"
    assert blocked.hoverongaps is False


def test_a_weight_of_zero_is_not_a_blocked_cell() -> None:
    values, blocked = layers(weights_matrix(WEIGHTS, OPEN, AXES, COLOURS))
    assert blocked is None
    assert not np.isnan(values.z).any()


def test_zero_is_in_the_middle_of_the_scores() -> None:
    values, blocked = layers(scores_matrix(SCORES, None, AXES, COLOURS))
    assert blocked is None
    assert (values.zmin, values.zmax) == (-100, 100)
    assert_array_equal(values.z, SCORES)
    assert values.colorscale == tuple(COLOURS.diverging())


@pytest.mark.parametrize("hidden", [-np.inf, 1e9])
def test_what_is_blocked_is_no_part_of_the_range(hidden: float) -> None:
    masked = np.where(CAUSAL, SCORES, hidden)
    values, _ = layers(scores_matrix(masked, CAUSAL, AXES, COLOURS))
    assert (values.zmin, values.zmax) == (-2, 2)


@pytest.mark.parametrize("scores", [np.zeros((2, 3)), np.full((2, 3), -np.inf)])
def test_without_a_value_the_range_is_1(scores: np.ndarray) -> None:
    values, _ = layers(scores_matrix(scores, None, AXES, COLOURS))
    assert (values.zmin, values.zmax) == (-1, 1)


@pytest.mark.parametrize("draw", [weights_matrix, scores_matrix])
def test_a_figure_of_blocked_cells_only_is_still_a_figure(draw: Any) -> None:
    values, blocked = layers(draw(np.full((2, 3), -np.inf), ~OPEN, AXES, COLOURS))
    assert np.isnan(values.z).all()
    assert_array_equal(blocked.z, np.ones((2, 3)))
    assert np.isfinite([values.zmin, values.zmax]).all()


def test_a_row_of_blocked_cells_leaves_the_others_alone() -> None:
    allowed = np.array([[False] * 3, [True] * 3])
    values, blocked = layers(scores_matrix(np.where(allowed, SCORES, -np.inf), allowed, AXES, COLOURS))
    assert_array_equal(values.z[1], SCORES[1])
    assert_array_equal(blocked.z[0], np.ones(3))
    assert (values.zmin, values.zmax) == (-100, 100)


@pytest.mark.parametrize("name", ["q", "k", "v", "z"])
def test_vectors_have_the_colour_of_their_name(name: str) -> None:
    figure = vectors_matrix(SCORES, name, Axes(("0 a", "1 b"), (), "Position", "Dimension", name), COLOURS)
    values, blocked = layers(figure)
    assert blocked is None
    assert (values.zmin, values.zmax) == (-100, 100)
    assert values.colorscale == tuple(COLOURS.diverging(name))
    assert tuple(values.customdata[1][2]) == ("Position: 1 b", "Dimension: 2")
    assert figure.layout.xaxis.ticktext is None  # dimensions are numbers, Plotly's own ticks say them


def test_a_cell_says_its_row_its_column_and_its_value() -> None:
    figure = weights_matrix(WEIGHTS, CAUSAL, AXES, COLOURS)
    for layer in figure.data:
        assert np.shape(layer.customdata) == (2, 3, 2)
        assert tuple(layer.customdata[1][2]) == ("Query: 1 b", "Key: 2 &lt;s&gt;")
    assert figure.data[0].hovertemplate == "%{customdata[0]}<br>%{customdata[1]}<br>weight = %{z:.4f}<extra></extra>"


def test_axes_are_positions_with_labels_and_the_first_row_is_on_top() -> None:
    layout = weights_matrix(WEIGHTS, OPEN, AXES, COLOURS).layout
    assert (layout.yaxis.tickvals, layout.yaxis.ticktext) == ((0, 1), AXES.rows)
    assert (layout.xaxis.tickvals, layout.xaxis.ticktext) == ((0, 1, 2), AXES.columns)
    assert (layout.yaxis.range, layout.xaxis.range) == ((1.5, -0.5), (-0.5, 2.5))
    assert (layout.yaxis.title.text, layout.xaxis.title.text) == ("Query", "Key")


@pytest.mark.parametrize("allowed", [OPEN, CAUSAL])
def test_the_data_is_left_as_it_was(allowed: np.ndarray) -> None:
    scores, weights, mask = SCORES.copy(), WEIGHTS.copy(), allowed.copy()
    for array in (scores, weights, mask):
        array.flags.writeable = False
    weights_matrix(weights, mask, AXES, COLOURS)
    scores_matrix(scores, mask, AXES, COLOURS)
    vectors_matrix(scores, "q", AXES, COLOURS)
    assert_array_equal(scores, SCORES)
    assert_array_equal(weights, WEIGHTS)
    assert_array_equal(mask, allowed)


@pytest.mark.parametrize(("n_rows", "n_columns"), [(2, MAX_NUMBERS), (MAX_NUMBERS, 2)])
def test_a_small_map_prints_its_numbers_instead_of_a_colour_bar(n_rows: int, n_columns: int) -> None:
    ones = np.ones((n_rows, n_columns))
    values, _ = layers(weights_matrix(ones, ones > 0, axes_for(n_rows, n_columns), COLOURS))
    assert values.texttemplate == "%{z:.2f}"
    assert values.showscale is False


@pytest.mark.parametrize(("n_rows", "n_columns"), [(2, MAX_NUMBERS + 1), (MAX_NUMBERS + 1, 2)])
def test_a_larger_one_has_the_colour_bar_and_no_numbers(n_rows: int, n_columns: int) -> None:
    ones = np.ones((n_rows, n_columns))
    values, _ = layers(weights_matrix(ones, ones > 0, axes_for(n_rows, n_columns), COLOURS))
    assert values.texttemplate is None
    assert values.showscale is not False


def test_a_figure_grows_with_its_rows_up_to_a_limit() -> None:
    heights = [
        weights_matrix(np.ones((n, 2)), np.ones((n, 2), dtype=bool), axes_for(n, 2), COLOURS).layout.height
        for n in (1, 5, 10, 64)
    ]
    assert heights == sorted(set(heights))
    assert heights[0] > 100
    assert heights[-1] == MAX_HEIGHT


def test_long_sentences_show_fewer_ticks_at_the_right_places() -> None:
    n = 2 * MAX_TICKS + 1
    ones = np.ones((n, n))
    layout = weights_matrix(ones, ones > 0, axes_for(n, n), COLOURS).layout
    ticks = visible_ticks(n)
    assert list(layout.yaxis.tickvals) == list(layout.xaxis.tickvals) == ticks
    assert list(layout.yaxis.ticktext) == [f"{i} r" for i in ticks]
    assert list(layout.xaxis.ticktext) == [f"{i} c" for i in ticks]


@pytest.mark.parametrize("outlier", [3.9, 40.0])
def test_a_few_large_numbers_do_not_hide_all_others(outlier: float) -> None:
    values = np.ones((20, 20), np.float32)
    values[0, 0], values[1, 1] = outlier, -outlier / 2
    axes = matrix.Axes(["r"] * 20, ["c"] * 20, "", "", "y")
    made = matrix.vectors_matrix(values, "out", axes, COLOURS)
    assert (made.cut, made.high, made.low) == (
        outlier > 4,
        *(pytest.approx(s * outlier / (4 if made.cut else 1)) for s in (1, -1)),
    )
    sent, bar = heatmap(made), matrix_figure(made).data[0].colorbar
    assert_array_equal(unpacked_cells(sent), values)  # what is cut is the scale, not the number
    assert sent["cut"] is made.cut
    assert (bar.ticktext or ("", ""))[-1] == ("≥ 10.000" if made.cut else "")
    assert not matrix.vectors_matrix(
        values[:9, :9], "out", replace(axes, rows=["r"] * 9, columns=["c"] * 9), COLOURS
    ).cut


def test_values_travel_as_float32() -> None:
    for layer in weights_matrix(WEIGHTS.astype(np.float64), CAUSAL, AXES, COLOURS).data:
        assert layer.z.dtype == np.float32


def test_our_own_component_gets_the_same_numbers() -> None:
    sent = heatmap(matrix.weights_matrix(WEIGHTS, CAUSAL, AXES, COLOURS))
    cells = unpacked_cells(sent)
    assert_array_equal(np.isinf(cells), ~CAUSAL)
    assert_array_equal(cells[CAUSAL], WEIGHTS[CAUSAL])
    assert (sent["rows"], sent["columns"], sent["low"], sent["high"]) == (2, 3, 0, 1)
    assert [colour for _, colour in sent["scale"]] == list(COLOURS.weights)
    assert (sent["digits"], sent["bar"], sent["crosses"], sent["blocked"]) == (2, False, True, "blocked")
    assert sent["row_labels"] == [[["0 a", ""]], [["1 b", ""]]]
    assert sent["column_labels"][2] == [["2 <s>", ""]]  # a text node: nothing in it is HTML
    assert json.dumps(sent)


def test_a_label_keeps_its_looks() -> None:
    assert runs('1 &lt;i&gt; → <b><i style="color:#123456">&lt;/s&gt;</i></b>!') == [
        ["1 <i> → ", ""],
        ["</s>", "bi"],
        ["!", ""],
    ]


def test_a_long_label_of_words_stands_in_several_lines() -> None:
    axes = Axes(("a",), ("Weight on aligned words", "0 <i>a very long special</i>", "1 x"), "", "", "value")
    figure = matrix_figure(matrix.amounts_matrix(np.ones((1, 3)), axes, COLOURS))
    assert list(figure.layout.xaxis.ticktext) == ["Weight on<br>aligned words", axes.columns[1], "1 x"]
