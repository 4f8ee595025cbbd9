"""The sentence line says when the model is not sure, and a sentence in another language is asked about."""

from __future__ import annotations

import pytest

from tests.ui.opened import components, notes, open_page, sound, type_source, warnings, words
from transformer_core.models.glass import Glass
from ui.frame.text import LANGUAGES, t
from ui.state.models import get_model

SURE, UNSURE = "He is sleeping.", "The knight sharpened his rusty halberd."


@pytest.mark.every_case
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_translation_that_the_model_doubts_is_marked(lang: str) -> None:
    at = open_page(lang=lang, model="en-fr", source=UNSURE)
    line = components(at)["words"]["lines"][1]
    glass: Glass = get_model("en-fr")
    spans = glass.translate(UNSURE).doubted
    assert line["title"] == t("bar.doubtful", lang)
    assert [i for i, marked in enumerate(line["doubted"]) if marked] == [i for span in spans for i in range(*span)]
    assert any(said.startswith(t("bar.doubtful", lang)) for said in warnings(at))
    type_source(at, SURE)
    assert "doubted" not in components(at)["words"]["lines"][1]
    assert warnings(at) == []
    type_source(at, UNSURE)
    sound(at.text_input(key="target").set_value("Le chevalier dort.").run())
    assert all("doubted" not in line for line in components(at)["words"]["lines"])  # the reader wrote it


@pytest.mark.every_case
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_in_another_language_is_asked_about(lang: str) -> None:
    chinese, french, mixed = (
        "我有一只猫。",
        "Je m'appelle Lucas et j'habite à Paris.",
        "我喜欢 playing football with friends",
    )
    at = open_page(lang=lang, model="en-fr", source=chinese)
    (note,) = notes(at)
    assert t("foreign.zh", lang) in note
    sound(at.button(key="take_fitting").click().run())
    assert (notes(at), at.selectbox(key="model").value) == ([], "zh-en")
    assert (words(at)[0], at.text_input(key="source").value) == ([*chinese, "</s>"], chinese)
    for text, language in ((mixed, "en"), ("My name is Lucas.", "en"), (french, "fr")):
        type_source(at, text)
        (note,) = notes(at)
        assert t(f"foreign.{language}", lang) in note
        assert (words(at) != [], at.text_input(key="source").value) == (True, text)
    sound(at.selectbox(key="model").set_value("en-fr").run())
    assert len(notes(at)) == 1  # no model here reads French
    type_source(at, SURE)
    assert notes(at) == []
