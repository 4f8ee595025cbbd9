"""The frame of every page: language, menu, bar; then the page."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # `streamlit run` puts only the script's own folder on the path
    sys.path.insert(0, str(ROOT))

from ui.bar import choose_language, examples, show_bar  # noqa: E402
from ui.credits import PAGE as CREDITS  # noqa: E402
from ui.edit_bar import show_edits  # noqa: E402
from ui.session import fit_choices, show_problems, start_session  # noqa: E402
from ui.text import t  # noqa: E402


def main() -> None:
    """Draw the frame and run the page that was asked for."""
    start_session(examples)
    fit_choices()
    lang = st.session_state.lang
    explore = [_page("explore/architecture", lang, default=True)]
    explore += [_page(f"explore/{name}", lang) for name in ("embedding", "attention", "heads", "layer", "output")]
    decode = [_page(f"decode/{name}", lang) for name in ("unfold", "forcing", "search")]
    learn = [_page(f"learn/{name}", lang) for name in ("masks", "what_if", "credits")]
    menu = {t("menu.explore", lang): explore, t("menu.decode", lang): decode, t("menu.learn", lang): learn}
    page = st.navigation(menu, position="top")
    st.set_page_config(
        page_title=f"{page.title} · {t('title', lang)}", page_icon=str(ROOT / "assets/icon.png"), layout="wide"
    )
    name, language = st.columns([5, 1.3], vertical_alignment="center")
    name.markdown(f"##### {t('title', lang)} · {t('tagline', lang)}")
    with language:
        choose_language(lang)
    show_problems(lang)
    if page.url_path != CREDITS:  # the one page without a run
        show_bar(lang)
        show_edits()
    page.run()


def _page(path: str, lang: str, *, default: bool = False) -> StreamlitPage:
    """The page of a file; its address is the file's name in every language."""
    name = path.rpartition("/")[2]
    return st.Page(ROOT / f"pages/{path}.py", title=t(f"page.{name}", lang), url_path=name, default=default)


main()
