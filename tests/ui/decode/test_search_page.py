"""The page of beam search and sampling, as a session sees it."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from figures.decode.beam import beam_tree, looked_at
from figures.decode.choices import choices, most_open, sentence
from tests.spelled import word_of
from tests.ui.opened import MODELS_IN_TURN, ONE_LANGUAGE, components, open_page, sound, warnings
from transformer_core.decoding.rules import Beam
from ui.decode.search import SEEDS, _turn
from ui.frame.text import section, t
from ui.parts.decoding_rules import COLDEST, DRAW, LEAST_P
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL, Asked, get_model, get_trace

SEARCH = "decode/search.py"
CHINESE = "我有一只猫"
LONGEST = "我昨天看书，" * 10 + "猫和狗"


def opened(**query: object) -> AppTest:
    at = open_page(SEARCH, **{"lang": "en", "source": CHINESE, **query})
    assert warnings(at) == []
    return at


def tree(model: str, source: str, rule: Beam) -> Any:
    return get_model(model).decode(source, rule).tree


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "model"), MODELS_IN_TURN)
def test_the_tree_is_the_models_own_search(lang: str, model: str) -> None:
    source = examples(model)[0]
    found = components(opened(lang=lang, model=model, source=source))["beam"]
    wanted = beam_tree(tree(model, source, Beam(width=4)), word_of(get_model(model)))
    assert wanted.items() <= found.items()
    assert found["words"] == section("beam_words", lang, terms=True)
    assert f"ended_{found['ended']}" in found["words"]


def test_the_best_sentence_tells_what_its_last_word_looked_at() -> None:
    found = components(opened())["beam"]["attention"]
    glass, best = get_model(DEFAULT_MODEL), tree(DEFAULT_MODEL, CHINESE, Beam(width=4)).finished[0]
    assert found["number"] == best.branch
    trace = glass.trace_record(glass.decode(CHINESE, Beam(width=4)))
    assert found["weights"] == pytest.approx(looked_at(trace), abs=1e-4)
    assert sum(found["weights"]) == pytest.approx(1, abs=1e-3)


@pytest.mark.slow
def test_width_and_penalty_are_chosen_and_stay_on_another_sentence() -> None:
    at = opened()
    sound(at.button_group(key="choose_width").set_value(2).run())
    sound(at.slider(key="choose_penalty").set_value(0.4).run())
    rule = Beam(width=2, length_penalty=0.4)
    assert (
        beam_tree(tree(DEFAULT_MODEL, CHINESE, rule), word_of(get_model(DEFAULT_MODEL))).items()
        <= components(at)["beam"].items()
    )
    sound(at.text_input(key="source").set_value("你好").run())
    found = components(at)["beam"]
    assert (found["width"], found["penalty"], found["search"]) == (2, 0.4, [DEFAULT_MODEL, "你好", 2, 0.4])


@pytest.mark.slow
@pytest.mark.parametrize("target", ["", "dog dog"])
def test_sampling_begins_where_the_choice_is_most_open(target: str) -> None:
    found = components(opened(target=target))["choices"]
    trace = get_trace(Asked(DEFAULT_MODEL, CHINESE, target))
    assert choices(trace, most_open(trace), word_of(get_model(DEFAULT_MODEL))).items() <= found.items()


@pytest.mark.slow
@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_greedy_stands_beside_five_seeds(lang: str) -> None:
    found = components(opened(lang=lang))["choices"]
    lines = found["sentences"]
    assert [line["seed"] for line in lines] == [None, *range(SEEDS)]
    greedy = sentence(get_model(DEFAULT_MODEL).decode(CHINESE), word_of(get_model(DEFAULT_MODEL)))
    assert [word["text"] for word in lines[0]["words"]] == [word["text"] for word in greedy["words"]]
    for one, other in zip(lines[0]["words"], greedy["words"], strict=True):  # the rows of a batch end in other digits
        assert one["p"] == pytest.approx(other["p"], abs=3e-5)
    assert {word["rank"] for word in greedy["words"]} == {1}
    assert found["words"] == section("choices_words", lang, terms=True)
    assert found["settings"] == {"temperature": 1.5, "top_k": 10, "top_p": 0.9, "first_seed": 0}
    for line in lines[1:]:
        assert all(word["after"] > 0 and word["rank"] <= 10 for word in line["words"])


def test_settings_beyond_their_limits_are_brought_within(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})
    _turn({"temperature": -1, "top_k": 0, "top_p": 0, "first_seed": -3})
    assert tuple(option.value for option in DRAW) == (COLDEST, 1, LEAST_P, 0)
    _turn({"temperature": 1, "top_k": None, "top_p": 1, "first_seed": 5})
    assert tuple(option.value for option in DRAW) == (1, 0, 1, 5)


@pytest.mark.slow
def test_a_link_restores_tree_node_position_and_dials_and_they_stand_in_the_next_link() -> None:
    link = {
        "width": "3",
        "penalty": "0.5",
        "tree": "1",
        "node": "4",
        "position": "0",
        "temperature": "0.8",
        "seed": "7",
    }
    at = opened(**link)
    found = components(at)
    assert (found["beam"]["width"], found["beam"]["penalty"]) == (3, 0.5)
    assert (found["beam"]["step"], found["beam"]["chosen"], found["beam"]["attention"]["number"]) == (1, 4, 4)
    assert found["choices"]["position"] == 0
    assert found["choices"]["settings"] == {"temperature": 0.8, "top_k": 10, "top_p": 0.9, "first_seed": 7}
    assert [line["seed"] for line in found["choices"]["sentences"]] == [None, *range(7, 12)]
    assert link.items() <= found["address"]["query"].items()
    sound(at.button_group(key="choose_width").set_value(4).run())
    found = components(at)
    assert (found["beam"]["step"], found["beam"]["chosen"]) == (None, None)  # they belonged to the other tree
    assert not {"tree", "node", "width"} & set(found["address"]["query"])


@pytest.mark.slow
@pytest.mark.parametrize("link", [{"node": 99999, "tree": 500, "position": 400}, {"width": 9}, {"temperature": "nan"}])
def test_a_link_that_asks_for_what_is_not_there_is_no_harm(link: dict[str, object]) -> None:
    found = components(opened(**link))
    assert (found["beam"]["step"], found["beam"]["chosen"], found["beam"]["width"]) == (None, None, 4)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["猫", LONGEST, "猫<b>😀</b>$x$"])
def test_any_sentence_is_drawn(source: str) -> None:
    at = open_page(SEARCH, lang="zh", source=source)
    assert len(components(at)["beam"]["attention"]["weights"]) == len(components(at)["words"]["lines"][0]["words"])
    assert t("beam.title", "zh") in [text.value for text in at.subheader]
