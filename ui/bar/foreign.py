"""A sentence in another language than the model reads: it is said, and what helps is offered with one click."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from transformer_core.models.files import bundled_models
from transformer_core.text.base import TextTokenizer
from transformer_core.text.language import seems
from ui.frame.text import escape, t
from ui.state.models import GREETING, get_model, language_of, model_title
from ui.state.road import page_of_model
from ui.state.session import ready_text, takes_target
from ui.state.view import View
from ui.state.whose import stands_in


def show_foreign(view: View) -> None:
    """Draw that the sentence is in another language, with the way out.

    A model of the road is shown an example in its place; a translator reads whatever is typed, and the reader is asked.
    """
    own = t(f"foreign.{language}", view.lang) if (language := language_of(view.model)) else ""
    if page_of_model(view.model):
        if stands_in():
            kept = escape(st.session_state.typed)
            st.caption(f":material/translate: {t('road.stands_in', view.lang, own=own, typed=kept)}")
        return
    found = other_language(view)
    if found is None:
        return
    fitting = GREETING.get(found, "")
    with st.container(key="foreign", horizontal=True, vertical_alignment="center", gap="small"):
        facts = {"found": t(f"foreign.{found or 'other'}", view.lang), "own": own}
        st.info(
            t("foreign.ask" if fitting else "foreign.nobody", view.lang, **facts),
            icon=":material/translate:",
            width="stretch",
        )
        if fitting:
            title = t("foreign.take", view.lang, model=model_title(fitting, view.lang))
            st.button(title, key="take_fitting", on_click=_take, args=(fitting,))


def other_language(view: View) -> str | None:
    """Return the language of a sentence that the model does not read, "" if it cannot be told; None if it reads it.

    Of other people's models nothing is known, and nothing is asked; those of the road are shown what they read.
    """
    language = language_of(view.model)
    if page_of_model(view.model) or not takes_target(view.model) or not language:
        return None
    found = seems(ready_text(view).text, language, _known())
    return None if found == language else found


@lru_cache(maxsize=1)
def _known() -> dict[str, TextTokenizer]:
    """What reads each language that the app's own translators read or write."""
    glasses = [get_model(name) for name in bundled_models() if name in GREETING.values()]
    sides = [side for glass in glasses for side in (glass.source_tokenizer, glass.target_tokenizer)]
    return {side.language: side for side in reversed(sides) if side is not None}  # of two, the one that reads it


def _take(model: str) -> None:
    st.session_state.model = model
