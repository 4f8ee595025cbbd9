"""The embedding page beside its maps: waves of positions, how alike they are, and the switch "without positions"."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from streamlit.testing.v1 import AppTest

from figures.base.labels import number
from figures.explore.positions import cosine_similarity, one_turn, position_curves
from tests.core.tiny import make_model, trace_of
from tests.translators import TRANSLATORS
from tests.ui.drawn import TOLD, maps
from tests.ui.opened import MODELS_IN_TURN, ONE_LANGUAGE, charts, components, open_page, sound, type_source, warnings
from transformer_core.studies.order import OrderComparison, compare_orders, words_reversed
from ui.frame.text import dotted, section, t
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL, Asked, get_model, get_trace

EMBEDDING = "explore/embedding.py"
MODELS = TRANSLATORS
CHINESE = "猫和猫看书"
LONGEST = "我昨天看书，" * 10 + "猫和狗"


def opened(stage: str, **query: object) -> AppTest:
    at = open_page(EMBEDDING, **{"lang": "en", "source": CHINESE, "stage": stage, **query})
    doubted = t("bar.doubtful", str(query.get("lang", "en")))  # two cats that read are much for a small model
    assert [text for text in warnings(at) if not text.startswith(doubted)] == []
    return at


def said(at: AppTest) -> str:
    return "\n".join(text.value for text in at.markdown)


def array(values: Any) -> np.ndarray:
    """The numbers of a trace of a chart, however Plotly packed them."""
    if not isinstance(values, dict):
        return np.array(values, dtype=float)
    flat = np.frombuffer(base64.b64decode(values["bdata"]), dtype=np.dtype(values["dtype"]))
    return flat.reshape([int(n) for n in str(values.get("shape", len(flat))).split(",")])


def compared(source: str, model: str = DEFAULT_MODEL) -> OrderComparison:
    glass = get_model(model)
    return compare_orders(glass, source, words_reversed(len(glass.source_ids(source))))


class TestCurve:
    @pytest.mark.slow
    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize(
        ("stack", "embedding", "lang"), [("encoder", "src_embed", "en"), ("decoder", "tgt_embed", "zh")]
    )
    def test_it_shows_what_was_added(self, stack: str, embedding: str, lang: str, model: str) -> None:
        source = examples(model)[0]
        found = components(opened("pos", lang=lang, model=model, source=source, stack=stack))["curve"]
        trace = get_trace(Asked(model, source, ""))
        wanted = position_curves(trace, trace.site(f"{embedding}.pos").block, None)
        assert wanted.items() <= found.items()
        assert (found["words"], found["mode"]) == (section("curve_words", lang), "light")
        assert found["chart"] == "st-key-map0"

    def test_the_dimension_is_that_of_the_chosen_cell(self) -> None:
        assert components(opened("pos", cell="2,17"))["curve"]["dimension"] == 17
        assert components(opened("pos", cell="1,0"))["curve"]["dimension"] == 0

    @pytest.mark.slow
    def test_without_a_cell_it_is_a_wave_as_long_as_the_sentence(self) -> None:
        at = opened("pos", stack="encoder")
        wanted = one_turn(len(CHINESE) + 1, 192)
        assert components(at)["curve"]["dimension"] == wanted
        assert components(sound(at.run()))["curve"]["dimension"] == wanted  # the panel has taken the strongest cell

    @pytest.mark.slow
    def test_learned_positions_have_no_formula(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """No bundled model has them: the page's own functions are run on a model that is no file."""
        for module in ("ui.explore.embedding", "ui.explore.similarity", "ui.state.both_runs"):
            monkeypatch.setattr(f"{module}.identify_run", lambda view: Asked("learned", "", ""))
        for module in ("ui.explore.embedding", "ui.explore.similarity"):
            monkeypatch.setattr(f"{module}.get_trace", lambda asked: trace_of(make_model(positions=asked.model)))
        at = sound(AppTest.from_function(learned, default_timeout=60).run())
        assert dotted("curve.look_learned", "en", length=19) in said(at)
        assert dotted("similar.look_learned", "en") in said(at)
        assert components(at)["curve"]["kind"] == "learned"
        assert list(at.latex) == []


def learned() -> None:
    import streamlit as st

    from tests.core.tiny import make_model, trace_of
    from ui.explore.embedding import show_curve
    from ui.explore.similarity import show_similarity
    from ui.state.view import View

    view, trace = View(model="zh-en", stack="encoder"), trace_of(make_model(positions="learned"))
    st.session_state.update(vars(view))
    show_curve(view, trace)
    show_similarity(view, trace)


