"""What the page of what-ifs measures over many runs at once: the heads' importance, and the patching walk."""

from __future__ import annotations

import streamlit as st

from ui.frame.components import address
from ui.learn.importance import HEAD, ON, show_importance
from ui.learn.patching import CELL, FIRST, QUANTITY, SECOND, show_patching
from ui.learn.what_if import effect_pictures
from ui.state.models import get_model, get_trace
from ui.state.options import to_link
from ui.state.session import current_view
from ui.state.view import to_query
from ui.take_home.picture import take_pictures

STUDIES = (ON, HEAD, FIRST, SECOND, QUANTITY, CELL)


@st.fragment  # a chosen head, or another pair, reruns this block, not the page
def show_studies(page: str) -> None:
    """Write their choices into the link, draw both, and offer all pictures of the page to take home."""
    view = current_view()
    address(
        to_query(view) | to_link(*STUDIES), page
    )  # first: the studies may take long, and a link is copied meanwhile
    pictures = effect_pictures(view)
    if "writes" in get_model(view.model).abilities:  # both ask what becomes of the next word
        st.divider()
        pictures += show_importance(view)
        st.divider()
        pictures += show_patching(view)
    if pictures:
        take_pictures(page, "", get_trace(pictures[0].asked), pictures)
