"""Page: one layer as a road, from what it reads to what it hands on."""

from __future__ import annotations

import streamlit as st

from ui.bar import show_words
from ui.components import address
from ui.layer import choose_place, layer_extras
from ui.road import walk
from ui.session import current_view, opened_page, traced
from ui.view import to_query

PAGE = "layer"


def main() -> None:
    if page := opened_page(PAGE):
        st.switch_page(page)
    view = current_view()
    trace = traced(view)
    if trace is None:
        address(to_query(view), PAGE)
        return
    show_words(view, trace)
    walk(PAGE, trace, "input", choose_place, layer_extras)


main()
