"""Whose models a page shows: what was chosen for those of other pages is kept, and found again on the way back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui.state.models import GREETING, first_model, reads
from ui.state.road import page_of_model, road_stop
from ui.state.view import View

# What was chosen for a model and means nothing to another one.
_OF_A_MODEL = (
    "model",
    *("target", "stack", "block", "layer", "head"),
    *("stage", "site", "row", "column", "trail"),
    *("edits", "run"),
)


def meet_models(page: str) -> None:
    """Look at a model that the page shows: the one that was looked at last on such pages, and what there was chosen."""
    state, here, there = st.session_state, page_of_model(st.session_state.model), page if road_stop(page) else ""
    if here == there:
        return
    _left()[here] = {name: state[name] for name in _OF_A_MODEL}
    if state.source == state.get("taken") and (not there or reads(first_model(there, state.typed), state.typed)):
        state.source = state.typed
    state.update(_choices(there))


def open_elsewhere(page: str, stage: str) -> None:
    """Go to a page that shows other models, at one of its stops."""
    there = page if road_stop(page) else ""
    _left()[there] = {**_choices(there), "stage": stage, "site": "", "trail": ""}
    st.session_state.opened = page


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
    return {name: getattr(View, name) for name in _OF_A_MODEL} | {"model": model}


def take_instead(example: str) -> None:
    """Show an example in place of a sentence that the models of the road cannot read, until the reader leaves it."""
    st.session_state.update(typed=st.session_state.source, taken=example, source=example)
