"""The words of the app, in the reader's language, from assets/text/<language>/.

A text may mark a term of the field, `[[token]]` or `[[token|tokens]]`: where it is drawn as a text to be read the term
is dotted, and explains itself to who points at it; anywhere else nothing is seen of the mark.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from transformer_core.glass.errors import GlassformerError

TEXT = Path(__file__).resolve().parents[2] / "assets" / "text"
LANGUAGES = ("en", "zh")
SPACES = {"en": " ", "zh": ""}  # between two sentences
SEPARATOR = " · "  # between two facts of a line
SAFE = str.maketrans({c: f"\\{c}" for c in r"\`*_{}[]<>()#+-.!|$~:&"})
GLOSSARY = "glossary"  # the page on which the terms stand, and the address of a dotted one
# A marked term on its way to where it is drawn: signs that no reader types, so that no typed text is taken for one.
OPENS, NAMES, CLOSES = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(r"\[\[(\w+)(?:\|([^\]]+))?\]\]")
_CODED = re.compile(f"{OPENS}(\\w+){NAMES}([^{CLOSES}]+){CLOSES}")


def t(key: str, lang: str, /, **fields: object) -> str:
    """Return a text of the app by its key, its placeholders filled, whatever they are called.

    Raises:
        KeyError: if there is no such key; every key is in every language, and a test says so.
    """
    text = _plain(lang)[key]
    return text.format(**fields) if fields else text


def dotted(key: str, lang: str, /, **fields: object) -> str:
    """Return a text as `t`, as Markdown in which its terms are dotted."""
    return as_markdown(coded(key, lang, **fields))


def coded(key: str, lang: str, /, **fields: object) -> str:
    """Return a text as `t`, its terms marked for a component that dots them (components/shared/draw/terms.js)."""
    text = _marked(lang)[key]
    return text.format(**fields) if fields else text


def as_markdown(text: str) -> str:
    """Return a text of `coded` as Markdown in which its terms are dotted."""
    return _CODED.sub(_link, text)


def without_terms(text: str) -> str:
    """Return a text of `coded` without its marks."""
    return _CODED.sub(r"\2", text)


def section(name: str, lang: str, *, terms: bool = False) -> dict[str, str]:
    """Return the texts of one section by their last names, placeholders as they are: for a component to fill.

    Args:
        name: of the section.
        lang: the language.
        terms: whether the component dots terms.
    """
    return dict(_section(name, lang, terms))


@lru_cache(maxsize=256)
def _section(name: str, lang: str, terms: bool) -> dict[str, str]:
    found = _marked(lang) if terms else _plain(lang)
    return {key.removeprefix(f"{name}."): text for key, text in found.items() if key.startswith(f"{name}.")}


@lru_cache(maxsize=len(LANGUAGES))
def texts(lang: str) -> dict[str, str]:
    """Return all texts of a language, by dotted key, as they are written."""
    found: dict[str, str] = {}
    for path in sorted((TEXT / lang).glob("*.toml")):
        found |= _flat(tomllib.loads(path.read_text(encoding="utf-8")), "")
    return found


@lru_cache(maxsize=len(LANGUAGES))
def _plain(lang: str) -> dict[str, str]:
    """All texts without marks."""
    return {key: without_terms(text) for key, text in _marked(lang).items()}


@lru_cache(maxsize=len(LANGUAGES))
def _marked(lang: str) -> dict[str, str]:
    """All texts, each marked term by its id and what it is called there."""
    found = texts(lang)

    def code(mark: re.Match[str]) -> str:
        return f"{OPENS}{mark[1]}{NAMES}{mark[2] or found[f'term.{mark[1]}']}{CLOSES}"

    return {key: _MARK.sub(code, text) for key, text in found.items()}


def _link(term: re.Match[str]) -> str:
    return f"[{escape(term[2])}]({GLOSSARY}#{term[1]})"


def say_error(error: GlassformerError, lang: str) -> str:
    """Return what went wrong in the reader's language, with what the reader typed made safe for Markdown."""
    fields = {name: escape(str(value)) for name, value in error.fields.items()}
    return t(f"error.{error.code}", lang, **fields)


def escape(text: str) -> str:
    """Return `text` so that Markdown shows it as it is."""
    return text.translate(SAFE)


def _flat(table: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in table.items():
        rows += _flat(value, f"{prefix}{name}.") if isinstance(value, dict) else [(prefix + name, value)]
    return rows
