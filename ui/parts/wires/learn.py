"""What components take and tell: the pages of "learn"."""

from __future__ import annotations

from typing import Any, TypedDict

from ui.parts.wires.base import Words


class MaskGridData(TypedDict):
    """A mask to draw on; it tells "draw" (rows)."""

    rows: list[dict[str, Any]]
    columns: list[dict[str, Any]]
    words_of: list[list[str | int]]
    allowed: list[str]
    natural: list[str]
    words: Words


class GlossaryData(TypedDict):
    """All terms by group: see `ui.learn.components.glossary`; it tells "go", a page or a stop of it."""

    groups: list[dict[str, Any]]
    words: Words
