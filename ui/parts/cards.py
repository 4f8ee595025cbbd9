"""The card of a model: data, recipe, scores and weaknesses, as its folder says them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from transformer_core.glass.errors import GlassformerError
from transformer_core.glass.files.stored import BUNDLED, ROAD
from transformer_core.models.pretrained.reading.folder import Folder
from ui.frame.text import t
from ui.state.own_models import own_models
from ui.state.road import bundled_on_road, table_of

CARDS = ("card.md", "README.md")


def show_card(name: str, lang: str) -> None:
    """Draw the card of a model, folded; nothing where it has none."""
    name = table_of(name)
    if text := card_of(name):
        with st.expander(t("models.card", lang)):
            if name in own_models():
                st.text(text)  # as text only: whoever wrote it is not known here
            else:
                st.markdown(text)


def card_of(name: str) -> str:
    """Return what a model's folder says of it; "" where it says nothing, or what is no short text."""
    own = own_models().get(name)
    if own is not None and own.revision is not None:
        return ""  # a hub's card is not fetched
    bundled = BUNDLED / ROAD if name in bundled_on_road() else BUNDLED
    folder = Folder(bundled / name if own is None else Path(own.place))
    try:
        data = next((data for card in CARDS if (data := folder.read(card)) is not None), b"")
        return data.decode("utf-8")
    except (GlassformerError, UnicodeDecodeError):
        return ""
