"""Above every formula stands a sentence in the reader's own words, with the number of the run."""

from __future__ import annotations

import pytest

from figures.base.labels import number
from tests.core.tiny import VARIANTS, make_model, trace_of
from tests.ui.opened import components, open_page
from transformer_core.glass.sites import all_sites
from ui.frame.text import LANGUAGES, t, texts
from ui.parts.focus import Focus
from ui.parts.sentence import sentence
from ui.state.models import DEFAULT_MODEL, Asked, get_trace
from ui.state.values import find_value

SOURCE = "汤姆昨天买了一本书。"


def shown(page: str, **query: object) -> str:
    told: str = components(open_page(f"explore/{page}.py", source=SOURCE, **query))["explain"]["sentence"]
    return told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_weight_is_said_with_the_word_that_is_written_and_the_one_it_looks_at(lang: str) -> None:
    trace = get_trace(Asked(DEFAULT_MODEL, SOURCE, ""))
    row, column = trace.written_tokens.index("bought"), trace.source_tokens.index("买")
    share = float(trace["decoder.2.cross_attn.weights"][1, row, column])
    told = shown("attention", lang=lang, stage="weights", layer=2, head=1, cell=f"{row},{column}")
    assert told == t("sentence.weights", lang, row="bought", column="买", percent=f"{100 * share:.1f} %")
    # Where it looks back, a row reads one word and writes another.
    told = shown(
        "attention", lang=lang, stage="scores", stack="decoder", block="self_attn", layer=2, head=1, cell=f"{row},3"
    )
    both = f"{trace.target_tokens[row]} → bought"
    minus = number(float("-inf"))
    assert told == t("sentence.scores_shut", lang, row=both, column=trace.target_tokens[3], value=minus)


def test_a_vector_a_probability_and_a_parameter() -> None:
    trace = get_trace(Asked(DEFAULT_MODEL, SOURCE, ""))
    told = shown("layer", lang="en", stage="ln1", stack="encoder", layer=0, cell="3,7", site="encoder.0.ln1.out")
    value = number(float(trace["encoder.0.ln1.out"][3, 7]))
    assert told == t("sentence.vector", "en", row=trace.source_tokens[3], column=7, value=value)
    word = int(trace["src_embed.tokens"][3])
    told = shown("embedding", lang="en", stage="tokens", stack="encoder", cell="3,0")
    assert told == t("sentence.tokens", "en", row=trace.source_tokens[3], value=word)
    word = int(
        trace["tgt_embed.tokens"][2]
    )  # a row of the decoder writes a word, too: the number is of the one it reads
    told = shown("embedding", lang="en", stage="tokens", stack="decoder", cell="2,0")
    assert told == t("sentence.tokens", "en", row=trace.target_tokens[2], value=word)
    best = int(trace["head.probs"][0].argmax())
    told = shown("output", lang="en", stage="probs", cell=f"0,{best}")
    assert trace.written_tokens[0] in told
    assert f"{100 * float(trace['head.probs'][0, best]):.1f} %" in told
    assert shown("attention", lang="en", site="decoder.2.cross_attn.W_Q", stage="parameter") == ""


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_value_has_a_sentence_with_all_its_places_filled(variant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = trace_of(make_model(VARIANTS[variant]))
    monkeypatch.setattr("ui.parts.sentence.reader", lambda model, words: lambda i: trace.writing.read[0])
    for site in all_sites(trace.plan):
        value = find_value(trace.plan, site.key)
        cells = value.sheet(trace, 0)
        rows, columns = cells.shape
        for lang in LANGUAGES:
            told = sentence("", trace, Focus(value, cells, 0, rows - 1, columns - 1), lang)
            assert told
            assert "{" not in told
            assert told != "sentence"
    assert {key for key in texts("en") if key.startswith("sentence.")}
