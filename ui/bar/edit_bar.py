"""The chip of edits in the line of the sentence, which unfolds to their list. Without edits, nothing of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from transformer_core.glass.errors import GlassformerError
from transformer_core.glass.trace import Trace
from ui.bar.edit_words import describe
from ui.frame.components import edit_chips
from ui.frame.text import say_error, section, t
from ui.parts.wires import EditsData
from ui.state.edit_list import InEffect, entries, in_effect, switched, without
from ui.state.models import Asked, get_trace
from ui.state.session import current_view, identify_run, mode
from ui.state.view import RUNS, View


def show_edits() -> None:
    """Draw the edits, each with its switch, and which run is shown; what a click changes is kept in the session."""
    if not st.session_state.edits:
        return
    view = current_view()
    plain = identify_run(replace(view, run="original"))
    try:
        trace = get_trace(plain)
    except GlassformerError:
        return  # the page says what is wrong with the sentence
    state, found = st.session_state, in_effect(plain, view.edits)

    def toggle(number: int) -> None:
        state.edits = switched(state.edits, number)

    def remove(number: int) -> None:
        state.edits = without(state.edits, number)

    def choose(run: str) -> None:
        state.run = run if run in RUNS else state.run

    data: EditsData = {
        "chips": _chips(view, trace, plain, found),
        "run": view.run,
        "runs": [[run, t(f"edit_run.{run}", view.lang)] for run in RUNS],
        "note": t(f"edit_run.{view.run if found.text else 'idle'}_note", view.lang),
        "words": section("edit_bar", view.lang),
    }
    refused = found.refused is not None or bool(found.problems)
    label = t("edit_bar_said.chip", view.lang, n=len(data["chips"]), run=t(f"edit_run.{view.run}", view.lang))
    icon = ":material/block:" if refused else ":material/tune:"
    with st.popover(label, icon=icon, key="edits_chip"):
        edit_chips("edits_bar", data, mode(), toggle, remove, choose)
        _warn(view, plain, found)


def show_no_steps(lang: str) -> None:
    """Say that the run has no steps: under its edits a word depends on later ones."""
    st.warning(t("edit_bar_said.no_steps", lang), icon=":material/block:")


def _chips(view: View, trace: Trace, plain: Asked, found: InEffect) -> list[dict[str, Any]]:
    """One for each edit of the list: what it does, whether it is on, and what there is to say of it."""
    lang = view.lang
    neutral: set[int] = set()
    if found.text:
        changed = get_trace(replace(plain, edits=found.text)).changed
        neutral = {number for number, moves in zip(found.entries, changed, strict=True) if not moves}
    chips = []
    for number, entry in enumerate(entries(view.edits)):
        problem = found.problems.get(number)
        if problem is not None:
            said = {"text": entry.text, "note": _plain_error(problem, lang)}
        else:
            note = t("edit_bar_said.neutral", lang) if number in neutral else ""
            said = {"text": describe(found.edits[number], trace, view.model, lang), "note": note}
        chips.append({**said, "on": entry.on, "bad": problem is not None})
    return chips


def _warn(view: View, plain: Asked, found: InEffect) -> None:
    """Say what holds of all edits together."""
    if found.refused is not None:
        reason = say_error(found.refused, view.lang)
        st.warning(t("edit_bar_said.refused", view.lang, reason=reason), icon=":material/block:")
    elif found.text and get_trace(replace(plain, edits=found.text)).breaks_causality:
        st.warning(t("edit_bar_said.causality", view.lang), icon=":material/fast_rewind:")


def _plain_error(error: GlassformerError, lang: str) -> str:
    """What went wrong as plain text, for a component: it shows no Markdown."""
    return t(f"error.{error.code}", lang, **error.fields)