class TestSimilarity:
    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("stack", "embedding", "lang"), [("encoder", "src_embed", "en"), ("decoder", "tgt_embed", "zh")]
    )
    def test_both_maps_are_cosines_of_the_rows(self, stack: str, embedding: str, lang: str) -> None:
        at = opened("similar", lang=lang, stack=stack)
        trace = get_trace(Asked(DEFAULT_MODEL, CHINESE, ""))
        found = maps(at)
        assert list(found) == ["alike_pos", "alike_out"]
        for name in ("pos", "out"):
            heat = found[f"alike_{name}"]
            assert (heat["low"], heat["high"]) == (-1, 1)
            assert_allclose(heat["cells"], cosine_similarity(trace[f"{embedding}.{name}"]), atol=1e-6)
        similarity = cosine_similarity(trace[f"{embedding}.pos"])
        near, far = number(float(similarity.diagonal(1).mean()), 2), number(float(similarity[0, -1]), 2)
        facts = t("similar.facts", lang, near=near, far=far, last=len(similarity) - 1)
        assert f"{facts}\n\n{t('similar.twice', lang)}" in said(at)

    @pytest.mark.slow
    def test_axes_are_positions_with_words(self) -> None:
        heat = maps(opened("similar", stack="encoder"))["alike_pos"]
        assert heat["row_labels"][:3] == heat["column_labels"][:3] == ["0 猫", "1 和", "2 猫"]

    @pytest.mark.slow
    @pytest.mark.parametrize("pair", [(0, 2), (1, 1)])
    def test_the_chosen_cosine_is_explained_by_its_two_rows(self, pair: tuple[int, int]) -> None:
        at = opened("similar", lang="en", stack="encoder", alike=f"out:{pair[0]},{pair[1]}")
        rows = get_trace(Asked(DEFAULT_MODEL, CHINESE, ""))["src_embed.out"].astype(float)
        told = components(at)["explain"]
        assert float(told["value"].replace("−", "-")) == pytest.approx(float(cosine_similarity(rows)[pair]), abs=6e-5)
        assert told["selected"] == {"map": 1, "row": pair[0], "column": pair[1]}
        first = told["rows"][0]
        keys = [(source["key"], source["index"][0]) for source in first["numbers"][:2]]
        assert keys == [("src_embed.out", pair[0]), ("src_embed.out", pair[1])]
        terms = rows[pair[0]] * rows[pair[1]] / np.prod(np.linalg.norm(rows[list(pair)], axis=1))
        assert first["numbers"][2]["text"] == number(float(terms[np.abs(terms).argmax()]))
        assert components(at)["address"]["query"]["alike"] == f"out:{pair[0]},{pair[1]}"


class TestOrder:
    @pytest.mark.slow
    @pytest.mark.parametrize(("lang", "model"), MODELS_IN_TURN)
    def test_distances_and_largest_differences_are_true(self, lang: str, model: str) -> None:
        source = examples(model)[0]
        at = opened("order", lang=lang, model=model, source=source, stack="encoder")
        orders = compared(source, model)
        moved, still = charts(at)[0]["data"]
        assert_allclose(array(moved["x"]), orders.with_positions.distances, rtol=1e-5)
        assert array(still["x"]).max() < 1e-4
        assert (moved["name"], still["name"]) == (t("order.with_positions", lang), t("order.without_positions", lang))
        largest = [number(one.largest, 2) for one in (orders.without_positions, orders.with_positions)]
        assert dotted("order.facts", lang, without=largest[0], positions=largest[1]) in said(at)
        assert components(at)["words"]["lines"][1]["words"] == list(orders.other_tokens)

    @pytest.mark.slow
    def test_the_switch_shows_the_outputs_with_and_without(self) -> None:
        at = opened("order", stack="encoder")
        orders = compared(CHINESE)
        for outputs in (orders.without_positions, orders.with_positions):
            found = list(maps(at).values())
            original, other, difference = (heat["cells"] for heat in found)
            assert_allclose(original, outputs.original, atol=TOLD)
            assert_allclose(other, outputs.other, atol=TOLD)
            assert_allclose(difference, outputs.other - outputs.original, atol=TOLD)
            assert len({(heat["low"], heat["high"]) for heat in found}) == 1
            first = [number(float(rows[0, 0]), 4) for rows in (outputs.original, outputs.other)]
            assert all(f"**{one}**" in said(at) for one in first)
            sound(at.toggle(key="choose_positions").set_value(True).run())
        assert components(at)["address"]["query"]["positions"] == "1"

    @pytest.mark.slow
    @pytest.mark.parametrize("lang", ONE_LANGUAGE)
    def test_on_the_decoders_side_the_encoder_is_shown_and_why(self, lang: str) -> None:
        at = opened("order", lang=lang, stack="decoder")
        assert dotted("order.decoder", lang) in said(at)
        assert (len(charts(at)), len(maps(at))) == (1, 3)
        assert dotted("order.decoder", lang) not in said(opened("order", lang=lang, stack="encoder"))

    @pytest.mark.slow
    @pytest.mark.parametrize("lang", ONE_LANGUAGE)
    def test_one_word_has_no_other_order(self, lang: str) -> None:
        at = opened("order", lang=lang, source="猫", stack="encoder")
        assert dotted("order.one_word", lang) in said(at)
        assert charts(at) == []
        assert len(maps(type_source(at, CHINESE))) == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "stack"), [("猫", "encoder"), (LONGEST, "decoder"), ("猫<b>😀</b>$x$", "encoder"), ("猫猫猫", "encoder")]
)
@pytest.mark.parametrize("stage", ["pos", "similar", "order"])
def test_any_sentence_is_drawn(stage: str, stack: str, source: str) -> None:
    for target in ("", "cat"):
        at = open_page(EMBEDDING, lang="en", source=source, target=target, stage=stage, stack=stack)
        assert any("😀" in warning for warning in warnings(at)) == ("😀" in source)


@pytest.mark.slow
def test_charts_of_their_own_are_no_maps() -> None:
    """The panel listens to clicks on heatmaps whose keys are those of the maps."""
    for stage in ("similar", "order"):
        assert not any(key.startswith("map") for key in maps(opened(stage, stack="encoder")))
