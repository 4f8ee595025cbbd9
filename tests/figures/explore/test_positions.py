"""What positions add: curves of true values, similarities over a fixed range, distances as they are."""

from __future__ import annotations

import base64
import json
import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from figures.base.heatmaps.matrix import Axes, vectors_matrix
from figures.base.labels import MAX_TICKS
from figures.base.theme import theme
from figures.explore.positions import (
    MAX_HEIGHT,
    MAX_NUMBERED,
    cosine_cell,
    cosine_similarity,
    distances_bars,
    in_one_range,
    one_turn,
    position_curves,
    similarity_matrix,
)
from tests.core.tiny import MAX_LENGTH, SOURCE_IDS, TARGET_IDS, D, S, T, make_model, trace_of
from tests.spelled import spelled
from transformer_core.glass.walks import embedding_of
from transformer_core.glass.words import Words

COLOURS = theme("light")
AXES = Axes(("0 a", "1 b"), ("0 a", "1 b"), "Position", "Position", "cos")


def unpacked(text: str, *shape: int) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), dtype="<f4").reshape(shape)


class TestCurves:
    @pytest.mark.parametrize(
        ("stack", "embedding", "n", "side"),
        [("encoder", "src_embed", S, "source"), ("decoder", "tgt_embed", T, "target")],
    )
    @pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
    def test_points_are_what_was_added(self, stack: str, embedding: str, n: int, side: str, positions: str) -> None:
        words = {"source": Words(spelled("<s>", "b", "<i>", "d", "e")), "target": Words(spelled(*"abcdefg"))}
        trace = trace_of(make_model(positions=positions), words=words)
        curves = position_curves(trace, embedding_of(trace.plan, stack), 3)
        assert_allclose(unpacked(curves["values"], n, D), trace[f"{embedding}.pos"], rtol=1e-6, atol=1e-7)
        assert (curves["kind"], curves["side"], curves["dimension"]) == (positions, side, 3)
        assert (curves["d_model"], curves["length"], len(curves["tokens"])) == (D, MAX_LENGTH, n)
        if embedding == "src_embed":
            assert curves["tokens"][:3:2] == [{"text": "<s>", "special": True}, {"text": "<i>", "special": False}]
        assert json.loads(json.dumps(curves)) == curves

    def test_a_learned_table_comes_whole(self) -> None:
        trace = trace_of(make_model(positions="learned"))
        table = unpacked(position_curves(trace, embedding_of(trace.plan, "decoder"), None)["table"], MAX_LENGTH, D)
        assert_allclose(table, trace.parameters["tgt_embed.W_pos"], rtol=1e-6)
        assert_allclose(table[:T], trace["tgt_embed.pos"], rtol=1e-6)
        trace = trace_of(make_model())
        assert position_curves(trace, embedding_of(trace.plan, "decoder"), None)["table"] == ""

    def test_dimension_0_is_a_choice_like_any_other(self) -> None:
        trace = trace_of(make_model())
        assert position_curves(trace, embedding_of(trace.plan, "encoder"), 0)["dimension"] == 0

    @pytest.mark.parametrize("n", [1, 2, 7, 11, 64, 1000])
    def test_the_first_wave_is_about_as_long_as_the_sentence(self, n: int) -> None:
        d_model = 192
        d = one_turn(n, d_model)
        turns = [2 * math.pi * 10000 ** (even / d_model) for even in range(0, d_model, 2)]
        assert d % 2 == 0
        assert abs(math.log(turns[d // 2] / n)) == min(abs(math.log(turn / n)) for turn in turns)
        assert n < 7 or 0.9 < turns[d // 2] / n < 1.1

    def test_without_a_choice_it_is_that_wave(self) -> None:
        trace = trace_of(make_model())
        assert position_curves(trace, embedding_of(trace.plan, "encoder"), None)["dimension"] == one_turn(
            len(SOURCE_IDS), D
        )
        assert position_curves(trace, embedding_of(trace.plan, "decoder"), None)["dimension"] == one_turn(
            len(TARGET_IDS), D
        )


class TestSimilarity:
    def test_cosines_of_known_angles(self) -> None:
        rows = np.array([[1, 0], [2, 2], [0, -3], [-5, 0], [0, 0]], dtype=np.float32)
        root = math.sqrt(0.5)
        wanted = [
            [1, root, 0, -1, 0],
            [root, 1, -root, -root, 0],
            [0, -root, 1, 0, 0],
            [-1, -root, 0, 1, 0],
            [0, 0, 0, 0, 0],
        ]
        assert_allclose(cosine_similarity(rows), wanted, atol=1e-12)

    def test_sinusoidal_positions_depend_on_their_distance_alone(self) -> None:
        similarity = cosine_similarity(trace_of(make_model())["tgt_embed.pos"])
        angles = 10000.0 ** (-np.arange(0, D, 2) / D)
        for distance in range(T):
            diagonal = similarity.diagonal(distance)
            assert_allclose(diagonal, diagonal[0], atol=1e-12)
            assert diagonal[0] == pytest.approx(np.cos(distance * angles).mean())

    @pytest.mark.parametrize("rows", [np.random.default_rng(1).normal(size=(5, 8)), np.eye(5, 8), np.zeros((5, 8))])
    def test_the_terms_of_one_add_up_to_it(self, rows: np.ndarray) -> None:
        for i, j in ((0, 1), (2, 2), (4, 0)):
            cell = cosine_cell(rows, "src_embed.out", i, j)
            assert cell.value == cell.total == pytest.approx(cosine_similarity(rows)[i, j])
            assert cell.values.sum() == pytest.approx(cell.value)
            assert [factor.cell(3) for factor in cell.factors] == [(i, 3), (j, 3)]
            assert_array_equal([factor.values for factor in cell.factors], rows[[i, j]])

    def test_nothing_lies_outside_the_range(self) -> None:
        rows = np.random.default_rng(0).normal(size=(40, 192)).astype(np.float32)
        assert np.abs(cosine_similarity(np.repeat(rows, 2, axis=0))).max() <= 1

    def test_the_colours_run_from_minus_1_to_1_whatever_the_data(self) -> None:
        values = np.array([[1.0, 0.25], [0.25, 1.0]])
        before = values.copy()
        for data in (values, values / 100):
            heat = similarity_matrix(data, AXES, COLOURS)
            assert (heat.low, heat.high) == (-1, 1)
            assert heat.scale == COLOURS.diverging()
            assert_array_equal(heat.values, data)
            assert heat.digits == 2
        assert_array_equal(values, before)


class TestOutputs:
    def test_all_maps_have_one_range(self) -> None:
        vectors = {"original": np.array([[1.0, -2.0]]), "other": np.array([[0.5, 3.0]]), "difference": np.zeros((1, 2))}
        axes = Axes(("0 a",), (), "Position", "d", "out")
        figures = in_one_range({name: vectors_matrix(one, "out", axes, COLOURS) for name, one in vectors.items()})
        assert list(figures) == list(vectors)
        for name, figure in figures.items():
            assert (figure.low, figure.high) == (-3, 3)
            assert_array_equal(figure.values, vectors[name])

    def test_zeros_alone_have_a_range(self) -> None:
        figure = in_one_range({"difference": vectors_matrix(np.zeros((2, 2)), "out", AXES, COLOURS)})["difference"]
        assert (figure.low, figure.high) == (-1, 1)


class TestDistances:
    @staticmethod
    def bars(n: int) -> Any:
        distances = {"with": np.linspace(1, 9, n), "without": np.full(n, 1.2e-6)}
        return distances_bars(distances, [f"{i} a" for i in range(n)], "Position", "distance", COLOURS)

    def test_bars_are_the_distances_and_have_their_numbers(self) -> None:
        figure = self.bars(3)
        moved, still = figure.data
        assert (moved.name, still.name) == ("with", "without")
        assert_allclose(moved.x, [1, 5, 9], rtol=1e-6)
        assert_allclose(still.x, 1.2e-6, rtol=1e-6)
        assert moved.text == ("1.00", "5.00", "9.00")
        assert still.text == ("1.2e−06",) * 3
        assert moved.textposition == "outside"
        assert moved.marker.color != still.marker.color
        assert [list(one) for one in moved.customdata] == [["0 a", "1.00"], ["1 a", "5.00"], ["2 a", "9.00"]]
        assert figure.layout.yaxis.range == (2.5, -0.5)  # the first word on top

    def test_another_run_lies_on_it_as_outlines(self) -> None:
        now, then = {"with": np.array([1.0, 5.0]), "without": np.zeros(2)}, {"then with": np.array([2.0, 4.0])}
        then["then without"] = np.zeros(2)
        moved, _, before, _ = distances_bars(now, ["0 a", "1 b"], "", "", COLOURS, then).data
        assert_allclose(before.x, [2, 4], rtol=1e-6)
        assert (moved.offsetgroup, before.offsetgroup) == ("0", "0")
        assert (moved.text, before.text) == (("", "4.00 → 5.00"), ("2.00 → 1.00", ""))
        assert before.name == "then with"

    def test_many_words_have_room(self) -> None:
        figure = self.bars(64)
        assert figure.data[0].textposition == "none"
        assert figure.layout.height == MAX_HEIGHT
        assert len(figure.layout.yaxis.tickvals) <= MAX_TICKS
        assert self.bars(MAX_NUMBERED).data[0].textposition == "outside"
