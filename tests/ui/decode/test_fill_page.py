"""The page that fills in hidden words, as a session sees it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.ui.opened import components, notes, open_page, sound, warnings
from transformer_core.studies.filling import fill_at_once, fill_in_turn
from ui.decode import fill as page
from ui.decode.hiding import hiding_of
from ui.frame.text import LANGUAGES, section, t
from ui.state.examples import examples
from ui.state.models import get_model

MODEL = "words-en"
TEXT, WHOLE = "She [MASK] a book on the [MASK].", "She put a book on the table."


def opened(**query: object) -> AppTest:
    at = open_page("decode/fill.py", **{"lang": "en", "model": MODEL, "source": TEXT, **query})
    assert warnings(at) == []
    return at


def shown(at: AppTest) -> dict[str, Any]:
    return components(at)["fill"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_gap_has_its_ten_words_and_the_hidden_one(lang: str) -> None:
    found, glass = shown(opened(lang=lang, whole=WHOLE)), get_model(MODEL)
    assert found["words"] == section("fill_words", lang)
    guesses = glass.fill(TEXT)
    for gap, best, word in zip(found["gaps"], guesses, ("put", "table"), strict=True):
        assert [(one["id"], one["text"]) for one in gap["candidates"]] == [(one.id, one.text) for one in best]
        assert [one["p"] for one in gap["candidates"]] == pytest.approx([one.probability for one in best], abs=1e-6)
        assert gap["hidden"]["text"] == word
        assert gap["hidden"]["p"] <= gap["candidates"][0]["p"]
        assert all(one["was"] is None for one in gap["candidates"])


@pytest.mark.parametrize(("average", "head"), [(1, 0), (0, 2)])
def test_the_bars_are_the_gaps_row_and_column_of_the_weights(average: int, head: int) -> None:
    found = shown(opened(layer=1, head=head, average=average))
    weights = get_model(MODEL).trace(TEXT)["encoder.1.self_attn.weights"]
    mean = weights.mean(axis=0) if average else weights[head]
    for gap in found["gaps"]:
        np.testing.assert_allclose(gap["from"], mean[gap["place"]], atol=1e-4)
        np.testing.assert_allclose(gap["to"], mean[:, gap["place"]], atol=1e-4)


def test_both_ways_are_those_of_the_study() -> None:
    found, glass = shown(opened()), get_model(MODEL)
    for way, filled in zip(found["ways"], (fill_at_once(glass, TEXT), fill_in_turn(glass, TEXT)), strict=True):
        turns = {place: turn for turn, place in enumerate(filled.places, 1)}
        assert way["turns"] == [turns.get(place, 0) for place in range(len(filled.ids) - 1)]
        assert sum(way["log_probs"]) == pytest.approx(filled.log_prob)
        assert len(way["pieces"]) == len(filled.ids) - 1
    assert shown(opened(source="I have a [MASK]."))["ways"] == []


def click(at: AppTest, monkeypatch: pytest.MonkeyPatch, **told: dict[str, int]) -> AppTest:
    """Click on the component: AppTest knows no events of components, so its handlers are called in its session."""
    hiding = hiding_of(get_model(MODEL), at.session_state.source, at_whole(at))
    state = _State({"model": MODEL, "source": at.session_state.source})
    with monkeypatch.context() as patch:
        patch.setattr(st, "session_state", state)
        handlers = page._handlers(get_model(MODEL).trace(at.session_state.source), hiding)
        for event, sent in told.items():
            handlers[event](sent)
    for key, value in state.items():
        if key not in ("model", "source"):
            at.session_state[key] = value
    return sound(at.text_input(key="source").set_value(state["source"]).run())


class _State(dict[str, Any]):
    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__  # type: ignore[assignment]


def at_whole(at: AppTest) -> str:
    key = f"option.{page.WHOLE.name}"
    return str(at.session_state[key]) if key in at.session_state else ""


def test_a_click_hides_a_word_another_shows_it_and_outlines_tell_of_before(monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened(source="She put a book on the table.")
    assert shown(at)["gaps"] == []
    at = click(at, monkeypatch, toggle={"number": 1})
    assert at.session_state.source == "She [MASK] a book on the table."
    (gap,) = shown(at)["gaps"]
    assert gap["hidden"]["text"] == "put"
    assert shown(at)["compared"] == ""  # there was no gap before
    at = click(at, monkeypatch, toggle={"number": 6})
    assert at.session_state.source == TEXT
    first, second = shown(at)["gaps"]
    (before,) = get_model(MODEL).fill("She [MASK] a book on the table.", n=4000)
    known = {one.id: one.probability for one in before}
    assert [one["was"] for one in first["candidates"]] == pytest.approx(
        [known[one["id"]] for one in first["candidates"]], abs=1e-6
    )
    assert all(one["was"] is None for one in second["candidates"])
    assert "She [MASK] a book on the table." in shown(at)["compared"]
    at = click(at, monkeypatch, toggle={"number": 1})
    assert at.session_state.source == "She put a book on the [MASK]."
    word = shown(at)["gaps"][0]["candidates"][0]
    at = click(at, monkeypatch, put={"place": shown(at)["gaps"][0]["place"], "id": word["id"]})
    assert at.session_state.source == f"She put a book on the {word['text']}."
    assert shown(at)["gaps"] == []


def test_the_number_behind_a_bar_is_one_click_away(monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened()
    gap = shown(at)["gaps"][0]
    word = gap["candidates"][0]["id"]
    opened_page = dict[str, Any]()
    trace = get_model(MODEL).trace(TEXT)
    monkeypatch.setattr(page, "look_at", lambda plan, key, index: opened_page.update(key=key, index=index))
    monkeypatch.setattr(st, "session_state", _State({"model": MODEL}))
    page._handlers(trace, hiding_of(get_model(MODEL), TEXT, ""))["cell"]({"place": gap["place"], "id": word})
    assert (opened_page["key"], opened_page["index"]) == ("head.probs", (gap["place"], word))
    assert trace["head.probs"][opened_page["index"]] == pytest.approx(gap["candidates"][0]["p"], abs=1e-6)


def test_under_edits_outlines_are_the_unedited_run() -> None:
    found = shown(opened(edits="off:encoder.0.self_attn:0"))
    plain = shown(opened())
    assert found["compared"] == t("fill_compared.edits", "en")
    known = {one["id"]: one["p"] for one in plain["gaps"][0]["candidates"]}
    both = [one for one in found["gaps"][0]["candidates"] if one["id"] in known]
    assert both
    assert [one["was"] for one in both] == pytest.approx([known[one["id"]] for one in both], abs=1e-6)


def test_of_an_example_it_is_known_what_it_hides() -> None:
    for text in examples(MODEL)[:3]:
        (gap,) = shown(opened(source=text))["gaps"]
        assert gap["hidden"] is not None
        assert math.isfinite(gap["hidden"]["p"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_another_kind_of_model_is_told_which_can(lang: str) -> None:
    at = open_page("decode/fill.py", lang=lang, model="zh-en")
    assert t(f"model.{MODEL}", lang) in "".join(notes(at))
    assert "fill" not in components(at)


def test_a_link_that_makes_no_sense_is_said() -> None:
    at = opened(whole="x" * 3000)
    assert "whole" in "".join(notes(at))
