"""Page: one layer as a road, from what it reads to what it hands on."""

from __future__ import annotations

import streamlit as st

from ui.bar import show_words
from ui.components import address
from ui.head import choose_layer, choose_side
from ui.layer import layer_extras, show_lead
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
    side, layer = st.columns([2, 5])
    with side:
        choose_side(view)
    with layer:
        choose_layer(current_view())
    view = current_view()
    show_lead(view, trace)
    walk(PAGE, trace, "input", layer_extras(view, trace))


main()
