"""Page: how the next word is chosen: beam search as a tree, and sampling through its filters."""

from __future__ import annotations

import streamlit as st

from ui.decode.search import OPTIONS, show_beam, show_choices
from ui.frame.bar import show_words
from ui.parts.components import address
from ui.state.options import read_link, to_link
from ui.state.session import current_view, show_problems, traced
from ui.state.view import to_query

PAGE = "search"


def main() -> None:
    view = current_view()
    trace = traced(view, needs="writes")
    if trace is None:
        address(to_query(view), PAGE)
        return
    show_problems(view.lang, read_link(*OPTIONS))
    show_words(view, trace)
    show_search()


@st.fragment  # another width, a click on the tree or a turn of a dial reruns only this block
def show_search() -> None:
    show_beam()
    show_choices()
    address(to_query(current_view()) | to_link(*OPTIONS), PAGE)


main()
