"""Sums of word vectors: the analogy with its inputs among the answers, the score over many, and words of two senses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, cast

import streamlit as st

from figures.base.labels import number
from figures.base.theme import theme
from figures.road.analogies import right_by_group
from transformer_core.ancestors.vectors import Neighbour, read_analogies
from transformer_core.glass.errors import ArgumentError, GlassformerError
from transformer_core.glass.trace import Trace
from ui.frame.text import LANGUAGES, dotted, escape, say_error, section, t
from ui.parts.charts import chart
from ui.parts.wires import NearestData
from ui.road.components import nearest
from ui.road.word_map import ROAD, vectors_of, words_language
from ui.state.models import get_model, language_of, model_names, model_title
from ui.state.options import Option, OptionOf, flag
from ui.state.session import mode
from ui.state.view import View

PAGE = "vectors"
LISTED, FREQUENT = 8, 8000


def of_words(name: str, read: Callable[[str], str | None]) -> Option[str]:
    """Return a choice of words, which belongs to the language of the model: each begins with words of its own."""
    firsts = {language: begins(language)[name] for language in LANGUAGES}
    return OptionOf(name, firsts[LANGUAGES[0]], read, belongs=words_language, firsts=firsts)


@lru_cache(maxsize=len(LANGUAGES))
def begins(language: str) -> dict[str, str]:
    """Return with which words each choice begins in a language."""
    lines = (ROAD / f"begins.{language}.txt").read_text(encoding="utf-8").splitlines()
    return {name: words.strip() for name, _, words in (line.partition(":") for line in lines)}


def _word(text: str) -> str | None:
    return text if 0 < len(text) <= 40 else None


GIVEN, PARTNER, ASKED = (of_words(name, _word) for name in "abc")
STRIKE: Option[bool] = Option("strike", False, flag, lambda value: str(int(value)))


def _sense(text: str) -> str | None:
    return text if any(text in senses(language) for language in LANGUAGES) else None


SENSE = of_words("sense", _sense)
OPTIONS = (GIVEN, PARTNER, ASKED, STRIKE, SENSE)


def show_analogy(view: View, trace: Trace) -> None:
    """Draw the answer of every table to a : b = c : ?, and below it how many of all questions each gets right."""
    lang, picture = view.lang, st.container()
    columns = st.columns([2, 2, 2, 3], vertical_alignment="bottom")
    for option, column in zip((PARTNER, GIVEN, ASKED), columns, strict=False):
        column.text_input(t(f"analogy.{option.name}", lang), max_chars=40, **option.widget())
    columns[3].toggle(t("analogy.strike", lang), **STRIKE.widget())
    asked = tuple(option.value.strip() for option in (GIVEN, PARTNER, ASKED))
    with picture:
        alike = [name for name in model_names(PAGE) if language_of(name) == language_of(view.model)]
        _show_lists([_answer(name, asked, lang) for name in alike], lang, struck=STRIKE.value)
    st.markdown(dotted("analogy.look", lang))
    _show_score(view)


def _answer(model: str, asked: Sequence[str], lang: str) -> dict[str, Any]:
    title = model_title(model, lang)
    try:
        given, partner, third = asked
        found = vectors_of(model).analogy(given, partner, third, LISTED)
    except ArgumentError as error:
        return {"title": title, "told": t("analogy.unknown", lang, word=error.fields["value"]), "items": []}
    best = next((one.word for one in found if not one.is_input), "")
    return {"title": title, "told": t("analogy.best", lang, word=best), "items": _items(found)}


def _items(found: Sequence[Neighbour]) -> list[dict[str, Any]]:
    return [{"text": one.word, "cosine": round(one.cosine, 4), "input": one.is_input} for one in found]


def _show_lists(lists: list[dict[str, Any]], lang: str, *, struck: bool) -> None:
    words = section("nearest_words", lang)
    nearest("nearest", cast(NearestData, {"lists": lists, "struck": struck, "picture": True, "words": words}), mode())


def _show_score(view: View) -> None:
    lang, found = view.lang, scored(view.model)
    asked, right = totals(view.model)
    share = number(100 * right / max(1, asked), 1)
    st.markdown(f"##### {t('analogy.score_title', lang, n=asked)}")
    st.markdown(dotted("analogy.score", lang, n=asked, right=right, share=share))
    words = section("analogy_words", lang)
    names = {name: t(f"analogy_group.{name.replace('-', '_')}", lang) for name in found}
    figure = right_by_group({names[name]: row for name, row in found.items()}, words, theme(mode()))
    chart(figure, "analogy_groups", t("analogy.score_title", lang, n=asked))


@lru_cache(maxsize=8)
def scored(model: str) -> dict[str, tuple[int, int]]:
    """Return how many analogies of each group could be asked, and how many were right at first, inputs left out."""
    vectors = vectors_of(model)
    found = {}
    for name, questions in read_analogies(ROAD / f"analogies.{words_language(model)}.txt").items():
        asked, first, _ = vectors.score_analogies(questions, FREQUENT)
        if asked:
            found[name] = (asked, first)
    return found


def totals(model: str) -> tuple[int, int]:
    """Return how many analogies could be asked in all, and how many were right at first."""
    asked, right = (sum(row[n] for row in scored(model).values()) for n in (0, 1))
    return asked, right


def tell_failure(view: View) -> str:
    """Return that a word of two meanings has one vector, and which words it is near."""
    lang, word, sentences = view.lang, SENSE.value, senses(words_language(view.model))
    if word not in sentences:  # a link may name one of another language
        return ""
    try:
        near = [one.word for one in vectors_of(view.model).nearest(word, 4)[1:]]
    except ArgumentError:
        return ""
    one, other = (escape(sentence) for sentence in sentences[word])
    told = {"word": escape(word), "one": one, "other": other, "near": escape(", ".join(near))}
    apart = _apart(view.model, word)
    return dotted("senses.fails", lang, apart=number(apart) if apart else "0", **told)


@lru_cache(maxsize=len(LANGUAGES))
def senses(language: str = LANGUAGES[0]) -> dict[str, tuple[str, str]]:
    """Return two sentences for each word of two senses, in a language."""
    text = (ROAD / f"two_senses.{language}.txt").read_text(encoding="utf-8")
    lines = (line.split("\t") for line in text.splitlines())
    return {word: (one, other) for word, one, other in lines}


def show_senses(view: View, trace: Trace) -> None:
    """Draw a word in two sentences: it has the same vector in both, and one list of neighbours."""
    lang, picture, sentences = view.lang, st.container(), senses(words_language(view.model))
    if SENSE.value not in sentences:  # a link may name one of another language
        SENSE.choose(SENSE.first)
    st.selectbox(t("senses.word", lang), list(sentences), **SENSE.widget())
    word = SENSE.value
    try:
        found = vectors_of(view.model).nearest(word, LISTED + 1)
        apart = _apart(view.model, word)
    except GlassformerError as error:
        st.warning(say_error(error, lang), icon=":material/edit:")
        return
    lists = [{"title": t("senses.near", lang, word=word), "told": "", "items": _items(found[1:])}]
    with picture:
        told = [escape(one).replace(word, f":primary[**{word}**]", 1) for one in sentences[word]]
        st.markdown("\n\n".join(f"#### {one}" for one in told))
        st.markdown(dotted("senses.same", lang, word=escape(word), apart=number(apart) if apart else "0"))
        _show_lists(lists, lang, struck=False)
    st.markdown(dotted("senses.look", lang))


@lru_cache(maxsize=64)
def _apart(model: str, word: str) -> float:
    """The largest difference between the vectors that a model reads the word by in both sentences."""
    glass, rows = get_model(model), []
    for sentence in senses(words_language(model))[word]:
        trace = glass.trace(sentence)
        words = trace.words_of(trace.plan.word_lists[0].name)
        rows.append(trace["embed.out"][words.texts.index(word)])
    return float(abs(rows[0] - rows[1]).max())
