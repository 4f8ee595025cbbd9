"""Page: how words become vectors, and how their positions get into them."""

from __future__ import annotations

import streamlit as st

from ui.bar import show_words
from ui.components import address
from ui.embedding import EMBEDDING_OPTIONS, embedding_extras
from ui.head import choose_side
from ui.road import walk
from ui.session import current_view, opened_page, traced
from ui.view import to_query

PAGE = "embedding"


def main() -> None:
    if page := opened_page(PAGE):
        st.switch_page(page)
    view = current_view()
    trace = traced(view)
    if trace is None:
        address(to_query(view), PAGE)
        return
    show_words(view, trace)
    walk(PAGE, trace, "tokens", choose_side, embedding_extras, *EMBEDDING_OPTIONS)


main()
