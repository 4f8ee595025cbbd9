"""What each component takes and tells, once for Python; its module in assets/components says the same in JSDoc.

A test compares the names of the fields. Every component is told "mode" and "lost", too.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

Words = dict[str, str]  # texts by their names, of one section of assets/text
Side = str  # "source" or "target"


class AddressData(TypedDict):
    """The view, for the address bar, and what names the session, whose end the browser notices by it."""

    query: dict[str, str]
    page: str
    session: str
    number: int


class PresentData(TypedDict):
    """What sharing the link needs; it tells "share", the link of which a code is asked for."""

    others: str
    qr: dict[str, Any] | None
    asked: str
    words: Words


class StepperData(TypedDict):
    """Stages, each with id and label; it tells "choose", an id."""

    stages: list[list[str]]
    chosen: str
    words: Words


class HeadingData(TypedDict):
    """What maps show, each with look, shape and key."""

    lines: list[dict[str, str]]
    words: Words


class WordsData(TypedDict):
    """Lines of words: see `ui.parts.components.word_lines`."""

    lines: list[dict[str, Any]]
    hint: str
    large: bool


class TermsData(TypedDict):
    """For the id of each term its name and its explanation, and the address of the page of all."""

    terms: dict[str, list[str]]
    words: Words
    glossary: str


class GlossaryData(TypedDict):
    """All terms by group: see `ui.parts.page_components.glossary`; it tells "go", a page or a stop of it."""

    groups: list[dict[str, Any]]
    words: Words


class PathData(TypedDict):
    """The stops of the path: see `ui.parts.components.path_strip`; it tells "go", the number of a stop."""

    stops: list[dict[str, str]]
    here: int
    words: Words


class EditsData(TypedDict):
    """Edits as chips; it tells "toggle", "remove" and "run", each with a value."""

    chips: list[dict[str, Any]]
    run: str
    runs: list[list[str]]
    note: str
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


class PicturesData(TypedDict):
    """A picture that can be saved: see `ui.parts.components.picture_buttons`."""

    chart: str
    opener: str
    part: NotRequired[str]
    name: str
    title: str
    place: str
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


class MaskGridData(TypedDict):
    """A mask to draw on; it tells "draw" (rows)."""

    rows: list[dict[str, Any]]
    columns: list[dict[str, Any]]
    allowed: list[str]
    natural: list[str]
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


class FillData(TypedDict):
    """Words hidden by a click, from `ui.decode.fill`; it tells "toggle" (number), "put" and "cell" (place, id)."""

    line: list[dict[str, Any]]
    gaps: list[dict[str, Any]]
    ways: list[dict[str, Any]]
    compared: str
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


class ForcingData(TypedDict):
    """Teacher forcing beside the own words, from `figures.decode.forcing.two_runs`."""

    forced: list[dict[str, Any]]
    own: list[dict[str, Any]]
    given: int
    words_part: int | None
    inputs_part: int | None
    both: Any
    step: int
    words: Words


class TemperatureData(TypedDict):
    """Softmax at any temperature, from `figures.explore.readout.temperature`; it tells "position" and "degree"."""

    position: int
    places: list[dict[str, Any]]
    spread: dict[str, str | None]
    original: dict[str, str | None] | None
    candidates: list[dict[str, Any]]
    written: dict[str, Any] | None
    side: Side
    degree: float
    hottest: float
    coldest: float
    chart: str
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
    root: dict[str, Any]
    attention: dict[str, Any]
    words: Words


class ChoicesData(TypedDict):
    """The filters of sampling, from `figures.decode.choices.choices`; it tells "position" and "settings"."""

    position: int
    places: list[dict[str, Any]]
    spread: dict[str, str | None]
    original: dict[str, str | None] | None
    candidates: list[dict[str, Any]]
    written: dict[str, Any] | None
    settings: dict[str, float | int | None]
    limits: dict[str, list[float]]
    sentences: list[dict[str, Any]]
    words: Words
