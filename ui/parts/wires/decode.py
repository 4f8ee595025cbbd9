"""What components take and tell: the pages of "decode"."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from ui.parts.wires.base import SpreadAtPosition, Words


class PlayerData(TypedDict):
    """A decoding, from `figures.decode.unfold_wire.packed`; it tells "pick" (step, id) and "undo"."""

    source: list[str]
    written: list[str]
    lists: list[str]
    first: str
    special: list[str]
    own: str
    cross: str
    mask: str
    vocabulary: list[list[int | str]]
    candidates: str
    shares: str
    chosen: list[list[int]]
    chosen_shares: str
    entropy: list[float]
    run: dict[str, Any] | None
    step: int
    words: Words


class FillData(TypedDict):
    """Words hidden by a click, from `ui.decode.fill`; it tells "toggle" (number), "put" and "cell" (place, id)."""

    line: list[dict[str, Any]]
    word_list: str
    gaps: list[dict[str, Any]]
    ways: list[dict[str, Any]]
    compared: str
    words: Words


class ForcingData(TypedDict):
    """Teacher forcing beside the own words, from `figures.decode.forcing.two_runs`."""

    forced: list[dict[str, Any]]
    own: list[dict[str, Any]]
    given: int
    words_part: int | None
    inputs_part: int | None
    both: Any
    list: str
    step: int
    words: Words


class BeamData(TypedDict):
    """The tree of a beam search, from `figures.decode.beam.beam_tree`; it tells "node" (number) and "look"."""

    width: int
    penalty: float
    ended: str
    n_steps: int
    start: list[dict[str, Any]]
    branches: list[dict[str, Any]]
    finished: list[list[dict[str, Any]]]
    search: list[Any]
    step: int | None
    chosen: int | None
    look: Literal["whole", "words"]
    source: list[dict[str, Any]]
    reads: str
    root: dict[str, Any]
    attention: dict[str, Any]
    words: Words


class ChoicesData(SpreadAtPosition):
    """The filters of sampling, from `figures.decode.choices.choices`; it tells "position" and "settings"."""

    settings: dict[str, float | int | None]
    limits: dict[str, list[float]]
    sentences: list[dict[str, Any]]
    words: Words
