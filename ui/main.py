"""The frame of every page: language, menu, bar; then the page."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # `streamlit run` puts only the script's own folder on the path
    sys.path.insert(0, str(ROOT))

from ui.bar.bar import show_bar  # noqa: E402
from ui.frame.masthead import show_masthead  # noqa: E402
from ui.frame.menu import HOME, RUNLESS, SECTIONS, page_path  # noqa: E402
from ui.frame.text import t  # noqa: E402
from ui.state.examples import examples  # noqa: E402
from ui.state.session import fit_choices, mend_forged, show_problems  # noqa: E402
from ui.state.start import reading_language, start_session  # noqa: E402
from ui.state.whose import meet_models  # noqa: E402


def main() -> None:
    """Draw the frame and run the page that was asked for."""
    lang = reading_language()
    menu = {t(f"menu.{section}", lang): [_page(name, lang) for name in names] for section, names in SECTIONS.items()}
    page = st.navigation(menu, position="top")
    start_session(page.url_path, examples)
    mend_forged()
    meet_models(page.url_path)
    fit_choices()
    st.set_page_config(
        page_title=f"{page.title} · {t('title', lang)}", page_icon=str(ROOT / "assets/icon.png"), layout="wide"
    )
    show_masthead(page.title, lang, first=page.url_path == "")
    if page.url_path not in RUNLESS:
        show_bar(lang, page.url_path)
    show_problems(lang)
    page.run()


def _page(name: str, lang: str) -> StreamlitPage:
    """A page; its address is its name in every language."""
    return st.Page(ROOT / page_path(name), title=t(f"page.{name}", lang), url_path=name, default=name == HOME)


main()
