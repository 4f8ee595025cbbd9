"""What every component can tell: read from the places that say so, so that a new one is attacked by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.browser.app import ROOT
from ui.explore.heads import IN_BROWSER

_SENDS = re.compile(r"""\bsend\(\s*"(\w+)\"""")  # in a component
_HEARS = re.compile(r"""\b(whole|real|word|each|is_told)\(\w+,\s*"(\w+)\"""")  # by ui/parts/hearing.py
_FIRST = {"whole": 0, "real": 0, "is_told": 0, "each": [0], "word": "weights"}  # what may be meant, by what hears it


def declared_events() -> tuple[str, ...]:
    """Return the names of all events of which components tell."""
    return tuple(sorted(set(_found(_SENDS, ROOT / "assets" / "components", "*.js"))))


def declared_fields() -> dict[str, Any]:
    """Return all parts of the records that components tell, by name, each with a value that may be meant."""
    heard = {name: _FIRST[kind] for kind, name in sorted(set(_found(_HEARS, ROOT / "ui", "*.py")))}
    return {**{option.name: option.default for option in IN_BROWSER}, **heard}


def _found(pattern: re.Pattern[str], folder: Path, kind: str) -> Iterator[Any]:
    for path in folder.rglob(kind):
        yield from pattern.findall(path.read_text(encoding="utf-8"))
