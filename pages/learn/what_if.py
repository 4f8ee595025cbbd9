"""Page: what if? Edits of a run, what each does to the words, and how far it spreads."""

from __future__ import annotations

import streamlit as st

from ui.frame.bar import show_words
from ui.frame.compose import show_bench
from ui.frame.experiments import choose_experiment
from ui.frame.text import t
from ui.learn.studies import STUDIES, show_studies
from ui.learn.what_if import show_effect
from ui.parts.components import address
from ui.state.options import read_link, to_link
from ui.state.session import current_view, opened_page, show_problems, traced
from ui.state.view import to_query

PAGE = "what_if"


def main() -> None:
    if page := opened_page(PAGE):
        st.switch_page(page)
    view = current_view()
    show_problems(view.lang, read_link(*STUDIES))
    trace = traced(view)
    if trace is None:
        address(to_query(view) | to_link(*STUDIES), PAGE)
        return
    show_words(view, trace)
    st.markdown(t("what_if.lead", view.lang))
    choose_experiment(view)
    with st.expander(t("what_if.own", view.lang)):
        show_bench(trace)
    show_effect(view)
    show_studies(PAGE)


main()
