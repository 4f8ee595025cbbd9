"""Page: the whole model as one picture, in which the reader's sentence flows. The home of the app."""

from __future__ import annotations

import streamlit as st

from figures.architecture import DIMENSIONS, WIDE
from transformer_core.trace import Trace
from ui.bar import show_words
from ui.components import address, architecture_map
from ui.models import get_map
from ui.session import asked_for, current_view, mode, open_site, opened_page, traced
from ui.text import section, t
from ui.view import View, to_query

PAGE = "architecture"


def main() -> None:
    if page := opened_page():
        st.switch_page(page)
    view = current_view()
    trace = traced(view)
    if trace is not None and trace.config.has_cross_attention:
        show_words(view, trace)
        show_map(view, trace)
    address(to_query(view), PAGE)


def show_map(view: View, trace: Trace) -> None:
    model = get_map(asked_for(view))
    facts = {**model["facts"], "n_enc": trace.config.n_encoder_layers, "n_dec": trace.config.n_decoder_layers}
    facts["norm"] = t(f"architecture.{trace.config.norm_position}", view.lang)
    st.markdown(t("architecture.lead", view.lang, **facts))
    architecture_map(f"{PAGE}.map", model, section("map", view.lang), mode(), open_site)
    st.caption(t("architecture.caption", view.lang, dimensions=DIMENSIONS, wide=WIDE))


main()
