"""Page: inside one attention block, from Q, K and V to the weights, what they carry, and what the heads write."""

from __future__ import annotations

import streamlit as st

from ui.attention import attention_extras, choose_block
from ui.bar import show_words
from ui.components import address
from ui.road import walk
from ui.session import current_view, opened_page, traced
from ui.view import to_query

PAGE = "attention"


def main() -> None:
    if page := opened_page(PAGE):
        st.switch_page(page)
    view = current_view()
    trace = traced(view)
    if trace is None:
        address(to_query(view), PAGE)
        return
    show_words(view, trace)
    walk(PAGE, trace, "weights", choose_block, attention_extras)


main()
