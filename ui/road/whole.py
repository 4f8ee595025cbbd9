"""The whole road: every stop with the reader's sentence, one number, what hurt, and where its idea lives on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from figures.base.labels import number
from figures.base.theme import theme
from figures.road.whole import bars, moved_cells, neighbour_cells, surprise_cells
from transformer_core.glass.errors import GlassformerError
from transformer_core.models.answers import Score
from transformer_core.studies.road.word_plane import cosines_of
from transformer_core.studies.road.word_uses import vectors_at
from transformer_core.text.word_tokenizer import WordTokenizer
from ui.frame.page import Page
from ui.frame.path import address_of
from ui.frame.text import LANGUAGES, dotted, escape, say_error, section, t
from ui.parts import hearing
from ui.parts.cards import card_of
from ui.road.components import whole_road
from ui.road.context.nearest_uses import neighbours
from ui.road.unseen import SETS, unseen_bits
from ui.road.vectors.analogies import totals
from ui.road.word_map import vectors_of
from ui.state.examples import on_road
from ui.state.models import get_model, language_of, model_names, model_title, reads
from ui.state.own_models import own_models
from ui.state.road import END, STOPS, RoadStop, family_of
from ui.state.session import mode, ready_text, takes_target
from ui.state.view import View

TELLER = "stories-en"  # the Transformer that reads what the road reads, in the same pieces
MEASURED = "en"  # the language of the unseen sentences at every stop: only what tells the same text compares
KEPT = 256  # sentences of a model


@dataclass
class Seen:
    """What a stop makes of the sentence.

    Attributes:
        cells: the words of one model, with what it says of each.
        title: of this model.
        lines: what models write: title, text and number.
        bits: bits a character: of the sentence, own or an example, and of the unseen sets.
        fact: another number.
    """

    cells: list[dict[str, Any]] = field(default_factory=list)
    title: str = ""
    lines: list[dict[str, str]] = field(default_factory=list)
    bits: dict[str, float] = field(default_factory=dict)
    fact: str = ""


def show_road(page: Page, view: View) -> None:
    """Draw the whole road, and write the address; no road without a sentence.

    It needs no run of the reader's model: that one may read another language, or less than the models of the road.
    """
    lang = view.lang
    text = ready_text(view).text
    if not text:
        page.write_address()
        return
    seen = [_look(text, lang, _models(stop, text), _measured(model_names(stop.page))) for stop in STOPS]
    seen.append(_look(text, lang, _transformers(view), TELLER))
    names = {name: t(f"whole.{name}", lang) for name in ("own", "example", *SETS)}
    numbers = bars([one.bits for one in seen], names, t("road.bits", lang, n="{n}"))
    stops = [_wire(view, stop, one, bar) for stop, one, bar in zip((*STOPS, None), seen, numbers, strict=True)]
    st.markdown(f"**{t('whole.how', lang)}**")

    def go(told: Any) -> None:
        row = hearing.whole(told, below=len(stops))
        st.session_state.opened = STOPS[row].page if row < len(STOPS) else END

    def live(told: Any) -> None:
        stop = STOPS[hearing.whole(told, below=len(STOPS))]
        at = _where_it_lives(view, stop)
        names = ("stack", "block", "stage", "site", "trail")
        st.session_state.update({name: getattr(at, name) for name in names}, opened=stop.lives[0])

    palette, words = list(theme(mode()).weights), section("road_words", lang)
    whole_road("whole_road", {"stops": stops, "palette": palette, "words": words}, mode(), go=go, live=live)
    if not reads(TELLER, view.source):
        st.caption(dotted("whole.instead", lang, text=escape(on_road(MEASURED)[0])))
    st.caption(f"{dotted('whole.more', lang)} {dotted('whole.number', lang)}")
    page.write_address()


def _models(stop: RoadStop, source: str) -> tuple[str, ...]:
    """The first model of a stop that reads the sentence; of those that translate, the first of each family."""
    names = model_names(stop.page)
    able = [name for name in names if reads(name, source)] or list(names[:1])
    if "translates" not in get_model(able[0]).abilities:
        return (able[0],)
    firsts = (next((name for name in able if family_of(name) == family), "") for family in stop.families)
    return tuple(filter(None, firsts))


def _transformers(view: View) -> tuple[str, ...]:
    """The Transformer that tells words, and the reader's own if it translates the sentence."""
    translates = takes_target(view.model) and reads(view.model, view.source)
    return (TELLER, view.model) if translates else (TELLER,)


def _measured(names: Sequence[str]) -> str:
    """The model of a stop that tells the unseen sentences; "" if none does."""
    tells = (name for name in names if "predicts_next" in get_model(name).abilities)
    return next((name for name in tells if language_of(name) == MEASURED), "")


