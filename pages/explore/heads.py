"""Page: all heads of one kind of attention at once, one of them large, searched by what they do, and compared."""

from __future__ import annotations

import streamlit as st

from ui.explore.heads import OPTIONS, show_heads, start
from ui.frame.bar import show_words
from ui.frame.text import t
from ui.parts.components import address
from ui.state.options import read_link, to_link
from ui.state.session import current_view, opened_page, show_problems, traced
from ui.state.view import to_query

PAGE = "heads"


def main() -> None:
    if page := opened_page(PAGE):
        st.switch_page(page)
    view = current_view()
    trace = traced(view)
    show_problems(view.lang, read_link(*OPTIONS))
    if trace is None:
        address(to_query(view) | to_link(*OPTIONS), PAGE)
        return
    show_words(view, trace)
    st.markdown(t("heads.lead", view.lang))
    show_heads(PAGE, start())


main()
