"""The header line of every page: the app's name, the page's title, the language; and the styles (CSS) of the frame."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

from figures.base.theme import Mode, css_variables
from ui.frame.text import LANGUAGES, t
from ui.parts.modules import loader
from ui.state.session import mode

PLACE = "place_of_title"  # on a page of the path its number comes before it
STYLES = Path(__file__).resolve().parents[2] / "assets" / "components" / "frame"


def show_masthead(title: str, lang: str, *, first: bool) -> None:
    """Draw the header line: Streamlit's own menu stands in its middle.

    With it comes, unseen, the script that loads the components' modules.

    Args:
        title: of the page.
        lang: the reader's language.
        first: whether it is the first page.
    """
    st.html(_styles(mode(), first))
    with st.container(key="masthead"):
        st.session_state[PLACE] = st.empty()
        st.session_state[PLACE].html(_heading(title, lang))
        st.html(loader(lang), unsafe_allow_javascript=True)
    with st.container(key="language"):
        _choose_language(lang)


def show_number(page: str, lang: str, number: int, n: int) -> None:
    """Put before the title of a page its number among the `n` stops of the path."""
    told = t("path_words.stop", lang, i=number, n=n)
    badge = f'<b title="{told}" aria-label="{told}" role="img">{number}</b>'
    st.session_state[PLACE].html(_heading(f"{badge} {t(f'page.{page}', lang)}", lang))


def _heading(title: str, lang: str) -> str:
    return f"<h1>{t('title', lang)} <span>· {title}</span></h1>"


def _choose_language(lang: str) -> None:
    st.segmented_control(
        t("language.label", lang),
        LANGUAGES,
        key="lang",
        required=True,
        format_func=lambda name: t(f"language.{name}", lang),
        label_visibility="collapsed",
        persist_state="session",
    )


@lru_cache(maxsize=4)
def _styles(mode: Mode, first: bool) -> str:
    sheets = [(STYLES / name).read_text(encoding="utf-8") for name in ("frame.css", *(["first.css"] if first else []))]
    return f"<style>:root {{ {css_variables(mode)} }} {''.join(sheets)}</style>"
