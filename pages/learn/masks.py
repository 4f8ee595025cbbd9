"""Page: the mask laboratory. Who may see whom, drawn by the reader, and what the model makes of it."""

from __future__ import annotations

import streamlit as st

from transformer_core.glass.abilities import causal_lists
from ui.bar import show_words
from ui.components import address
from ui.head import choose_head
from ui.mask_choice import LAYERS, MASK, VALUE, lab_link
from ui.mask_leak import causal_blocks, show_mask_leak
from ui.masks import show_lab
from ui.options import read_link
from ui.padding import show_padding
from ui.peeking import show_peeking
from ui.session import current_view, opened_page, show_problems, traced
from ui.text import t
from ui.view import to_query

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
