"""What components take and tell: the pages of "explore"."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from ui.parts.wires.base import Side, SpreadAtPosition, Words


class MapData(TypedDict):
    """The whole model, from `figures.explore.architecture.architecture`; it tells "open", the key of a site."""

    facts: dict[str, Any]
    written: list[dict[str, Any]]
    typed: list[bool]
    probs: list[float]
    before: list[float] | None
    lanes: dict[str, Any]
    full: float
    words: Words


class HeadsData(TypedDict):
    """All heads of one kind, from `ui.explore.heads`; it tells "choose" and "open"."""

    of: str
    picture: str
    tile: list[int]
    block: int
    n_layers: int
    n_heads: int
    scale: Literal["head", "common"]
    signed: bool
    carried: bool
    reach: list[list[float]]
    most: float
    keys: list[str]
    rows: list[dict[str, Any]]
    columns: list[dict[str, Any]]
    sides: list[Side]
    words_of: list[list[str | int]]
    masked: bool
    palette: list[str]
    numbers: dict[str, Any] | None
    measures: dict[str, Any] | None
    start: dict[str, Any]
    words: Words


class HeadNumbersData(TypedDict):
    """The numbers of one head of them, None where they are sent together; it tells the same."""

    numbers: dict[str, Any] | None


class HeadsCompareData(TypedDict):
    """Two heads, from `figures.explore.head_compare.compared`."""

    maps: list[dict[str, Any]]
    reach: float
    difference: dict[str, Any] | None
    apart: list[str]
    titles: list[str]
    palette: list[str]
    words: Words


class CurveData(TypedDict):
    """Positions as curves, from `figures.explore.positions.position_curves`; it tells "choose" (dimension)."""

    kind: Literal["sinusoidal", "learned"]
    values: str
    table: str
    length: int
    d_model: int
    dimension: int
    side: Side
    tokens: list[dict[str, Any]]
    chart: str
    words: Words


class TemperatureData(SpreadAtPosition):
    """Softmax at any temperature, from `figures.explore.readout.temperature`; it tells "position" and "degree"."""

    side: Side
    degree: float
    hottest: float
    coldest: float
    chart: str
    words: Words


class WiringData(TypedDict):
    """Which rows Q, K and V are made of, from `figures.explore.wiring.wiring`."""

    height: float
    lines: list[list[Any]]
    origins: list[list[Any]]
    values: list[list[Any]]
    title: str
