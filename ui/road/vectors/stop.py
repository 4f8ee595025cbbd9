"""What the stop of word vectors shows."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import streamlit as st

from figures.base.labels import number
from transformer_core.glass.trace import Trace
from ui.frame.text import dotted, t
from ui.parts.stepper import Extra
from ui.road import word_map
from ui.road.guess import Guess, given_on, show_guess
from ui.road.stop import show_end, show_failure
from ui.road.vectors import analogies, odd, pulling
from ui.road.word_map import vectors_of
from ui.state.view import View

PAGE = "vectors"
GIVEN = given_on(PAGE)
OPTIONS = (*pulling.OPTIONS, word_map.GROUPS, word_map.WORD, *analogies.OPTIONS, odd.WORDS, GIVEN)


def choose_nothing(view: View, trace: Trace) -> None:
    """Draw no choices: the model has no layers."""


def vectors_pictures() -> Mapping[str, Extra]:
    """Return the pictures of the stops."""
    return {"near": pulling.show_step}


def vectors_extras(view: View, trace: Trace) -> Mapping[str, Extra]:
    """Return what the stops show below their pictures, and the stops that show no value."""
    return {
        "map": word_map.show_map,
        "analogy": analogies.show_analogy,
        "odd": odd.show_odd,
        "senses": analogies.show_senses,
    }


def vectors_end(view: View, trace: Trace) -> None:
    """Draw what stands below every stop: one number, what fails, one guess, where it lives on."""
    lang = view.lang
    st.divider()
    asked, right = analogies.totals(view.model)
    st.metric(t("analogy.number", lang), f"{number(100 * right / max(1, asked), 1)} %")
    st.caption(dotted("analogy.no_bits", lang))
    show_failure(view, PAGE, analogies.tell_failure(view))
    pairs = _pairs(trace)
    if len(pairs) > 1:
        names = [" · ".join(pair) for pair in pairs]
        show_guess(view, Guess(PAGE, names, lambda: _cosines(view, pairs), _two_digits), GIVEN)
    show_end(view, PAGE)


def _pairs(trace: Trace) -> list[tuple[str, str]]:
    """The neighbours of the sentence that are two words, each pair once."""
    words = [word.text for word in trace.words_of(trace.plan.word_lists[0].name).read]
    return list(dict.fromkeys((one, other) for one, other in pairwise(words) if one != other))


def _cosines(view: View, pairs: list[tuple[str, str]]) -> list[float]:
    vectors = vectors_of(view.model)
    return [float(vectors.rows[vectors.row(one)] @ vectors.rows[vectors.row(other)]) for one, other in pairs]


def _two_digits(cosine: float) -> str:
    return number(cosine, 2)
