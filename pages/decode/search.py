"""Page: how the next word is chosen: beam search as a tree, and sampling through its filters."""

from __future__ import annotations

import streamlit as st

from ui.bar import show_words
from ui.components import address
from ui.models import get_model
from ui.search import show_beam, show_choices
from ui.session import current_view, traced
from ui.text import t
from ui.view import to_query

PAGE = "search"


def main() -> None:
    view = current_view()
    if not get_model(view.model).config.has_cross_attention:
        st.info(t("page_needs.encoder_decoder", view.lang))
        address(to_query(view), PAGE)
        return
    trace = traced(view)
    if trace is not None:
        show_words(view, trace)
        show_beam()
        show_choices(trace)
    address(to_query(view), PAGE)


main()
