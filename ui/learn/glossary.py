"""What the glossary shows: every term with its explanation, its name in the other language, and where it matters."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import streamlit as st

from transformer_core.glass.trace import Trace
from ui.frame.page import Page
from ui.frame.terms import TERMS, explanations
from ui.frame.text import LANGUAGES, SEPARATOR, section, t, texts
from ui.learn.components import glossary
from ui.state.session import identify_run, mode
from ui.state.view import View, shortened, to_query


def show_glossary(page: Page, view: View, trace: Trace | None) -> None:
    """Draw all terms, those that fit what the reader types in the field above them, and write the address."""
    lang = view.lang
    told = explanations(None if trace is None else identify_run(view).edited, lang)
    other = next(one for one in LANGUAGES if one != lang)
    names, others = section("term", lang), section("term", other)
    groups = [
        {
            "title": t(f"term_group.{group}", lang),
            "terms": [
                {
                    "id": term,
                    "name": names[term],
                    "other": others[term] if others[term] != names[term] else "",
                    "text": told[term],
                    "places": [_place(view, place) for place in places],
                }
                for term, places in terms.items()
            ],
        }
        for group, terms in TERMS.items()
    ]
    glossary("glossary", groups, section("terms", lang), mode(), _go)
    page.write_address()


def _place(view: View, place: str) -> dict[str, str]:
    """A page on which a term matters, or a stop of it: its name, its address, and what a click tells."""
    page, _, stage = place.partition(":")
    label = t(f"page.{page}", view.lang)
    if stage:
        label = SEPARATOR.join((label, t(f"stop.{stage}", view.lang)))
    at = replace(view, stage=stage, site="", row=None, column=None, trail="")
    return {"label": label, "href": f"{page}?{urlencode(shortened(to_query(at)))}", "place": place}


def _go(place: str) -> None:
    page, _, stage = place.partition(":")
    if f"page.{page}" in texts("en"):
        st.session_state.update(stage=stage, site="", row=None, column=None, trail="", opened=page)
