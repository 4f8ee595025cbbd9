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
from ui.state.models import Asked, get_trace, reader
from ui.state.shared.kept import kept_with_run
from ui.state.values import Value

Array = NDArray[Any]
_TOP_COLUMNS: WeakKeyDictionary[Trace, tuple[int, ...]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Map:
    """Two axes of a value: those of one head, where it has heads; all rows and columns, or only some.

    Attributes:
        value: a site or parameter.
        head: of those that ask, where the value has heads.
        rows, columns: the ids of those that are drawn; empty for all.
    """

    value: Value
    head: int | None = None
    rows: tuple[int, ...] = ()
    columns: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """The key of its value."""
        return self.value.key

    def index(self, row: int, column: int) -> tuple[int, ...]:
        """Return the cell of the whole value that stands at a row and column of the map."""
        return self.value.index(self.head or 0, self._id(self.rows, row), self._id(self.columns, column))

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


def numbers(asked: Asked, value: Value, head: int) -> Array:
    """Return the two axes of a value of what is asked for: of one run, or of both the difference.

    Shapes: -> [R, C].
    """
    runs = asked.runs if value.kind != "ids" and not value.is_parameter else (asked.edited,)
    cells = [value.sheet(get_trace(run), head) for run in runs]
    return cells[0] if len(cells) == 1 else subtract(*cells)


def map_of(trace: Trace, value: Value, head: int, row: int | None, column: int | None) -> Map:
    """Return the map of a site or parameter; of a vocabulary or a large parameter, what lies around the chosen cell."""
    if value.is_parameter:
        n_rows, n_columns = value.sheet(trace, head).shape
        if len(value.axes) == 2 and value.axes[0] == "V":
            embeds = value.block.role == "embedding"
            ids = trace[trace.plan.words(value.block.words).tokens].tolist() if embeds else list(trace.written_ids)
            rows = tuple(dict.fromkeys([*ids, *([] if row is None else [row])]))
            return Map(value, None, rows, window(n_columns, column or 0))
        return Map(value, None, window(n_rows, row or 0), window(n_columns, column or 0))
    if value.axes.endswith("V"):
        chosen = [] if column is None else [column]
        drawn = map_columns(trace) if value.block.role == "table" else [*_top_columns(trace), *trace.written_ids]
        return Map(value, None, (), tuple(dict.fromkeys([*drawn, *chosen])))
    return Map(value, head if value.sharing else None)


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
    trace, value = get_trace(asked), shown.value
    cells, allowed = _cells(trace, shown)
    axes = _axes(asked, replace(shown, head=None), lang, mode)
    if not asked.difference or not has_difference(trace.plan, value.key):
        return value_map(cells, value.kind, value.name, allowed, axes, theme(mode))
    original, allowed_there = _cells(get_trace(asked.plain), shown)
    either = None if allowed is None or allowed_there is None else allowed | allowed_there
    blocked = t("edit_run.blocked" if value.kind == "weights" else "edit_run.infinite", lang)
    named = replace(axes, value=t("edit_run.minus", lang, name=axes.value), blocked=blocked)
    return difference_map(cells, original, either, named, theme(mode))


def largest_difference(asked: Asked, key: str) -> float:
    """Return the largest difference between a site of the edited run and of the original, where both are finite."""
    return largest(get_trace(asked)[key], get_trace(asked.plain)[key])


def _cells(trace: Trace, shown: Map) -> tuple[Array, Array | None]:
    """The numbers that a map shows, and where its mask allows them, if it has one."""
    value = shown.value
    cells = value.sheet(trace, shown.head or 0)
    if shown.rows:
        cells = cells[list(shown.rows)]
    if shown.columns:
        cells = cells[:, list(shown.columns)]
    if value.is_masked:
        return cells, trace[key_of(value.block, "mask")]
    return cells, cells if value.kind == "mask" else None


@kept_with_run
def _axes(asked: Asked, shown: Map, lang: str, mode: Mode) -> Axes:
    trace, value = get_trace(asked), shown.value
    shape = value.sheet(trace, 0).shape
    labels = [
        _labels(asked, trace, value, axis, ids or tuple(range(shape[axis])), mode)
        for axis, ids in enumerate((shown.rows, shown.columns))
    ]
    titles = [_title(asked.model, value, axis, lang) for axis in (0, 1)]
    rows, columns = (_handles(trace, value, axis, ids) for axis, ids in enumerate((shown.rows, shown.columns)))
    blocked = t("value.blocked", lang)
    names = (labels[0], labels[1], titles[0], titles[1], value.name, blocked)
    return Axes(*names, row_words=rows, column_words=columns)


def _handles(trace: Trace, value: Value, axis: int, ids: tuple[int, ...]) -> Handles | None:
    """Whose words the rows or columns of a map are."""
    side = None if ids else value.side(axis)
    return None if side is None else handles(trace, side, asks=value.letters[axis] in "LQ")


def _title(model: str, value: Value, axis: int, lang: str) -> str:
    letter = value.letters[axis]
    if letter == "1":
        return ""
    return row_title(letter, value.side(axis), model, lang) if letter in "QL" else t(f"axis.{letter}", lang)


def _labels(asked: Asked, trace: Trace, value: Value, axis: int, ids: tuple[int, ...], mode: Mode) -> list[str]:
    letter = value.letters[axis]
    if letter == "V":
        return _words(asked, value, ids, mode)
    side = value.side(axis)
    if side is None:
        if axis == 1 and letter != "1" and ids == tuple(range(len(ids))):
            return []  # plain numbers: the chart numbers its columns itself, where there is room
        return [str(i) for i in ids] if letter != "1" else [""] * len(ids)
    words = trace.words_of(side)
    return tick_labels(words.read, theme(mode), answers(trace, side) if letter in "LQ" else ())


def _words(asked: Asked, value: Value, ids: tuple[int, ...], mode: Mode) -> list[str]:
    # Vocabulary words have no positions: their labels are the bare pieces, made safe in the same way.
    return [bare_label(word, theme(mode)) for word in map(reader(asked.model, value.block.words), ids)]
