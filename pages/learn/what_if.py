"""Page: what if? Edits of a run, what each does to the words, and how far it spreads."""

from __future__ import annotations

import streamlit as st

from transformer_core.glass.trace import Trace
from ui.bar.compose import show_bench
from ui.frame.experiments import choose_experiment, show_look
from ui.frame.page import Page
from ui.frame.text import dotted, t
from ui.learn.studies import STUDIES, show_studies
from ui.learn.what_if import show_effect
from ui.state.view import View

PAGE = Page("what_if", "architecture", STUDIES, next_run="difference")


def main(view: View, trace: Trace) -> None:
    choose_experiment(view)
    show_effect(view)
    show_look(view)
    with st.expander(t("what_if.own", view.lang)):
        show_bench(trace)
    st.caption(dotted("what_if.lead", view.lang))
    show_studies(PAGE.name)


PAGE.show(main)
