"""The stop of one word with two vectors, as a session sees it: every number is that of a run of the models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.drawn import drawn, numbers, told
from tests.ui.opened import ONE_LANGUAGE, components, open_page, sound, type_source, warnings
from transformer_core.models.readings import Mix
from transformer_core.studies.road.word_uses import nearest_uses, vectors_at, word_place
from ui.frame.text import LANGUAGES, t
from ui.road.context.pairs import labelled, ready_pairs
from ui.state.examples import own_examples
from ui.state.models import get_model

PAGE = "road/context.py"
WORDS = {"en": "left", "zh": "花"}


def opened(lang: str, **query: object) -> AppTest:
    first = ready_pairs(lang)[WORDS[lang]][0]
    at = open_page(PAGE, **{"lang": lang, "model": f"bilm-{lang}", "source": first, **query})
    assert warnings(at) == []
    return at


def angle(one: Any, other: Any) -> float:
    one, other = np.array(one, dtype=float), np.array(other, dtype=float)
    return 1 - one @ other / np.sqrt((one @ one) * (other @ other))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_static_vectors_are_one_and_every_layer_parts_them(lang: str) -> None:
    at, glass = opened(lang), get_model(f"bilm-{lang}")
    found = components(at)["two_uses"]
    pair, word = ready_pairs(lang)[WORDS[lang]], WORDS[lang]
    both = [vectors_at(glass.trace(sentence), *word_place(glass, sentence, word)) for sentence in pair]
    assert np.array_equal(both[0][0], both[1][0])
    assert [row["same"] for row in found["rows"]] == [True, False, False, False]
    width = both[0].shape[-1] // 2
    for row, one, other in zip(found["rows"], *both, strict=True):
        assert row["most"] == pytest.approx(np.abs(one - other).max(), abs=1e-6)
        assert row["apart"] == pytest.approx(angle(one, other), abs=1e-4)
        for half, place in zip(row["halves"], (slice(None, width), slice(width, None)), strict=True):
            np.testing.assert_allclose(half["first"], one[place], atol=6e-4)
            np.testing.assert_allclose(half["second"], other[place], atol=6e-4)
            assert half["apart"] == pytest.approx(angle(one[place], other[place]), abs=1e-4)
    rows = found["rows"][1:]
    assert all(half["apart"] > 0 for row in rows for half in row["halves"])
    nearest = nearest_uses(glass, labelled(lang))
    shares = [one.value for one in at.metric]
    assert shares == [f"{100 * share:.0f} %" for share in (*nearest.right.mean(axis=0)[1:], nearest.chance)]


def test_a_first_reader_begins_with_a_pair_in_his_language_and_finds_his_sentence_again() -> None:
    at = open_page(PAGE, lang="zh")
    assert (at.session_state.model, at.session_state.source) == ("bilm-zh", own_examples("bilm-zh")[0])
    assert components(at)["two_uses"]["rows"][0]["same"]
    given = at.session_state.given
    sound(at.switch_page("../pages/explore/heads.py").run())
    assert at.text_input(key="source").value == given


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_all_of_the_share_on_the_table_makes_the_uses_one_again(lang: str) -> None:
    at = opened(lang)
    for place, value in enumerate((5.0, -5.0, -5.0)):
        sound(at.select_slider(key=f"mix.{place}").set_value(value).run())
    sound(at.select_slider(key="mix.3").set_value(2.0).run())
    name = Mix(f"bilm-{lang}", (5, -5, -5), 2).name
    query = components(at)["address"]["query"]
    assert query["model"] == name
    found = components(at)["two_uses"]
    assert (found["rows"][-1]["apart"], found["gamma"]) == (pytest.approx(0, abs=1e-3), "2.00")
    assert found["rows"][0]["share"] == "100.0 %"
    again = components(open_page(PAGE, **query))
    assert again["address"]["query"] == query
    assert again["two_uses"]["rows"] == found["rows"]


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_the_nearest_uses_bear_the_senses_that_a_person_saw(lang: str) -> None:
    at, glass = opened(lang, stage="uses"), get_model(f"bilm-{lang}")
    found, word = components(at)["uses"], WORDS[lang]
    mine, *others = [use for use in labelled(lang) if use.word == word]
    vectors = [vectors_at(glass.trace(u.sentence), *word_place(glass, u.sentence, word))[-1] for u in (mine, *others)]
    wanted = {u.sentence: (u.sense, 1 - angle(vectors[0], v)) for u, v in zip(others, vectors[1:], strict=True)}
    told_uses = {f"{one['before']}{one['word']}{one['behind']}": one for one in found["items"]}
    assert {name: one["sense"] for name, one in told_uses.items()} == {name: s for name, (s, _) in wanted.items()}
    assert all(one["cosine"] == pytest.approx(wanted[name][1], abs=1e-3) for name, one in told_uses.items())
    assert [one["cosine"] for one in found["items"]] == sorted((one["cosine"] for one in found["items"]), reverse=True)
    assert [one.key for one in at.get("button_group") if one.key == "guess.context"] == []  # the answer stands above
    at = opened(lang)
    sound(at.button_group(key="guess.context").set_value(0).run())
    bars = drawn(at)["guess_bars_context"]["data"][0]
    labels = [label.partition(" ")[2] for label in bars["y"]]
    assert numbers(bars["x"]) == pytest.approx([wanted[label][1] for label in labels], abs=1e-4)


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_the_readers_own_sentences_are_compared(lang: str) -> None:
    at = opened(lang)
    type_source(at, "我会开车，可是今天不想去开会。")
    found = components(at)["two_uses"]
    assert set(found["shared"].values()) >= {"会"}
    sound(at.text_input(key="second_sentence").set_value("Good morning.").run())
    assert t("two_uses.nothing", lang) in [one.value for one in at.info]
    assert at.text_input(key="second_sentence").value == "Good morning."
    sound(at.text_input(key="second_sentence").set_value("车" * 200).run())
    assert len(warnings(at)) == 1
    sound(at.text_input(key="second_sentence").set_value("车来了，我不去。").run())
    shown = components(at)["two_uses"]
    assert [shown["sentences"][n]["read"][shown["sentences"][n]["first"]]["text"] for n in (0, 1)] == ["我", "我"]
    assert components(at)["address"]["query"]["second"] == "车来了，我不去。"


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_inside_of_a_chain_its_direction_and_layer_are_chosen(lang: str) -> None:
    at = opened(lang, stage="cell", block="back", layer=0)
    assert components(at)["explain"]["place"].startswith("back.0.")
    sound(at.button_group(key="choose.chain").set_value("ahead").run())
    assert components(at)["explain"]["place"].startswith("ahead.0.")
    for stage in ("tokens", "out", "reads", "recalls", "logits", "probs"):
        found = opened(lang, stage=stage)
        assert components(found)["address"]["query"]["stage"] == stage
        assert told(found)


def test_a_capital_letter_is_another_entry_of_the_table_and_no_edit() -> None:
    at = open_page(PAGE, lang="en", model="bilm-en", source="A <b>cat</b> costs $5$.")
    most = components(at)["two_uses"]["rows"][0]["most"]
    assert most > 0
    said = t("two_uses.told_capital", "en", word="a", most=f"{most:.2g}", layer="LAYER", apart="0")
    assert any(text.value.startswith(said.partition("LAYER")[0]) for text in at.markdown)
