"""What the stop of vectors in context shows."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from transformer_core.glass.trace import Trace
from ui.frame.text import escape, t
from ui.parts.choosers import choose_chain
from ui.parts.stepper import Extra
from ui.road.context import nearest_uses, pairs
from ui.road.context.mixing import choose_mix
from ui.road.context.pairs import SECOND, SHARED, choose_pair, pair_of, ready_pairs
from ui.road.context.two_uses import show_two_uses
from ui.road.guess import given_on, show_guess
from ui.road.stop import show_end, show_failure
from ui.state.models import language_of
from ui.state.places import CELL, IN_CONTEXT, READS, RECALLS
from ui.state.view import View

PAGE = "context"
GIVEN = given_on(PAGE, lambda: (SECOND.value, SHARED.value))
OPTIONS = (*pairs.OPTIONS, GIVEN)
READY = "ready_pair"
USES = "uses"


def choose_words(view: View, trace: Trace) -> None:
    """Draw the ready pairs and the field of the second sentence; inside of a chain, the choice of it and of a layer."""
    if view.stage in (READS, RECALLS, CELL):
        choose_chain(view, trace)
        return
    lang, state = view.lang, st.session_state
    pair, ready = pair_of(view), ready_pairs(language_of(view.model))

    def take() -> None:
        if state[READY] in ready:
            choose_pair(view, *ready[state[READY]])

    state[READY] = next((word for word, both in ready.items() if both == (pair.first, pair.second)), None)
    st.pills(t("pairs.ready", lang), list(ready), key=READY, format_func=escape, on_change=take)
    field = "second_sentence"
    state[field] = pair.second
    st.text_input(
        t("pairs.second", lang),
        key=field,
        placeholder=t("pairs.placeholder", lang),
        on_change=_take_second,
        args=(field,),
    )


def _take_second(field: str) -> None:
    SECOND.choose(SECOND.read(st.session_state[field]) or "")
    st.session_state.update(site="", row=None, column=None, trail="")


def context_pictures() -> Mapping[str, Extra]:
    """Return the pictures of the stops."""
    return {IN_CONTEXT: show_two_uses, "out": show_two_uses}


def context_extras(view: View, trace: Trace) -> Mapping[str, Extra]:
    """Return what the stops show below their pictures, and the stops that show no value."""
    return {IN_CONTEXT: choose_mix, USES: nearest_uses.show_uses}


def context_end(view: View, trace: Trace) -> None:
    """Draw what stands below every stop: one number, what fails, one guess, where it lives on."""
    st.divider()
    nearest_uses.show_share(view)
    show_failure(view, PAGE, nearest_uses.tell_failure(view))
    guess = None if view.stage == USES else nearest_uses.guess_nearest(view, trace)  # there the answer stands
    if guess is not None:
        show_guess(view, guess, GIVEN)
    show_end(view, PAGE)
