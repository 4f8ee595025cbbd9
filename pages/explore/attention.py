"""Page: inside one head, from Q, K and V to the weights and what they carry, one stage at a time."""

from __future__ import annotations

import streamlit as st

from figures.head_values import head_values
from transformer_core.trace import Trace
from ui.bar import show_words
from ui.components import address
from ui.head import choose_cell, choose_head, choose_stage, show_pictures, show_story, stage_note
from ui.session import cell_of_link, current_view, show_problems, traced
from ui.text import t
from ui.view import Problem, fit_to_cell, to_query

PAGE = "attention"


def main() -> None:
    view = current_view()
    trace = traced(view)
    if trace is None:
        address(to_query(view), PAGE)
        return
    show_words(view, trace)
    choose_head(view)
    show_head(trace)


@st.fragment  # a step of the road reruns this block, not the page
def show_head(trace: Trace) -> None:
    view = current_view()
    values = head_values(trace, view.path, view.head)
    problems: list[Problem] = []
    n_rows, n_columns = values.weights.shape
    view = fit_to_cell(view, n_rows, n_columns, problems)
    show_problems(view.lang, problems if cell_of_link() else [])
    choose_stage(view)
    st.subheader(t(f"stage_title.{view.site}", view.lang), anchor=False)
    st.markdown(stage_note(view, values))
    picture, story = st.columns([1, 1] if view.site == "q" else [7, 5], gap="large")
    with story:
        view = choose_cell(view, trace, values)
        show_story(view, trace, values)
    with picture:
        st.caption(t("rule.attention", view.lang))
        if view.stack == "decoder":
            st.caption(t("rule.decoder", view.lang))
        show_pictures(view, trace, values)
    address(to_query(view), PAGE)


main()
