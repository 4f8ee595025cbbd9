"""What the messages of all sections are made of."""

from __future__ import annotations

from typing import Any, TypedDict

Words = dict[str, str]  # texts by their names, of one section of assets/text
Side = str  # "source" or "target"


class SpreadAtPosition(TypedDict):
    """What a model says at one position of several, and how its probability is spread over all words."""

    position: int
    places: list[dict[str, Any]]
    spread: dict[str, str | None]
    original: dict[str, str | None] | None
    candidates: list[dict[str, Any]]
    written: dict[str, Any] | None
