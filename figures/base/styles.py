"""The components' style sheets as text: the colours of the one theme file, and sheets with what they import."""

from __future__ import annotations

import re
from pathlib import Path

from figures.base.theme import css_variables

COMPONENTS = Path(__file__).resolve().parents[2] / "assets" / "components"
_IMPORT = re.compile(r'^@import "([^"]+)";\n', re.MULTILINE)


def theme_sheet() -> str:
    """Return the style sheet that gives a component the colours of its mode."""
    return f".gf {{ {css_variables('light')} }}\n.gf.dark {{ {css_variables('dark')} }}\n"


def sheets(*names: str) -> str:
    """Return some sheets as one, each behind those that it imports, and none twice.

    Args:
        names: paths below assets/components, without their ending.
    """
    found: dict[Path, str] = {}
    for name in names:
        _collect(COMPONENTS / f"{name}.css", found)
    return "\n".join(found.values())


def _collect(file: Path, found: dict[Path, str]) -> None:
    if file in found:
        return
    text = file.read_text(encoding="utf-8")
    for imported in _IMPORT.findall(text):
        _collect((file.parent / imported).resolve(), found)
    found[file] = _IMPORT.sub("", text)
