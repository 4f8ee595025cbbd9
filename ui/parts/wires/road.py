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
    """One row of a table of counts, from `figures.road.counts.followers`, and how its probability is shared out.

    shares: name, count, p and never: of the words ever seen there, and of the others.
    """

    title: str
    rows: list[dict[str, Any]]
    shares: list[dict[str, Any]]
    words: Words


class LanesData(TypedDict):
    """A sentence through several cells, from `ui.road.chain.lanes`; it tells "look" (model, key, row, column), "go"."""

    read: list[dict[str, Any]]
    list: str
    lanes: list[dict[str, Any]]
    palette: list[str]
    selected: dict[str, Any]
    words: Words


class PullData(TypedDict):
    """A step of Word2Vec, from `ui.road.vectors.pulling`.

    It tells "pair", "way", "window", "seed", "rate" and "look".
    """

    line: list[dict[str, Any]]
    list: str
    centre: int
    near: int
    window: list[int]
    reach: int
    widest: int
    bag: bool
    ways: list[str]
    reads: str
    moved: list[dict[str, Any]]
    plane: dict[str, Any]
    explains: bool
    seed: int
    rate: str
    rates: list[str]
    chosen: str
    words: Words


class WordMapData(TypedDict):
    """Words on a plane while they are trained, from `ui.road.word_map`; it tells "group" (name), "word" (word)."""

    items: list[dict[str, Any]]
    groups: list[dict[str, Any]]
    moments: list[dict[str, Any]]
    chosen: str
    width: int
    words: Words


class NearestData(TypedDict):
    """Words by how near they are to what was asked, from `ui.road.vectors.analogies`."""

    lists: list[dict[str, Any]]
    struck: bool
    picture: bool
    words: Words


class TwoUsesData(TypedDict):
    """A word in two sentences, from `ui.road.context.two_uses`; it tells "look" (key, half, column), "word", "swap"."""

    sentences: list[dict[str, Any]]
    shared: dict[str, str]
    rows: list[dict[str, Any]]
    selected: dict[str, Any]
    at: dict[str, int]
    gamma: str
    words: Words


class UsesData(TypedDict):
    """The uses of a word, the nearest first, from `ui.road.context.nearest_uses`."""

    first: dict[str, Any]
    items: list[dict[str, Any]]
    words: Words


class OneHotData(TypedDict):
    """One-hot words, and the rows of the table that they read; it tells "look" (slot, column)."""

    slots: list[dict[str, Any]]
    chosen: int
    size: int
    rows: list[dict[str, Any]]
    values: str
    width: int
    reach: float
    column: int
    scale: list[str]
    words: Words


class WholeRoadData(TypedDict):
    """All stops of the road, from `ui.road.whole`; it tells "go" and "live" (the number of a stop)."""

    stops: list[dict[str, Any]]
    palette: list[str]
    words: Words
