"""A sentence in a language that the models of the road do not read: it is said, and another one is offered."""

from __future__ import annotations

import unicodedata

import streamlit as st

from ui.frame.text import t
from ui.state.examples import examples
from ui.state.road import page_of_model
from ui.state.view import View
from ui.state.whose import take_instead


def show_foreign(view: View) -> bool:
    """Draw why the sentence is not read, and one that is with a click; return whether that is so."""
    if not is_foreign(view):
        return False
    st.info(t("road.english", view.lang), icon=":material/translate:")
    example = examples(view.model)[0]
    st.button(t("road.take", view.lang, text=example), key="take_instead", on_click=take_instead, args=(example,))
    return True


def is_foreign(view: View) -> bool:
    """Return whether most letters of a sentence for a model of the road are none of the Latin alphabet."""
    if not page_of_model(view.model):
        return False
    latin = ["LATIN" in unicodedata.name(letter, "") for letter in view.source if letter.isalpha()]
    return 2 * sum(latin) < len(latin)
