"""The path for a first visit: seven stops from the words that are typed to the words that are written.

A stop is a page, and on a page that is a road one of its stages. Each is a link that keeps the reader's sentence, model
and edits; a plain click goes there within the session.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

import streamlit as st

from transformer_core.glass.walks import attention_kinds
from ui.frame.components import path_strip
from ui.frame.menu import HOME
from ui.frame.text import section, t
from ui.frame.wording import said
from ui.state.models import get_model
from ui.state.session import mode
from ui.state.view import View, shortened, to_query


@dataclass(frozen=True)
class PathStop:
    """One stop of the path.

    Attributes:
        name: of its texts.
        page: on which it is.
        stage: of the page's road, where it has one.
        looks_at: stack and block of the attention that it begins with, as far as the model has it.
        fills: the page in its place for a model that fills in words; "" for the same.
    """

    name: str
    page: str
    stage: str = ""
    looks_at: tuple[str, str] | None = None
    fills: str = ""

    def page_for(self, model: str) -> str:
        """Return the page at which a model, given by its name, is at this stop."""
        return self.fills if self.fills and "fills" in get_model(model).abilities else self.page


ENCODER, CAUSAL, CROSS = ("encoder", "self_attn"), ("decoder", "self_attn"), ("decoder", "cross_attn")
PATH = (
    PathStop("words", "embedding", "tokens", ENCODER),
    PathStop("vectors", "embedding", "out", ENCODER),
    PathStop("looks", "heads", "", CROSS),
    PathStop("arithmetic", "attention", "q", CAUSAL),
    PathStop("layer", "layer", "input"),
    PathStop("next_word", "output", "probs"),
    PathStop("decoding", "unfold", fills="fill"),
)


def number_on_path(page: str, model: str, stage: str = "") -> int | None:
    """Return which stop of a model's path a page is, from 1, at a stage ("" is its first); None if it is none."""
    here = [number for number, stop in enumerate(PATH, 1) if stop.page_for(model) == page]
    exact = [number for number in here if PATH[number - 1].stage == stage]
    if not here or exact:
        return exact[0] if exact else None
    return here[-1] if stage else here[0]


def looked_at(page: str) -> tuple[str, str] | None:
    """Return stack and block of the attention with which the first stop on a page begins."""
    return next((stop.looks_at for stop in PATH if stop.page == page), None)


def show_path(view: View, page: str, number: int | None, comes_next: str, next_run: str = "") -> None:
    """Draw the foot of a page: the stops, as far as it is one of them or leads to them, and what comes next.

    Args:
        view: what the reader sees.
        page: on which the reader is.
        number: of the stop at which the reader stands; None off the path.
        comes_next: the page that follows where the path does not lead on; "" for none.
        next_run: the run that is shown there, where there are edits.
    """
    lang, onward, run = view.lang, None, (view.edits and next_run) or view.run
    on_path = number is not None or page == HOME
    path = PATH if on_path else ()
    stops = [{"label": said(f"path.{stop.name}", view.model, lang), "href": _link(view, stop)} for stop in path]
    following = (number or 0) + 1
    if following <= len(stops):
        label = f"{following} · {stops[following - 1]['label']}"
        onward = {"label": t("onward.next", lang, page=label), "href": stops[following - 1]["href"]}
    elif comes_next:
        label = t("onward.next", lang, page=t(f"page.{comes_next}", lang))
        there = replace(view, stage="", site="", trail="", run=run)
        onward = {"label": label, "href": address_of(comes_next, there)}

    def go(chosen: int) -> None:
        if chosen or following <= len(stops):
            _go(PATH[(chosen or following) - 1], view)
        else:
            st.session_state.update(opened=comes_next, run=run)

    path_strip("path", stops, number or 0, onward, section("path_words", lang), mode(), go)


def _go(stop: PathStop, view: View) -> None:
    """Go to a stop; the page that runs next leads there."""
    fitted = _at(view, stop)
    names = ("stack", "block", "stage", "site", "row", "column", "trail")
    given = (fitted.stack, fitted.block)  # the page that is opened keeps it, and leaves it to the next page
    st.session_state.update(
        {name: getattr(fitted, name) for name in names}, opened=stop.page_for(view.model), attention_given=given
    )


def _link(view: View, stop: PathStop) -> str:
    return address_of(stop.page_for(view.model), _at(view, stop))


def address_of(page: str, view: View) -> str:
    """Return the link to a page that keeps the view."""
    return f"{page}?{urlencode(shortened(to_query(view)))}"


def _at(view: View, stop: PathStop) -> View:
    """The reader's view, at a stop."""
    at = replace(view, stage=stop.stage, site="", row=None, column=None, trail="")
    if stop.looks_at not in attention_kinds(get_model(view.model).plan):
        return at
    stack, block = stop.looks_at
    return replace(at, stack=stack, block=block, layer=view.layer if stack == view.stack else None)
