"""The page of credits and privacy: ten lines on what is kept, and NOTICE, its sections named, its lines as tables."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import streamlit as st

from ui.frame.text import escape, section, t

NOTICE = Path(__file__).resolve().parents[2] / "NOTICE"
PAGE, AUTHORS = "credits", "authors"
COLUMNS = ("what", "by", "licence")  # and behind them the address


@cache
def sections() -> dict[str, tuple[str, ...]]:
    """Return the lines of each section of NOTICE, by its name."""
    _, *parts = re.split(r"^\[(\w+)\]\n", NOTICE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: tuple(text.strip().splitlines()) for name, text in zip(parts[::2], parts[1::2], strict=True)}


def show_credits(lang: str) -> None:
    """Draw what is kept of a reader, and every section of NOTICE under its name, with a sentence on what it is."""
    with st.container(key=PAGE):
        st.markdown(t("credits.lead", lang))
        st.markdown(f"##### {t('privacy.title', lang)}")
        st.markdown("\n".join(f"{n}. {line}" for n, line in enumerate(section("privacy_lines", lang).values(), 1)))
        for name, lines in sections().items():
            st.markdown(f"##### {t(f'credits_title.{name}', lang)}")
            st.markdown(t(f"credits_look.{name}", lang))
            st.markdown(escape(" ".join(lines)) if name == AUTHORS else _table(lines, lang))


def _table(lines: tuple[str, ...], lang: str) -> str:
    head = [t(f"credits_column.{name}", lang) for name in COLUMNS]
    rows = [line.split(" | ") for line in lines]
    told = [[f"[{escape(what)}]({where})", escape(by), escape(licence)] for what, by, licence, where in rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *told))
