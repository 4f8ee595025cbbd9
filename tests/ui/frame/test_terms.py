"""The terms of the field: each is explained in two sentences with true numbers, and dotted where a page uses it."""

from __future__ import annotations

import re
from functools import lru_cache

import pytest

from figures.explore.term_facts import term_facts
from tests.cases import crossed
from tests.ui.code import ROOT, files, sections
from tests.ui.opened import EVERY_PAGE, PAGES, components, open_page
from transformer_core.models.files import bundled_models
from ui.frame.terms import TERMS, explanations, fields_of
from ui.frame.text import LANGUAGES, SPACES, coded, dotted, section, t, texts
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL, Asked, get_trace

IDS = tuple(term for terms in TERMS.values() for term in terms)
MARK = re.compile(r"\[\[(\w+)(?:\|([^\]]+))?\]\]")
LINK = re.compile(r"\[[^\]]+\]\(glossary#(\w+)\)")
SOURCE = "我有一只猫"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_term_has_a_name_and_an_explanation_and_nothing_else_has(lang: str) -> None:
    assert set(section("term", lang)) == set(IDS)
    assert len(IDS) > 40
    assert set(section("term_means", lang)) == set(IDS)
    assert set(section("term_here", lang)) | set(section("term_more", lang)) == set(IDS)
    assert set(section("term_group", lang)) == set(TERMS)


def test_every_term_matters_on_pages_and_stops_that_there_are() -> None:
    pages = {page.rpartition("/")[2].removesuffix(".py") for page in EVERY_PAGE}
    for term in IDS:
        places = next(terms[term] for terms in TERMS.values() if term in terms)
        assert places
        for place in places:
            page, _, stage = place.partition(":")
            assert page in pages, term
            assert not stage or f"stop.{stage}" in texts("en"), term


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_mark_is_that_of_a_term(lang: str) -> None:
    found = {mark[1] for text in texts(lang).values() for mark in MARK.finditer(text)}
    assert found <= set(IDS)
    assert len(found) > 30


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_mark_is_seen_only_where_terms_are_dotted(lang: str) -> None:
    key = "value_look.scores_scaled"
    fields = {"d_head": 48, "root": "6.9"}
    name = section("term", lang)["softmax"]
    assert "[" not in t(key, lang, **fields)
    assert f"[{name}](glossary#softmax)" in dotted(key, lang, **fields)
    assert f"\ue000softmax\ue001{name}\ue002" in coded(key, lang, **fields)
    assert section("value_look", lang)["scores_scaled"].format(**fields) == t(key, lang, **fields)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_typed_is_no_mark(lang: str) -> None:
    assert LINK.findall(dotted("bar.unseen", lang, words="[[token]]")) == []


@pytest.mark.parametrize(("model", "lang"), crossed(bundled_models(), LANGUAGES))
def test_an_explanation_has_one_sentence_or_two_and_no_gaps(lang: str, model: str) -> None:
    asked = Asked(model, examples(model)[0], "")
    for term, text in explanations(asked, lang).items():
        assert not re.search(r"[{}\ue000-\ue002]", text), term
        if lang == "zh":
            assert 1 <= text.count("。") <= 2, (term, text)


def test_the_numbers_of_the_explanations_are_those_of_the_run() -> None:
    told = explanations(Asked(DEFAULT_MODEL, SOURCE, ""), "en")
    assert "Your sentence has 6: 我 · 有 · 一 · 只 · 猫 · </s>." in told["token"]
    page = components(open_page("explore/attention.py", source=SOURCE, model=DEFAULT_MODEL, lang="en"))
    assert page["terms"]["terms"]["token"] == ["token", told["token"]]
    other = explanations(Asked(DEFAULT_MODEL, "他很高", ""), "en")
    here = [term for term in IDS if f"term_here.{term}" in texts("en")]
    assert sum(told[term] != other[term] for term in here) > len(here) / 2  # the rest is of the model, not the sentence


