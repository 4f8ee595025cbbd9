"""What every stop of the road has: below its pictures, where its idea lives on."""

from __future__ import annotations

import streamlit as st

from ui.frame.text import t
from ui.state.road import road_stop
from ui.state.view import View
from ui.state.whose import open_elsewhere


def show_lives(page: str, view: View) -> None:
    """Draw where the idea of a stop lives on in the Transformer."""
    stop = road_stop(page)
    assert stop is not None, page
    label = t("road.lives", view.lang, page=t(f"page.{stop.lives[0]}", view.lang))
    if st.button(label, key="lives", type="tertiary", icon=":material/arrow_outward:"):
        open_elsewhere(*stop.lives)
        st.rerun()
