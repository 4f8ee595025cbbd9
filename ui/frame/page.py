"""A page, declared: its address, its own choices in the link, what it asks of a model, and the page that comes next.

Every page is a `Page` and a body. What is the same for all of them stands here: the way in from a click on another page
(router), what a link got wrong, what a model cannot do, the address (state), its number on the path of a first visit,
and the way on at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from transformer_core.glass.trace import Trace
from ui.bar.able import offer_able
from ui.bar.bar import show_words
from ui.bar.edit_bar import show_no_steps
from ui.bar.foreign import show_foreign
from ui.frame.components import address
from ui.frame.masthead import show_number
from ui.frame.menu import HOME, page_path
from ui.frame.path import PATH, looked_at, number_on_path, show_path
from ui.frame.terms import show_terms
from ui.state.models import Need
from ui.state.options import Option, read_link, to_link
from ui.state.session import begin_at, current_view, opened_page, show_problems, traced
from ui.state.view import Problem, View, to_query

Body = Callable[[View, Trace], None]


@dataclass(frozen=True)
class Page:
    """What the app has to know of a page.

    Attributes:
        name: its address, and the name of its texts.
        comes_next: the page to which the reader is led, where the path does not lead on.
        options: its own choices, which stand in its link.
        needs: what it asks of a model.
        looks_at: stack and block of the attention with which it begins, where it is no stop of the path, which knows.
        next_run: the run that the page that comes next shows, where there are edits; "" for the same.
        steps: whether it shows the steps of a decoding, which a run lacks in which a word hangs on later ones.
        words: returns the run whose words stand in the bar, where it is another than the view's, and adds what it finds
            wrong with the link.
    """

    name: str
    comes_next: str = ""
    options: tuple[Option[Any], ...] = ()
    needs: Need | None = None
    looks_at: tuple[str, str] | None = None
    next_run: str = ""
    steps: bool = False
    words: Callable[[View, list[Problem]], Trace] | None = None

    def show(
        self,
        body: Body,
        stage_at: Callable[[View, Trace], str] | None = None,
        without: Callable[[View], None] | None = None,
    ) -> None:
        """Draw the page, or say why there is nothing to draw.

        Args:
            body: draws what is its own, and its address.
            stage_at: returns the stage at which the reader stands, where the page is a road.
            without: draws a page that has something to show without a run, too.
        """
        if page := opened_page(self.name):
            st.switch_page(page_file(page))
        if looks_at := self.looks_at or looked_at(self.name):
            begin_at(looks_at)
        view, problems = current_view(), read_link(*self.options)
        show_foreign(view)
        trace = traced(view, self.needs)
        stage = "" if stage_at is None or trace is None else stage_at(view, trace)
        number = number_on_path(self.name, view.model, stage)
        if number is not None:
            show_number(self.name, view.lang, number, len(PATH))
        if trace is not None:
            words = trace if self.words is None else self.words(view, problems)
            show_words(view, words, large=self.name == HOME)
        show_problems(view.lang, problems)
        if self.needs is not None:
            offer_able(view, self.needs)
        if trace is None:
            (self.write_address if without is None else partial(without, view))()
        elif self.steps and trace.breaks_causality:
            show_no_steps(view.lang)
            self.write_address()
        else:
            body(view, trace)
        show_path(current_view(), self.name, number, self.comes_next, self.next_run)
        show_terms(view, trace)

    def write_address(self) -> None:
        """Write the view and the page's own choices into the browser's address; once a run."""
        address(to_query(current_view()) | to_link(*self.options), self.name)


def page_file(name: str) -> str:
    """Return the file of a page as Streamlit names it: from the folder of the running script."""
    return f"../{page_path(name)}"
