"""Page: the mask laboratory. Who may see whom, drawn by the reader, and what the model makes of it."""

from __future__ import annotations

import streamlit as st

from transformer_core.glass.abilities import causal_lists
from ui.frame.bar import show_words
from ui.frame.text import t
from ui.learn.mask_choice import LAYERS, MASK, VALUE, lab_link
from ui.learn.mask_leak import causal_blocks, show_mask_leak
from ui.learn.masks import show_lab
from ui.learn.padding import show_padding
from ui.learn.peeking import show_peeking
from ui.parts.choosers import choose_head
from ui.parts.components import address
from ui.state.options import read_link
from ui.state.session import current_view, opened_page, show_problems, traced
from ui.state.view import to_query

PAGE = "masks"


def main() -> None:
    if page := opened_page(PAGE):
        st.switch_page(page)
    view = current_view()
    show_problems(view.lang, read_link(MASK, LAYERS, VALUE))
    trace = traced(view)
    if trace is None:
        address(to_query(view) | lab_link(), PAGE)
        return
    show_words(view, trace)
    st.markdown(t("masks.lead", view.lang))
    choose_head(view)
    show_lab(PAGE)
    if causal_blocks(trace.plan):
        show_peeking(view)
    if len(causal_lists(trace.plan)) < len(trace.plan.word_lists):
        show_padding(view, trace)
    if causal_blocks(trace.plan):
        show_mask_leak(view, trace)


main()
