"""A sentence in another language than the model reads: it is said, and what helps is offered with one click."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from transformer_core.models.files import bundled_models
from transformer_core.text.base import TextTokenizer
from transformer_core.text.language import seems
from ui.frame.text import t
from ui.state.examples import examples
from ui.state.models import GREETING, first_model, get_model, language_of, model_title, reads
from ui.state.road import page_of_model
from ui.state.session import ready_text, takes_target
from ui.state.view import View
from ui.state.whose import take_instead


def show_foreign(view: View) -> bool:
    """Draw that the sentence is in another language, with the way out; return whether it is therefore not read.

    The models of the road are shown none. A translator reads whatever is typed, and the reader is asked.
    """
    language = other_language(view)
    if language is None:
        return False
    page, fitting = page_of_model(view.model), GREETING.get(language, "")
    if page:
        fitting = first_model(page, view.source)
        if not reads(fitting, view.source):
            _offer_example(view)
            return True
    own = t(f"foreign.{language_of(view.model)}", view.lang)
    with st.container(key="foreign", horizontal=True, vertical_alignment="center", gap="small"):
        found = t(f"foreign.{language or 'other'}", view.lang)
        ask = t("foreign.ask" if fitting else "foreign.nobody", view.lang, found=found, own=own)
        st.info(ask, icon=":material/translate:", width="stretch")
        if fitting:
            title = t("foreign.take", view.lang, model=model_title(fitting, view.lang))
            st.button(title, key="take_fitting", on_click=_take, args=(fitting,))
    return bool(page)


def _offer_example(view: View) -> None:
    """Say that no model of this stop reads the sentence, and offer one that its own reads."""
    own = t(f"foreign.{language_of(view.model)}", view.lang)
    st.info(t("road.foreign", view.lang, own=own), icon=":material/translate:")
    example = examples(view.model)[0]
    st.button(t("road.take", view.lang, text=example), key="take_instead", on_click=take_instead, args=(example,))


def other_language(view: View) -> str | None:
    """Return the language of a sentence that the model does not read, "" if it cannot be told; None if it reads it.

    Of other people's models nothing is known, and nothing is asked.
    """
    if page_of_model(view.model):
        language, found = language_of(view.model), seems(view.source, language_of(view.model), {})
    elif takes_target(view.model) and (language := language_of(view.model)):
        found = seems(ready_text(view).text, language, _known())
    else:
        return None
    return None if found == language else found


@lru_cache(maxsize=1)
def _known() -> dict[str, TextTokenizer]:
    """What reads each language that the app's own translators read or write."""
    glasses = [get_model(name) for name in bundled_models() if name in GREETING.values()]
    sides = [side for glass in glasses for side in (glass.source_tokenizer, glass.target_tokenizer)]
    return {side.language: side for side in reversed(sides) if side is not None}  # of two, the one that reads it


def _take(model: str) -> None:
    st.session_state.model = model
