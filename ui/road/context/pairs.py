"""Two sentences that hold the same word: ready ones, and a partner for the reader's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import streamlit as st

from transformer_core.glass.errors import GlassformerError
from transformer_core.models.glass import Glass
from transformer_core.studies.road.word_uses import Use, read_uses, word_place
from ui.frame.text import LANGUAGES
from ui.state.models import get_model, language_of
from ui.state.options import Option, tied
from ui.state.session import ready_text
from ui.state.view import View

ROAD = Path(__file__).resolve().parents[3] / "assets" / "road"
SECOND: Option[str] = Option("second", "", lambda text: text if len(text) <= 400 else None)
SHARED: Option[str] = Option("shared", "", lambda text: text if len(text) < 40 else None)
OPTIONS = (SECOND, SHARED)


@dataclass(frozen=True)
class Pair:
    """Two sentences and what they share.

    Attributes:
        first, second: the sentences; the second may be "".
        shared: the words that both hold, in the order of the first.
        word: the one that is looked at; "" where there is none.
    """

    first: str
    second: str
    shared: tuple[str, ...] = ()
    word: str = ""


@lru_cache(maxsize=4)
def labelled(language: str) -> tuple[Use, ...]:
    """Return the uses that a person labelled in a language; none in a language without such a list."""
    return read_uses(ROAD / f"uses.{language}.tsv") if language in LANGUAGES else ()


def senses_of(word: str, language: str) -> dict[str, list[Use]]:
    """Return the labelled uses of a word, by their sense."""
    found: dict[str, list[Use]] = {}
    for use in labelled(language):
        if use.word == word:
            found.setdefault(use.sense, []).append(use)
    return found


def ready_pairs(language: str) -> dict[str, tuple[str, str]]:
    """Return for each labelled word two sentences that use it in two senses."""
    found = {}
    for word in dict.fromkeys(use.word for use in labelled(language)):
        one, other, *_ = senses_of(word, language).values()
        found[word] = (one[0].sentence, other[0].sentence)
    return found


def pair_of(view: View) -> Pair:
    """Return what the page compares: the reader's sentence, the second one or one found for it, and the word."""
    language, first = language_of(view.model), ready_text(view).text
    second = tied(SECOND, language).strip() or _partner(view.model, first)
    shared = _shared(view.model, first, second)
    wanted = tied(SHARED, (first, second))
    known = [word for word in shared if senses_of(word, language)]
    by_length = sorted(shared, key=len, reverse=True)
    word = wanted if wanted in shared else next(iter([*known, *by_length]), "")
    return Pair(first, second, shared, word)


def choose_pair(view: View, first: str, second: str) -> None:
    """Show these two sentences, and run the whole page anew; a second one that is found by itself is no choice."""
    SECOND.choose("" if _partner(view.model, first) == second else second)
    state = st.session_state
    state.update(wished=(first, state.target), site="", row=None, column=None, trail="", opened="context")


@lru_cache(maxsize=256)
def _partner(model: str, first: str) -> str:
    """A labelled sentence that shares a word with this one: a labelled word, in another sense if its own is known."""
    glass, language = get_model(model), language_of(model)
    uses = labelled(language)
    own = next((use for use in uses if use.sentence == first), None)
    if own is not None:
        others = [use for use in uses if use.word == own.word and use.sense != own.sense]
        return others[0].sentence
    held = [use for use in uses if use.sentence != first and _holds(glass, first, use.word)]
    if held:
        return held[0].sentence
    longest = max(uses, key=lambda use: max(map(len, _shared(model, first, use.sentence)), default=0), default=None)
    return "" if longest is None or not _shared(model, first, longest.sentence) else longest.sentence


@lru_cache(maxsize=1024)
def _shared(model: str, first: str, second: str) -> tuple[str, ...]:
    """The words of the first sentence that the second holds as well."""
    glass, language = get_model(model), language_of(model)
    letters = r"[^\W\d_]" if language == "zh" else r"[^\W\d_]+"
    words = dict.fromkeys(word.lower() for word in re.findall(letters, first))
    return tuple(word for word in words if _holds(glass, first, word) and _holds(glass, second, word))


def _holds(glass: Glass, sentence: str, word: str) -> bool:
    try:
        word_place(glass, sentence, word)
    except GlassformerError:
        return False
    return True
