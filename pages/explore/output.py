"""Page: from the last vectors to words: logits, probabilities, and the same readout after every layer."""

from __future__ import annotations

import streamlit as st

from ui.bar import show_words
from ui.components import address
from ui.output import DEGREE, choose_nothing, output_extras
from ui.road import walk
from ui.session import current_view, opened_page, traced
from ui.view import to_query

PAGE = "output"


def main() -> None:
    if page := opened_page(PAGE):
        st.switch_page(page)
    view = current_view()
    trace = traced(view)
    if trace is None:
        address(to_query(view), PAGE)
        return
    show_words(view, trace)
    walk(PAGE, trace, "probs", choose_nothing, output_extras, DEGREE)


main()