def _look(source: str, lang: str, models: Sequence[str], measured: str) -> Seen:
    """What models make of the sentence, or of an example that they read in its place."""
    seen = Seen()
    if measured:
        seen.bits = {name: unseen_bits(measured, name) for name in SETS}
    for model in models:
        own = reads(model, source)
        text = source if own else on_road(language_of(model))[0]
        abilities = get_model(model).abilities
        try:
            if "translates" in abilities:
                written = _written(model, text)
                seen.lines.append({"title": model_title(model, lang), "text": written, "number": _score_of(model)})
            elif "predicts_next" in abilities:
                score = _score(model, text)
                seen.cells = surprise_cells(score.tokens, score.log_probs.tolist(), section("road_cell", lang)["tell"])
                seen.title = model_title(model, lang)
                if model == measured:
                    sort = "own" if own else "example"
                    seen.bits = {sort: score.bits_per_character, **seen.bits}
                else:
                    seen.fact = t("whole.own_bits", lang, n=number(score.bits_per_character, 2))
                    if language_of(model) in LANGUAGES:  # a reader's own model may read another one
                        unseen = {name: number(unseen_bits(model, name), 2) for name in SETS}
                        seen.fact += t("whole.own_unseen", lang, **unseen)
            elif "embeds" in abilities:
                seen.cells = moved_cells(*_moved(model, text), section("road_cell", lang)["moved"])
                found, seen.title = neighbours(model), model_title(model, lang)
                facts = {"share": found.right.mean(axis=0)[1:].max(), "chance": found.chance}
                seen.fact = t("whole.senses", lang, **{name: f"{100 * one:.0f}" for name, one in facts.items()})
            elif "vectors" in abilities:
                asked, right = totals(model)
                seen.cells, seen.title = neighbour_cells(_neighbours(model, text)), model_title(model, lang)
                seen.fact = t("whole.analogies", lang, share=number(100 * right / max(1, asked), 1))
        except GlassformerError as error:
            seen.lines.append({"title": model_title(model, lang), "text": say_error(error, lang), "number": ""})
    return seen


@lru_cache(maxsize=KEPT)
def _score(model: str, text: str) -> Score:
    return get_model(model).score(text)


@lru_cache(maxsize=KEPT)
def _written(model: str, text: str) -> str:
    return get_model(model).translate(text).text


@lru_cache(maxsize=KEPT)
def _neighbours(model: str, text: str) -> tuple[tuple[str, str], ...]:
    """The words of a text that have a vector, each with the nearest other word."""
    tokenizer, vectors = get_model(model).target_tokenizer, vectors_of(model)
    assert isinstance(tokenizer, WordTokenizer)
    words = tokenizer.pieces(tokenizer.encode(text))
    return tuple((word, vectors.nearest(word, 2)[1].word) for word in words)


@lru_cache(maxsize=KEPT)
def _moved(model: str, text: str) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The words of a text, and how far the mix of two chains has gone from the row of each: 1 minus the cosine."""
    trace = get_model(model).trace(text)
    words = trace.words_of(trace.plan.word_lists[0].name).texts
    vectors = np.stack([vectors_at(trace, i, i) for i in range(len(words))])  # [L, N, D]
    return tuple(words), tuple((1 - cosines_of(vectors[:, 0], vectors[:, -1])).tolist())


@lru_cache(maxsize=KEPT)
def _score_of(model: str) -> str:
    """The score of a translator, as its card tells it; "" where it has no card."""
    found = None if model in own_models() else re.search(r"BLEU [\d.]+", card_of(model))
    return found[0] if found else ""


def _wire(view: View, stop: RoadStop | None, seen: Seen, bar: list[dict[str, Any]]) -> dict[str, Any]:
    """A stop as our component draws it; None is the Transformer, where the road ends."""
    lang, page = view.lang, END if stop is None else stop.page
    at = replace(view, stage="", site="", trail="")
    lives = None
    if stop is not None:
        there = stop.lives[0]
        label = t("whole.lives", lang, page=t(f"page.{there}", lang))
        lives = {"label": label, "href": address_of(there, _where_it_lives(view, stop))}
    texts = {name: t(f"whole_{name}.{page}", lang) for name in ("name", "when", "idea", "pain")}
    return {
        **texts,
        "href": address_of(page, at),
        "lives": lives,
        "title": seen.title,
        "cells": seen.cells,
        "lines": seen.lines,
        "bars": bar,
        "fact": seen.fact,
    }


def _where_it_lives(view: View, stop: RoadStop) -> View:
    """The reader's view of the Transformer, where the idea of a stop lives on."""
    stack, block = stop.looks_at or (view.stack, view.block)
    return replace(view, stack=stack, block=block, stage=stop.lives[1], site="", trail="")
