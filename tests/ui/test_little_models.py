"""Every page opens for models of every kind, none of which the app was made for, and what it says fits the model."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from streamlit.testing.v1 import AppTest

from tests.ui.drawn import maps, told
from tests.ui.little_models import ABLE_TO_WRITE, EDITS, KINDS, TEXTS, WITHOUT_OUTPUT, little_models, opened
from tests.ui.opened import FILLING, PAGES, charts, components, notes, sound, warnings, words
from transformer_core.edits.parse import parse_edits
from transformer_core.models.files import load_model
from transformer_core.studies.patching import contrast
from ui.frame.experiments import NAMES, experiment
from ui.frame.text import LANGUAGES, dotted, t
from ui.take_home import picture as take_picture

pytestmark = pytest.mark.slow

WRITING = ("decode/forcing.py", "decode/search.py", "decode/unfold.py")
OUTPUT = "explore/output.py"
ALL = (*PAGES, FILLING)
TELLER, FILLER, READER = "little-teller", "little-filler", "little-reader"


@pytest.fixture(scope="module", autouse=True)
def _known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with little_models(tmp_path_factory.mktemp("models")):
        yield


def opens(page: str, model: str) -> bool:
    """Whether a page shows something of a model."""
    if page == OUTPUT:
        return model != WITHOUT_OUTPUT
    if page == FILLING:
        return model == FILLER
    return page not in WRITING or model in ABLE_TO_WRITE


def endless(model: str, lang: str) -> list[str]:
    """The warning that belongs: the little translator never ends a sentence."""
    limit = load_model(model).config.max_length
    return [t("bar.limit", lang, limit=limit)] if model == "little-translator" else []


def fields(at: AppTest) -> list[str]:
    """The names of the fields for a text in the bar."""
    return [field.label for field in at.text_input if field.key in ("source", "target")]


@pytest.mark.parametrize("page", ALL)
@pytest.mark.parametrize("model", KINDS)
def test_a_page_opens_without_a_warning(model: str, page: str) -> None:
    lang = LANGUAGES[(ALL.index(page) + list(KINDS).index(model)) % len(LANGUAGES)]
    at = opened(page, model, lang=lang)
    assert warnings(at) == endless(model, lang)
    assert ("words" in components(at), len(notes(at))) == ((True, 0) if opens(page, model) else (False, 1))


@pytest.mark.parametrize("page", ALL)
@pytest.mark.parametrize("model", KINDS)
def test_a_page_opens_under_edits_and_as_a_difference(model: str, page: str) -> None:
    lang = LANGUAGES[(ALL.index(page) + list(KINDS).index(model) + 1) % len(LANGUAGES)]
    for run in ("edited", "difference"):
        at = opened(page, model, lang=lang, edits=EDITS[KINDS[model][0]], run=run)
        assert warnings(at) == (endless(model, lang) if opens(page, model) or page == FILLING else [])


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", WRITING)
def test_what_a_page_needs_is_said_with_the_models_that_can(page: str, lang: str) -> None:
    (note,) = notes(opened(page, FILLER, lang=lang))
    plain = note.replace("\\", "")
    assert FILLER in plain
    assert all((model in plain) is (model in ABLE_TO_WRITE or model == FILLER) for model in KINDS)


def test_a_button_leads_to_a_model_that_can_and_keeps_the_rest() -> None:
    at = opened("decode/unfold.py", FILLER, lang="zh", layer="0")
    typed = at.session_state.source
    assert at.button(key="take_able").label in [t("page_needs.take", "zh", model=name) for name in ABLE_TO_WRITE]
    sound(at.button(key="take_able").click().run())
    assert at.session_state.model in ABLE_TO_WRITE
    assert (notes(at), at.session_state.source, at.session_state.lang) == ([], typed, "zh")
    assert "take_able" not in [button.key for button in at.button]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_model_without_an_output_is_told_in_one_sentence_where_one_is_needed(lang: str) -> None:
    (note,) = notes(opened(OUTPUT, WITHOUT_OUTPUT, lang=lang))
    plain = note.replace("\\", "")
    assert plain.count("." if lang == "en" else "。") == 2  # that it has none, and which models have
    assert all(model in plain for model in KINDS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_model_without_an_output_says_no_words(lang: str) -> None:
    shown = components(opened("explore/architecture.py", WITHOUT_OUTPUT, lang=lang))
    assert (shown["map"]["written"], shown["map"]["probs"], len(shown["words"]["lines"])) == ([], [], 1)


def test_of_a_model_without_an_output_the_map_hands_out_the_last_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}
    monkeypatch.setattr(
        take_picture, "download", lambda place, kind, name, lang, make, **facts: made.update({kind: make})
    )
    at = opened("explore/architecture.py", WITHOUT_OUTPUT)
    at.session_state["architecture.export"] = True
    sound(at.run())
    assert 'trace["encoder.out"]' in at.code[0].value.replace("'", '"')
    with np.load(io.BytesIO(made["npz"]())) as found:
        assert_array_equal(found["values"], load_model(WITHOUT_OUTPUT).trace(TEXTS[WITHOUT_OUTPUT])["encoder.out"])
    assert made["report"]()


def test_padding_behind_a_text_is_told_without_words_where_none_are_said() -> None:
    said = told(opened("learn/masks.py", WITHOUT_OUTPUT))
    assert t("padding.title", "en") in said
    assert "most probable" not in said


def test_a_model_that_takes_one_text_has_one_field_and_keeps_the_other_for_a_translator() -> None:
    at = opened("explore/attention.py", "little-translator", target="I have a cat.")
    assert fields(at) == [t("bar.source", "en"), t("bar.target", "en")]
    sound(at.selectbox(key="model").set_value(TELLER).run())
    assert fields(at) == [t("bar_alone.source", "en")]
    assert notes(at) == []
    assert "target" not in components(at)["address"]["query"]
    sound(at.selectbox(key="model").set_value("little-translator").run())
    assert components(at)["address"]["query"]["target"] == "I have a cat."


def test_a_second_text_in_a_link_is_told_where_the_model_takes_none() -> None:
    (note,) = notes(opened("explore/attention.py", TELLER, target="cat"))
    assert "target" in note


def test_the_bar_tells_typed_words_from_those_that_the_model_goes_on_with() -> None:
    glass = load_model(TELLER)
    text, own = components(opened("explore/attention.py", TELLER))["words"]["lines"]
    assert (text["title"], own["title"]) == (t("bar_alone.source", "en"), t("bar_goes_on.output", "en"))
    assert text["looks"][1:] == ["typed"] * len(glass.task.begin(TEXTS[TELLER]).given)
    assert set(text["titles"][1:]) == {t("bar.typed", "en")}
    decoding = glass.decode(TEXTS[TELLER])
    written = list(glass.task.side.tokenizer.pieces(decoding.ids)[decoding.n_forced :])
    assert own["words"] == written[: len(own["words"])]
    assert "typed" not in own["looks"]
    assert {title for title in own["titles"] if title} == {t("bar.own_word", "en")}


def test_the_bar_says_what_a_filler_expects_at_a_hidden_word_alone() -> None:
    glass = load_model(FILLER)
    text, expected = components(opened("explore/attention.py", FILLER))["words"]["lines"]
    assert expected["title"] == t("bar_fills.output", "en")
    hidden = text["words"].index("[MASK]")
    assert expected["words"][hidden] == glass.fill(TEXTS[FILLER], 1)[0][0].text
    assert [look == "target" for look in expected["looks"][:-1]] == [i == hidden for i in range(len(text["words"]) - 1)]
    assert len(words(opened("explore/attention.py", FILLER, source="I have a cat."))) == 1
    assert len(words(opened("explore/attention.py", READER))) == 1


@pytest.mark.parametrize("model", KINDS)
def test_the_map_has_a_lane_for_each_stack_and_ends_in_what_is_said(model: str) -> None:
    glass = load_model(model)
    trace = glass.trace(TEXTS[model])
    shown = components(opened("explore/architecture.py", model))["map"]
    stacks = [words.stack for words in glass.plan.word_lists]
    assert list(shown["lanes"]) == stacks
    assert [lane["causal"] for lane in shown["lanes"].values()] == [stack == "decoder" for stack in stacks]
    assert [word["text"] for word in shown["written"]] == list(trace.written_tokens)
    assert shown["typed"] == [word.typed for word in trace.writing.written]
    assert len(shown["probs"]) == len(trace.written_ids)


@pytest.mark.parametrize(
    ("model", "shown"), [(TELLER, (True, False, True)), ("twelve", (True, False, True)), (FILLER, (False, True, False))]
)
def test_the_laboratory_shows_what_means_something(model: str, shown: tuple[bool, bool, bool]) -> None:
    said = told(opened("learn/masks.py", model))
    titles = ("peeking.title", "padding.title", "mask_leak.title")
    assert tuple(t(title, "en") in said for title in titles) == shown


@pytest.mark.parametrize("model", KINDS)
def test_studies_of_the_next_word_are_there_for_models_that_write(model: str) -> None:
    said = told(opened("learn/what_if.py", model))
    assert [t(f"{study}.title", "en") in said for study in ("importance", "patching")] == [model in ABLE_TO_WRITE] * 2


def test_no_experiment_is_empty() -> None:
    for model in KINDS:
        found = {name: experiment(name, model) for name in NAMES}
        pills = next(one for one in opened("learn/what_if.py", model).button_group if one.key == "ready_experiment")
        said = [t(f"experiment{'_alone' if name == 'block' else ''}.{name}", "en") for name in found if found[name]]
        if model != "little-translator":
            assert list(pills.options) == said
        plan = load_model(model).plan
        for edits in filter(None, found.values()):
            assert parse_edits(edits, plan)


def test_two_texts_of_a_model_that_goes_on_are_patched_into_each_other() -> None:
    glass, (first, second) = load_model(TELLER), ("The cats were", "The cats have")
    pair = contrast(glass.model, glass.read_ids(first), glass.read_ids(second))
    at = opened("learn/what_if.py", TELLER, pair_first=first, pair_second=second)
    shown = maps(at)["patching_target"]
    assert len(shown["column_labels"]) == len(pair.first) + len(pair.read)
    assert shown["row_labels"] == list(pair.values)
    assert "patching_source" not in maps(at)


def test_a_filler_says_an_arrow_only_where_a_word_is_hidden() -> None:
    shown = components(opened("explore/output.py", FILLER))["word_grid"]
    arrows = [row["written"] is not None for row in shown["rows"]]
    assert arrows == [row["read"]["text"] == "[MASK]" for row in shown["rows"]]


def test_the_spread_has_one_map_where_there_is_one_stack() -> None:
    at = opened("learn/what_if.py", READER, edits=EDITS["encoder-only"])
    assert charts(at) == []  # nothing is said of which it could be more or less sure
    assert dotted("what_if_alone.encoder", "en") in [one.value for one in at.caption]
