"""The words of the app, in the reader's language, from assets/text/<language>/."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from transformer_core.glass.errors import GlassformerError

TEXT = Path(__file__).resolve().parents[2] / "assets" / "text"
LANGUAGES = ("en", "zh")
SAFE = str.maketrans({c: f"\\{c}" for c in r"\`*_{}[]<>()#+-.!|$~:&"})


def t(key: str, lang: str, /, **fields: object) -> str:
    """Return a text of the app by its key, its placeholders filled, whatever they are called.

    Raises:
        KeyError: if there is no such key; every key is in every language, and a test says so.
    """
    return texts(lang)[key].format(**fields) if fields else texts(lang)[key]


def section(name: str, lang: str) -> dict[str, str]:
    """Return the texts of one section by their last names, placeholders as they are: for a component to fill."""
    return {key.removeprefix(f"{name}."): text for key, text in texts(lang).items() if key.startswith(f"{name}.")}


@lru_cache(maxsize=len(LANGUAGES))
def texts(lang: str) -> dict[str, str]:
    """Return all texts of a language, by dotted key."""
    found: dict[str, str] = {}
    for path in sorted((TEXT / lang).glob("*.toml")):
        found |= _flat(tomllib.loads(path.read_text(encoding="utf-8")), "")
    return found


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
