"""What components take and tell: values and words, on many pages."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from ui.parts.wires.base import Side, Words


class WordsData(TypedDict):
    """Lines of words: see `ui.parts.components.word_lines`."""

    lines: list[dict[str, Any]]
    hint: str
    large: bool


class StepperData(TypedDict):
    """Stages, each with id and label; it tells "choose", an id."""

    stages: list[list[str]]
    chosen: str
    words: Words


class HeadingData(TypedDict):
    """What maps show, each with look, shape and key."""

    lines: list[dict[str, str]]
    words: Words


class HeatmapData(TypedDict):
    """A heatmap, from `figures.base.heatmaps.heatmap`; it tells "cell" (row, column), where it sends, and "look"."""

    rows: int
    columns: int
    cells: str
    parts: NotRequired[int]
    signed: NotRequired[bool]
    open: NotRequired[str]
    scale: list[list[float | str]]
    low: float
    high: float
    digits: int | None
    crosses: bool
    cut: bool
    bar: bool
    row_labels: list[list[list[str]]]
    column_labels: list[list[list[str]]]
    words_of: list[list[str | int] | None]
    row_title: str
    column_title: str
    value: str
    blocked: str
    totals: dict[str, Any] | None
    texts: list[list[str]] | None
    says: list[list[str]] | None
    selected: NotRequired[dict[str, int]]
    stacked: NotRequired[tuple[int, int]]
    beside: NotRequired[list[list[list[str]]]]
    product: NotRequired[dict[str, Any]]
    lines: NotRequired[dict[str, Any]]
    name: str
    alt: str
    sends: bool
    words: Words


class HeatmapsData(TypedDict):
    """Heatmaps that belong together, each with a title and its own part of `HeatmapData`; they tell nothing."""

    maps: list[dict[str, Any]]
    common: dict[str, Any]
    words: Words


class ExplainData(TypedDict):
    """How a cell came to be; it tells "cell" (map, row, column), "typed" (row, column), "open" (key, index), "back"."""

    sentence: str
    symbols: str
    numbers: str
    columns: list[str]
    last: str
    rows: list[dict[str, Any]]
    value: str
    told: str
    badge: str
    edited: bool
    compared: str
    place: str
    where: str
    crumbs: list[str]
    limits: list[int]
    at: list[int]
    selected: dict[str, int] | None
    maps: list[str]
    factors: dict[str, str] | None
    words: Words


class WordGridData(TypedDict):
    """A table of words, from `figures.explore.readout`; it tells "cell" (row, column), where it sends."""

    columns: list[dict[str, str]]
    rows: list[dict[str, Any]]
    side: Side
    scale: list[str]
    signed: bool
    sends: bool
    words: Words
