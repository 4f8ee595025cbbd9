"""The whole road: every stop has its place, and its numbers are those of the models that stand there."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ui.opened import WHOLE_ROAD, components, open_page, sound, warnings
from transformer_core.models.files import load_model
from ui.frame.text import LANGUAGES, t
from ui.road.unseen import SETS, unseen_bits
from ui.road.whole import TELLER
from ui.road.word_map import vectors_of
from ui.state.road import END, STOPS, next_stop

SENTENCES = {"en": "The little girl had a small brown dog.", "zh": "小女孩有一只棕色的小狗。"}
MODELS = {"en": "en-fr", "zh": "zh-en"}
TELLS = {"counts": "ngram-en", "table": "nnlm-en", "chain": "lstm-en", END: TELLER}  # words, one after the other


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_stop_tells_what_its_model_says(lang: str) -> None:
    at = open_page(WHOLE_ROAD, lang=lang, source=SENTENCES[lang], model=MODELS[lang])
    stops = components(at)["whole_road"]["stops"]
    pages = [*(stop.page for stop in STOPS), END]
    assert [stop["name"] for stop in stops] == [t(f"whole_name.{page}", lang) for page in pages]
    assert [stop["href"].partition("?")[0] for stop in stops] == pages
    for page, stop in zip(pages, stops, strict=True):
        bars = {bar["sort"]: bar["text"] for bar in stop["bars"]}
        if page not in TELLS:
            continue
        unseen = {name: t("road.bits", lang, n=f"{unseen_bits(TELLS[page], name):.2f}") for name in SETS}
        assert {name: bars[name] for name in SETS} == unseen
        score = load_model(TELLS[page]).score(SENTENCES["en"])
        own = t("road.bits", lang, n=f"{score.bits_per_character:.2f}")
        if (lang, page) == ("zh", "counts"):
            score = load_model("ngram-zh").score(SENTENCES["zh"])
            told = {name: f"{unseen_bits('ngram-zh', name):.2f}" for name in SETS}
            assert stop["fact"].endswith(t("whole.own_unseen", lang, **told))
        else:
            assert bars["own" if lang == "en" else "example"] == own
        assert [cell["word"] for cell in stop["cells"]] == list(score.tokens)
        surprise = [cell["share"] for cell in stop["cells"]]
        assert surprise.index(max(surprise)) == int(score.log_probs.argmin())
    written = stops[-1]["lines"][0]
    assert written["text"] == load_model(MODELS[lang]).translate(SENTENCES[lang]).text
    assert written["number"].startswith("BLEU ")
    context = stops[pages.index("context")]
    glass = load_model(f"bilm-{lang}")
    trace = glass.trace(SENTENCES[lang])
    assert [cell["word"] for cell in context["cells"]] == list(trace.words_of("source").texts)
    halves = np.concatenate((trace["mix.forward_out"], trace["mix.backward_out"]), axis=1)
    row = np.concatenate((trace["embed.out"], trace["embed.out"]), axis=1)
    lengths = np.linalg.norm(halves, axis=1) * np.linalg.norm(row, axis=1)
    np.testing.assert_allclose(
        [cell["share"] for cell in context["cells"]], 1 - (halves * row).sum(1) / lengths, atol=1e-3
    )
    neighbours = {cell["word"]: cell["near"] for cell in stops[2]["cells"]}
    if lang == "en":
        assert neighbours["girl"] == "boy"
    else:
        words, table = load_model("word2vec-zh").target_tokenizer, vectors_of("word2vec-zh")
        read = [word for word in words.split(SENTENCES["zh"]) if words.id_of(word) is not None]
        assert neighbours == {word: table.nearest(word, 2)[1].word for word in read}
    instead = t("whole.instead", lang, text=SENTENCES["en"].replace(".", r"\."))
    assert any(caption.value == instead for caption in at.caption) == (lang == "zh")


def test_a_sentence_that_the_transformer_cannot_take_travels_the_road_all_the_same() -> None:
    long = "The girl who lived near the old mill had a small brown dog that ran after every duck. " * 3
    at = open_page(WHOLE_ROAD, lang="en", model="zh-en", source=long.strip())
    assert len(warnings(at)) == 1  # too long for it
    stops = {stop["href"].partition("?")[0]: stop for stop in components(at)["whole_road"]["stops"]}
    assert [cell["word"] for cell in stops["chain"]["cells"]] == list(load_model("lstm-en").score(long.strip()).tokens)
    assert [line["title"] for line in stops[END]["lines"]] == []  # it translates no English
    sound(at.button(key="take_fitting").click().run())
    assert at.selectbox(key="model").value == "en-fr"
    (line,) = components(at)["whole_road"]["stops"][-1]["lines"]
    assert line["title"] == t("model.en-fr", "en")


def test_the_road_leads_from_stop_to_stop_and_ends_at_the_map() -> None:
    pages = [stop.page for stop in STOPS]
    assert [next_stop(page) for page in pages] == [*pages[1:], END]


@pytest.mark.parametrize("model", ["stories-en", "words-en", "zh-en-prenorm"])
def test_it_is_there_for_every_transformer_and_waits_for_a_sentence(model: str) -> None:
    at = open_page(WHOLE_ROAD, lang="en", model=model, source=SENTENCES["en"])
    assert len(components(at)["whole_road"]["stops"]) == len(STOPS) + 1
    at = open_page(WHOLE_ROAD, lang="en", model=model, source=" ")
    assert warnings(at)
    assert "whole_road" not in components(at)