def test_the_strongest_look_is_told_with_its_own_weight() -> None:
    trace = get_trace(Asked(DEFAULT_MODEL, SOURCE, ""))
    facts = term_facts(trace)
    layer, head = int(facts["layer"]), int(facts["head"])
    weights = trace[f"decoder.{layer}.cross_attn.weights"][head]
    row, column = trace.written_tokens.index(facts["asks"]), trace.source_tokens.index(facts["answers"])
    assert facts["weight"] == f"{100 * weights[row, column]:.1f} %"
    raw = trace[f"decoder.{layer}.cross_attn.scores_raw"][head, row, column]
    assert float(facts["score"].replace("\N{MINUS SIGN}", "-")) == pytest.approx(raw, abs=1e-3)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_a_run_a_term_is_explained_without_numbers(lang: str) -> None:
    found = texts(lang)
    for term, text in explanations(None, lang).items():
        parts = [found[f"term_means.{term}"], found.get(f"term_more.{term}", "")]
        assert text == SPACES[lang].join(part for part in parts if part), term


def test_an_example_waits_for_all_that_it_names() -> None:
    """A model without an encoder has nothing to say of one; the general sentence stands in."""
    told = explanations(Asked("stories-en", examples("stories-en")[0], ""), "en")
    assert told["encoder"].endswith(texts("en")["term_more.encoder"])
    assert fields_of(texts("en")["term_here.encoder"]) == {"n_encoder", "n_tokens"}


@lru_cache
def used(page: str, lang: str) -> tuple[str, ...]:
    """The texts to be read of a page, as they are sent to the browser."""
    at = open_page(page, source=SOURCE, model=DEFAULT_MODEL, lang=lang)
    found = [one.value for one in (*at.markdown, *at.caption, *at.subheader)]
    for name, data in components(at).items():
        if name == "heading":
            found += [line["look"] for line in data["lines"]]
        elif name in ("player", "forcing", "beam", "choices"):
            found += list(data["words"].values())
    return tuple(found)


# What a page cannot be read without knowing, in either language, and none of which is an everyday word.
UNEVERYDAY = {
    "softmax": ("softmax", "softmax"),
    "layer_norm": ("LayerNorm", "LayerNorm"),
    "residual_stream": ("residual stream", "残差流"),
    "logit": ("logits", "logits"),
    "nat": ("nats", "nat"),
    "entropy": ("entropy", "熵"),
    "mask": ("mask", "掩码"),
    "token": ("token", "词元"),
    "query": ("query", "查询"),
    "teacher_forcing": ("teacher forcing", "教师强制"),
    "kv_cache": ("KV cache", "KV 缓存"),
    "beam_search": ("beam search", "束搜索"),
    "cross_attention": ("cross-attention", "交叉注意力"),
}


@pytest.mark.every_case
@pytest.mark.parametrize(("page", "lang"), crossed(PAGES, LANGUAGES))
def test_a_term_that_a_page_uses_is_dotted_on_it(page: str, lang: str) -> None:
    prose = [text for text in used(page, lang) if not text.startswith("#####")]
    whole = "\n".join(prose)
    marked = set(LINK.findall(whole)) | set(re.findall("\ue000(\\w+)\ue001", whole))
    plain = LINK.sub("", re.sub("\ue000.*?\ue002", "", whole))
    column = LANGUAGES.index(lang)
    missing = {
        term
        for term, words in UNEVERYDAY.items()
        if re.search(
            rf"(?<![\w.-]){re.escape(words[column])}(?![\w.])" if lang == "en" else re.escape(words[column]), plain
        )
        and term not in marked
    }
    assert missing == set()


def test_components_dot_what_is_marked_for_them() -> None:
    """A mark that a component would draw as it is would be seen."""
    scripts = {file.stem: file.read_text(encoding="utf-8") for file in (ROOT / "assets/components").rglob("*.js")}
    dots = set(re.findall(r"(?:makeTold\([^)]*|withTerms\([^)]*)words\.(\w+)", "\n".join(scripts.values())))
    dots |= {"encoder", "decoder"}  # of the map, by the side
    dots |= {"open", "reason_branch"}  # parts of what the player's `tell` says
    dots |= {name for name in section("forcing_words", "en") if name.startswith("tell_")}
    named = {name for file in files("ui") for name in sections(file)}
    for lang in LANGUAGES:
        for key, text in texts(lang).items():
            name, _, last = key.partition(".")
            if MARK.search(text) and any(re.fullmatch(pattern, name) for pattern in named - {"value_look", "term"}):
                assert last in dots, key
