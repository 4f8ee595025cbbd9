"""The output page beside its maps: the softmax at any temperature, the best words, and the head after every layer."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from figures.base.theme import theme
from figures.explore.readout import TOP, lens_grid, temperature, top_words
from tests.spelled import word_of
from tests.translators import TRANSLATORS
from tests.ui.opened import MODELS_IN_TURN, ONE_LANGUAGE, components, open_page, warnings
from transformer_core.studies.logit_lens import lens_keys
from transformer_core.text.incoming import prepare
from ui.frame.text import dotted, section, t
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL, Asked, get_model, get_trace

OUTPUT = "explore/output.py"
MODELS = TRANSLATORS
CHINESE, ENGLISH = "我有一只猫", "I have two small dogs."
LONGEST, LONGEST_TARGET = "我昨天看书，" * 10 + "猫和狗", " ".join(["cat"] * 63)


def opened(stage: str, **query: object) -> AppTest:
    at = open_page(OUTPUT, **{"lang": "en", "source": CHINESE, "stage": stage, **query})
    assert warnings(at) == []
    return at


def said(at: AppTest) -> str:
    return "\n".join(text.value for text in at.markdown)


class TestTemperature:
    @pytest.mark.parametrize(("lang", "model"), MODELS_IN_TURN)
    def test_it_begins_at_the_row_that_the_panel_explains(self, lang: str, model: str) -> None:
        source = examples(model)[0]
        found = components(opened("probs", lang=lang, model=model, source=source))
        row = found["explain"]["at"][0]
        wanted = temperature(get_trace(Asked(model, source, "")), row, word_of(get_model(model)))
        assert wanted.items() <= found["temperature"].items()
        assert found["temperature"]["words"] == section("temperature_words", lang)
        assert found["temperature"]["chart"] == "st-key-map0"

    @pytest.mark.slow
    @pytest.mark.parametrize("row", [0, 3])
    def test_a_link_names_the_position(self, row: int) -> None:
        found = components(opened("probs", cell=f"{row}"))
        assert found["temperature"]["position"] == row == found["explain"]["at"][0]

    @pytest.mark.slow
    def test_a_given_word_is_shown_however_improbable(self) -> None:
        found = components(opened("probs", target="dog dog", cell="0"))["temperature"]
        assert found["written"]["text"] == "dog"
        assert found["written"]["id"] not in [one["id"] for one in found["candidates"]]


class TestTopWords:
    @pytest.mark.slow
    @pytest.mark.parametrize(("lang", "model"), MODELS_IN_TURN)
    def test_each_position_has_its_best_words(self, lang: str, model: str) -> None:
        source = examples(model)[0]
        at = opened("probs", lang=lang, model=model, source=source)
        grid = components(at)["word_grid"]
        assert grid["rows"] == top_words(get_trace(Asked(model, source, "")), word_of(get_model(model)))
        assert len(grid["columns"]) == TOP
        assert grid["words"] == section("top_words_grid", lang)
        assert grid["scale"] == list(theme("light").weights)
        assert dotted("top_words.look", lang, n=get_model(model).config.vocab_size) in said(at)

    @pytest.mark.slow
    def test_written_words_are_marked(self) -> None:
        rows = components(opened("probs", target=ENGLISH))["word_grid"]["rows"]
        trace = get_trace(Asked(DEFAULT_MODEL, CHINESE, ENGLISH))
        assert len(rows) == len(trace.written_tokens)
        for row, written in zip(rows, trace.written_tokens, strict=True):
            marked = [cell["text"] for cell in row["cells"] if cell["mark"]]
            assert marked == ([] if row["given"] else [written])
        assert any(row["given"] for row in rows)
        assert any(not row["given"] for row in rows)


class TestLayers:
    @pytest.mark.slow
    @pytest.mark.parametrize(("lang", "model"), MODELS_IN_TURN)
    def test_every_layer_is_read(self, lang: str, model: str) -> None:
        source = examples(model)[0]
        at = opened("layers", lang=lang, model=model, source=source)
        grid = components(at)["word_grid"]
        trace = get_trace(Asked(model, source, ""))
        titles = [t("layers.embedding", lang), *(t("layers.layer", lang, i=i) for i in range(3))]
        assert [(column["title"], column["key"]) for column in grid["columns"]] == list(
            zip(titles, lens_keys(trace.plan), strict=True)
        )
        assert grid["words"] == section("layers_grid", lang)
        for row, wanted in zip(grid["rows"], lens_grid(trace, word_of(get_model(model))), strict=True):
            assert row == {**wanted, "note": titles[wanted["first"]]}
        assert [row["cells"][-1]["text"] for row in grid["rows"]] == list(trace.written_tokens)

    @pytest.mark.slow
    @pytest.mark.parametrize("lang", ONE_LANGUAGE)
    def test_the_text_says_where_the_last_word_comes_first(self, lang: str) -> None:
        at = opened("layers", lang=lang)
        rows = components(at)["word_grid"]["rows"]
        for title in {row["note"] for row in rows}:
            n = sum(row["note"] == title for row in rows)
            assert dotted("layers.count", lang, where=title, n=n, total=len(rows)) in said(at)

    @pytest.mark.slow
    @pytest.mark.parametrize("lang", ONE_LANGUAGE)
    def test_the_text_says_how_an_early_layer_is_read(self, lang: str) -> None:
        for model, name in (("zh-en", "post"), ("zh-en-prenorm", "pre")):
            captions = [caption.value for caption in opened("layers", lang=lang, model=model).caption]
            assert dotted(f"layers.{name}", lang) in captions
            assert len([caption for caption in captions if "LayerNorm" in caption]) == 1


@pytest.mark.slow
@pytest.mark.parametrize("target", ["", "dog", LONGEST_TARGET])
@pytest.mark.parametrize("source", ["猫", LONGEST, "猫<b>😀</b>$x$"])
@pytest.mark.parametrize("stage", ["probs", "layers"])
def test_any_sentence_is_drawn(stage: str, source: str, target: str) -> None:
    at = open_page(OUTPUT, lang="en", source=source, target=target, stage=stage)
    assert any("😀" in warning for warning in warnings(at)) == ("😀" in source)
    rows = components(at)["word_grid"]["rows"]
    assert len(rows) == len(get_trace(Asked(DEFAULT_MODEL, prepare(source, "zh").text, target)).written_ids)
