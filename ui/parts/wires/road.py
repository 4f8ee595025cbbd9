"""What components take and tell: the pages of "road"."""

from __future__ import annotations

from typing import Any, TypedDict

from ui.parts.wires.base import Side, Words


class ChainData(TypedDict):
    """A sentence as a product; it tells "factor" (row)."""

    factors: list[dict[str, Any]]
    chosen: int
    total: str
    side: Side
    words: Words


class FollowersData(TypedDict):
    """One row of a table of counts, and how the probability of it is shared out."""

    title: str
    rows: list[dict[str, Any]]
    shares: list[dict[str, Any]]
    words: Words
