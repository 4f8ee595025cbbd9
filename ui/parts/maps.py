"""The heatmaps of values: which cells each shows, its labels, and its figure, kept for all sessions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.base.heatmaps.difference import difference_map, largest
from figures.base.heatmaps.heatmap import heatmap
from figures.base.heatmaps.matrix import Axes, Matrix
from figures.base.heatmaps.matrix_figure import matrix_figure
from figures.base.heatmaps.value_map import top_columns, value_map, window
from figures.base.labels import bare_label, tick_labels
from figures.base.theme import Mode, theme
from figures.base.wire import Handles, answers, handles
from figures.road.counts import map_columns
from transformer_core.glass.compare import has_difference, subtract
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import key_of, logits_key
from ui.frame.text import t
from ui.frame.wording import row_title
from ui.state.kept import kept_with_run
from ui.state.models import Asked, get_trace, reader
from ui.state.places import Value, find_value

Array = NDArray[Any]
POSITIONS = "LQK"
_TOP_COLUMNS: WeakKeyDictionary[Trace, tuple[int, ...]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Map:
    """Two axes of a value: those of one head, where it has heads; all rows and columns, or only some.

    Attributes:
        key: of the site or parameter.
        head: of those that ask, where the value has heads.
        rows, columns: the ids of those that are drawn; empty for all.
    """

    key: str
    head: int | None = None
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()

    def index(self, value: Value, row: int, column: int) -> tuple[int, ...]:
        """Return the cell of the whole value that stands at a row and column of the map."""
        return to_index(value, self.head or 0, self._id(self.rows, row), self._id(self.columns, column))

    def drawn(self, row: int, column: int) -> tuple[int, int] | None:
        """Return where a row and column of the value stand on the map, or None where they are not drawn."""
        try:
            place = (self.rows.index(row) if self.rows else row, self.columns.index(column) if self.columns else column)
        except ValueError:
            return None
        return place

    @staticmethod
    def _id(ids: tuple[int, ...], position: int) -> int:
        return ids[position] if ids else position


def to_index(value: Value, head: int, row: int, column: int) -> tuple[int, ...]:
    """Return the index of a cell of a value that is told as a head that asks, row and column."""
    own = value.own_head(head)
    if own is not None:
        return (own, row, column)
    if value.inner:
        first, second = divmod(column if value.axes[0] in POSITIONS else row, value.inner)
        return (row, first, second) if value.axes[0] in POSITIONS else (first, second, column)
    if len(value.axes) == 2:
        return (row, column)
    return (row,) if value.axes in POSITIONS else (column,)


def from_index(value: Value, index: tuple[int, ...], head: int) -> tuple[int, int, int]:
    """Return a head that asks, row and column of a cell; `head`, where the cell does not say another one."""
    if value.sharing:
        first = index[0] * value.sharing
        return (head if value.own_head(head) == index[0] else first, index[1], index[2])
    if value.inner:
        a, b, c = index
        return (head, a, b * value.inner + c) if value.axes[0] in POSITIONS else (head, a * value.inner + b, c)
    if len(value.axes) == 2:
        return (head, index[0], index[1])
    return (head, index[0], 0) if value.axes in POSITIONS else (head, 0, index[0])


def sheet(trace: Trace, value: Value, head: int) -> Array:
    """Return the two axes of a value that a map shows, under a head that asks.

    Shapes: -> [R, C].
    """
    array = trace.array(value.key)
    if (own := value.own_head(head)) is not None:
        return array[own]
    if array.ndim == 1:
        return array[:, None] if value.axes in POSITIONS else array[None]
    if value.inner:
        return array.reshape(len(array), -1) if value.axes[0] in POSITIONS else array.reshape(-1, array.shape[-1])
    return array


def numbers(asked: Asked, value: Value, head: int) -> Array:
    """Return the two axes of a value of what is asked for: of one run, or of both the difference.

    Shapes: -> [R, C].
    """
    runs = asked.runs if value.kind != "ids" and not value.is_parameter else (asked.edited,)
    cells = [sheet(get_trace(run), value, head) for run in runs]
    return cells[0] if len(cells) == 1 else subtract(*cells)


def map_of(trace: Trace, key: str, head: int, row: int | None, column: int | None) -> Map:
    """Return the map of a site or parameter; of a vocabulary or a large parameter, what lies around the chosen cell."""
    value = find_value(trace.plan, key)
    cells = sheet(trace, value, head)
    if value.is_parameter:
        if len(value.axes) == 2 and value.axes[0] == "V":
            embeds = value.block.role == "embedding"
            ids = trace[trace.plan.words(value.block.words).tokens].tolist() if embeds else list(trace.written_ids)
            rows = tuple(dict.fromkeys([*ids, *([] if row is None else [row])]))
            return Map(key, None, rows, window(cells.shape[1], column or 0))
        return Map(key, None, window(cells.shape[0], row or 0), window(cells.shape[1], column or 0))
    if value.axes.endswith("V"):
        chosen = [] if column is None else [column]
        drawn = map_columns(trace) if value.block.role == "table" else [*_top_columns(trace), *trace.written_ids]
        return Map(key, None, (), tuple(dict.fromkeys([*drawn, *chosen])))
    return Map(key, head if value.sharing else None)


def _top_columns(trace: Trace) -> tuple[int, ...]:
    """The words of a vocabulary that are drawn, found once a run: every click asks for them."""
    if trace not in _TOP_COLUMNS:
        _TOP_COLUMNS[trace] = top_columns(trace[logits_key(trace.plan)])
    return _TOP_COLUMNS[trace]


@kept_with_run
def map_cells(asked: Asked, shown: Map, lang: str, mode: Mode) -> Mapping[str, Any]:
    """Return what our own component draws of a map; its arguments are all that it depends on."""
    return heatmap(map_matrix(asked, shown, lang, mode))


def map_figure(asked: Asked, shown: Map, lang: str, mode: Mode) -> go.Figure:
    """Return a map as a Plotly figure, for a file."""
    return matrix_figure(map_matrix(asked, shown, lang, mode))


def map_matrix(asked: Asked, shown: Map, lang: str, mode: Mode) -> Matrix:
    """Return the heatmap of a map."""
    trace = get_trace(asked)
    value = find_value(trace.plan, shown.key)
    cells, allowed = _cells(trace, value, shown)
    axes = _axes(asked, replace(shown, head=None), lang, mode)
    if not asked.difference or not has_difference(trace.plan, value.key):
        return value_map(cells, value.kind, value.name, allowed, axes, theme(mode))
    original, allowed_there = _cells(get_trace(asked.plain), value, shown)
    either = None if allowed is None or allowed_there is None else allowed | allowed_there
    blocked = t("edit_run.blocked" if value.kind == "weights" else "edit_run.infinite", lang)
    named = replace(axes, value=t("edit_run.minus", lang, name=axes.value), blocked=blocked)
    return difference_map(cells, original, either, named, theme(mode))


def largest_difference(asked: Asked, key: str) -> float:
    """Return the largest difference between a site of the edited run and of the original, where both are finite."""
    return largest(get_trace(asked)[key], get_trace(asked.plain)[key])


def _cells(trace: Trace, value: Value, shown: Map) -> tuple[Array, Array | None]:
    """The numbers that a map shows, and where its mask allows them, if it has one."""
    cells = sheet(trace, value, shown.head or 0)
    if shown.rows:
        cells = cells[list(shown.rows)]
    if shown.columns:
        cells = cells[:, list(shown.columns)]
    masked = value.name in ("scores", "weights") and value.block.role == "attention"
    return cells, trace[key_of(value.block, "mask")] if masked else cells if value.kind == "mask" else None


def row_letters(axes: str) -> tuple[str, str]:
    """Return the letters of the two axes that a map shows, "1" for one that is not there, and two of axes in one."""
    if len(axes) < 2:
        return (axes, "1") if axes in POSITIONS else ("1", axes)
    if len(axes) == 3 and axes[0] not in "HG":
        return (axes[0], axes[1:]) if axes[0] in POSITIONS else (axes[:2], axes[2])
    return axes[-2], axes[-1]


@kept_with_run
def _axes(asked: Asked, shown: Map, lang: str, mode: Mode) -> Axes:
    trace = get_trace(asked)
    value = find_value(trace.plan, shown.key)
    letters = row_letters(value.axes)
    cells = sheet(trace, value, 0)
    labels = [
        _labels(asked, trace, value, axis, ids or tuple(range(cells.shape[axis])), mode)
        for axis, ids in enumerate((shown.rows, shown.columns))
    ]
    titles = [_title(asked.model, value, axis, letter, lang) for axis, letter in enumerate(letters)]
    rows, columns = (_handles(trace, value, axis, ids) for axis, ids in enumerate((shown.rows, shown.columns)))
    blocked = t("value.blocked", lang)
    names = (labels[0], labels[1], titles[0], titles[1], value.name, blocked)
    return Axes(*names, row_words=rows, column_words=columns)


def _handles(trace: Trace, value: Value, axis: int, ids: tuple[int, ...]) -> Handles | None:
    """Whose words the rows or columns of a map are."""
    side = None if ids else side_of(value, axis)
    return None if side is None else handles(trace, side, asks=row_letters(value.axes)[axis] in "LQ")


def _title(model: str, value: Value, axis: int, letter: str, lang: str) -> str:
    if letter == "1":
        return ""
    return row_title(letter, side_of(value, axis), model, lang) if letter in "QL" else t(f"axis.{letter}", lang)


def side_of(value: Value, axis: int) -> str | None:
    """Return the word list that labels one of the two axes of a map."""
    if len(value.sides) < 2 or value.inner:
        return value.sides[0] if axis == 0 else None
    return value.sides[axis - 2]


def _labels(asked: Asked, trace: Trace, value: Value, axis: int, ids: tuple[int, ...], mode: Mode) -> list[str]:
    letter = row_letters(value.axes)[axis]
    if letter == "V":
        return _words(asked, value, ids, mode)
    side = side_of(value, axis)
    if side is None:
        if axis == 1 and letter != "1" and ids == tuple(range(len(ids))):
            return []  # plain numbers: the chart numbers its columns itself, where there is room
        return [str(i) for i in ids] if letter != "1" else [""] * len(ids)
    words = trace.words_of(side)
    return tick_labels(words.read, theme(mode), answers(trace, side) if letter in "LQ" else ())


def _words(asked: Asked, value: Value, ids: tuple[int, ...], mode: Mode) -> list[str]:
    # Vocabulary words have no positions: their labels are the bare pieces, made safe in the same way.
    return [bare_label(word, theme(mode)) for word in map(reader(asked.model, value.block.words), ids)]
