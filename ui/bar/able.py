"""A page that needs what the chosen model lacks: what helps is offered with one click."""

from __future__ import annotations

import streamlit as st

from ui.bar.bar import choose_model
from ui.frame.text import t
from ui.state.models import Need, able_models, can, model_title, reads
from ui.state.session import ready_text
from ui.state.view import View


def offer_able(view: View, need: Need) -> None:
    """Draw a button to a model that has what a page needs, of several to the first that reads the sentence.

    The sentence that was typed stays, and so does all else that means something to the other model.
    """
    able = () if can(view.model, need) else able_models(need)
    if not able:
        return
    text = ready_text(view).text
    model = next((name for name in able if reads(name, text)), able[0])
    title = t("page_needs.take", view.lang, model=model_title(model, view.lang))
    st.button(title, key="take_able", on_click=choose_model, args=(model,))
