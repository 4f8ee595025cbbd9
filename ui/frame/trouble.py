"""What goes wrong where no page expects it is said in the reader's language, never as a traceback; the log has it."""

from __future__ import annotations

import streamlit as st

from transformer_core.glass.errors import GlassformerError
from ui.frame.text import LANGUAGES, say_error, t
from ui.state.shared.limits import is_memory


def say_uncaught(error: Exception) -> bool:
    """Draw an error that reached the top of a run; return True, so that Streamlit draws nothing of its own."""
    lang = _lang()
    if isinstance(error, GlassformerError):
        st.warning(say_error(error, lang))
    else:
        st.error(t("error.memory_short" if is_memory(error) else "error.error", lang))
    return True


def _lang() -> str:
    """The reader's language, as the address says: the state of the session may be what is broken."""
    asked = st.query_params.get("lang", "")
    return asked if asked in LANGUAGES else LANGUAGES[0]
