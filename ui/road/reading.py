"""How the tables of counts are read: how many words, by which way, and what is added; each choice is a model's name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from transformer_core.ancestors.ngram_config import Smoothing
from transformer_core.models.readings import Reading, as_reading
from ui.frame.text import t
from ui.state.models import get_model
from ui.state.view import View

KS = (1e-6, 1e-5, 1e-4, 1e-3, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
WAYS: tuple[Smoothing, ...] = ("add_k", "back_off", "interpolation", "kneser_ney")


def reading_of(view: View) -> Reading:
    """Return how the view's model reads its tables: what its name says, else its own way."""
    found = as_reading(view.model)
    config = get_model(view.model).config
    return found if isinstance(found, Reading) else Reading(view.model, config.order, config.smoothing, config.k)


def most_words(reading: Reading) -> int:
    """Return how many words the longest n-grams have that were counted."""
    return int(get_model(reading.model).config.order)


def choose_reading(view: View, page: str) -> None:
    """Draw the choices; what is chosen is another model, which the whole page has to follow."""
    lang, now = view.lang, reading_of(view)

    def read(**changes: Any) -> None:
        st.session_state.update(model=replace(now, **changes).name, layer=None, opened=page)

    st.session_state.update({"reading.order": now.order, "reading.way": now.smoothing})
    with st.container(key="choosers", horizontal=True, vertical_alignment="center", gap="small"):
        st.segmented_control(
            t("reading.order", lang),
            range(1, most_words(now) + 1),
            key="reading.order",
            required=True,
            format_func=lambda n: t(f"reading_order.{n}", lang),
            on_change=lambda: read(order=st.session_state["reading.order"]),
        )
        st.segmented_control(
            t("reading.way", lang),
            WAYS,
            key="reading.way",
            required=True,
            format_func=lambda way: t(f"reading_way.{way}", lang),
            on_change=lambda: read(smoothing=st.session_state["reading.way"]),
        )
    if now.smoothing == "add_k":
        st.session_state["reading.k"] = min(KS, key=lambda k: abs(k - now.k))
        st.select_slider(
            t("reading.k", lang),
            KS,
            key="reading.k",
            format_func=lambda k: f"{k:g}",
            on_change=lambda: read(k=st.session_state["reading.k"]),
        )
    elif now.order > 1:
        st.session_state["reading.table"] = view.layer
        st.segmented_control(
            t("reading.table", lang),
            range(now.order),
            key="reading.table",
            required=True,
            format_func=lambda layer: t(f"reading_order.{layer + 1}", lang),
            on_change=lambda: st.session_state.update(layer=st.session_state["reading.table"], site="", trail=""),
        )
