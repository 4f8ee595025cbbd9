"""Whose models a page shows: what was chosen for those of other pages is kept, and found again on the way back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.state.examples import examples, own_examples
from ui.state.models import GREETING, first_model, reads
from ui.state.road import page_of_model, road_stop
from ui.state.session import OF_A_MODEL
from ui.state.start import take_waiting
from ui.state.view import View


def meet_models(page: str) -> None:
    """Look at a model that the page shows, and at a sentence that it reads.

    It is the one that was looked at last on such pages, with what there was chosen; on a stop of the road one that
    reads the sentence, if there is any.
    """
    state, here, there = st.session_state, page_of_model(st.session_state.model), page if road_stop(page) else ""
    if here != there:
        _left()[here] = {name: state[name] for name in OF_A_MODEL}
        if state.source == state.get("lent"):
            state.source = state.given
        if stands_in() and (not there or reads(first_model(there, state.typed), state.typed)):
            state.source = state.typed
        state.update(_choices(there))
        if there and state.given and state.source == state.given and (own := own_examples(state.model)):
            state.update(source=own[0], lent=own[0])  # until something is typed, a stop begins with one of its own
        take_waiting()
    elif (
        there
        and not reads(state.model, state.source)
        and reads(other := first_model(there, state.source), state.source)
    ):
        state.update(_begins(other) | {"stage": state.stage})
    if there:
        fit_sentence()


def fit_sentence() -> None:
    """Show a model of the road a sentence that it reads: the one that was typed, if it does, else an example."""
    state = st.session_state
    if stands_in() and reads(state.model, state.typed):
        state.source = state.typed
    example = next(iter(examples(state.model)), state.source)
    if not reads(state.model, state.source):
        state.update(typed=state.source, taken=example, source=example)


def stands_in() -> bool:
    """Return whether an example stands in place of what was typed, which no model at hand reads."""
    return bool(st.session_state.source == st.session_state.get("taken"))


def open_elsewhere(page: str, stage: str, **chosen: Any) -> None:
    """Go to a page that shows other models, at one of its stops; `chosen` is what is looked at there."""
    there = page if road_stop(page) else ""
    _left()[there] = {**_choices(there), "stage": stage, "site": "", "trail": "", **chosen}
    st.session_state.update(opened=page, attention_given=None if chosen else st.session_state.attention_given)


def _left() -> dict[str, dict[str, Any]]:
    """What was chosen for the models of pages that the reader has left, by page; "" for all that are off the road."""
    found: dict[str, dict[str, Any]] = st.session_state.setdefault("left", {})
    return found


def _choices(page: str) -> dict[str, Any]:
    """What was chosen on a page, unless its model cannot read the sentence and another of the page can; the first."""
    kept, source = _left().get(page), st.session_state.source
    first = first_model(page, source) if page else GREETING[st.session_state.lang]
    if kept is None or (page and not reads(kept["model"], source) and reads(first, source)):
        return _begins(first)
    return kept


def _begins(model: str) -> dict[str, Any]:
    return {name: getattr(View, name) for name in OF_A_MODEL} | {"model": model}
