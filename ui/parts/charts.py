"""What the stops of a road show below their maps: a title, one sentence of what to look at, a chart, and its facts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from figures.base.heatmaps.heatmap import heatmap
from figures.base.heatmaps.matrix import Matrix
from figures.base.labels import number, plain_row, tick_labels
from figures.base.theme import Mode, theme
from figures.base.wire import answers
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import words_of
from ui.frame.text import escape, section
from ui.parts.components import heat_map
from ui.parts.hearing import MisheardError, whole
from ui.state.session import mode
from ui.state.view import View


def heading(title: str, look: str) -> None:
    """Draw a title and what to look at below it."""
    st.markdown(f"##### {title}")
    st.markdown(look)


def chart(figure: go.Figure, key: str, alt: str, on_point: Callable[[int, int], None] | None = None) -> None:
    """Draw a figure.

    Args:
        figure: of Plotly's.
        key: of the chart.
        alt: what a reader hears who does not see it.
        on_point: hears the number of the curve and the place on the axis of x of a point that is clicked.
    """
    heard: dict[str, Any] = {}
    if on_point is not None:
        heard = {"on_select": partial(_hear_point, key, on_point), "selection_mode": "points"}
    st.plotly_chart(figure, key=key, config={"displayModeBar": False}, alt=alt, **heard)


def _hear_point(key: str, on_point: Callable[[int, int], None]) -> None:
    for point in st.session_state[key].selection.points[:1]:
        with suppress(MisheardError):
            on_point(whole(point, "curve_number"), whole(point, "x"))


def heat(matrix: Matrix, key: str, alt: str, view: View, on_cell: Callable[[int, int], None], name: str = "") -> None:
    """Draw a heatmap that follows from others; `on_cell` hears the row and column of a click."""
    heat_map(key, heatmap(matrix), name or key, alt, section("heatmap_words", view.lang), mode(), on_cell)


def apart(difference: float) -> str:
    """Return a difference as a sentence names it: 0 where there is none at all."""
    return number(difference) if difference else "0"


def ticks(trace: Trace, stack: str, mode: Mode, *, reads: bool = False) -> list[str]:
    """Return a safe tick label per row of a stack: what it reads and, unless `reads`, what it writes, if it does."""
    return side_ticks(trace, words_of(trace.plan, stack).name, mode, reads=reads)


def side_ticks(trace: Trace, side: str | None, mode: Mode, *, reads: bool = False) -> list[str]:
    """Return the same per position of a word list."""
    words = trace.words_of(side or "")
    return tick_labels(words.read, theme(mode), () if reads else answers(trace, side or ""))


def told_row(trace: Trace, stack: str, row: int) -> str:
    """Return a row's position and word, as a sentence may name it."""
    return side_row(trace, words_of(trace.plan, stack).name, row)


def side_row(trace: Trace, side: str | None, row: int) -> str:
    """Return a position of a word list and its word, as a sentence may name it."""
    words = trace.words_of(side or "")
    return escape(plain_row(row, words.read, answers(trace, side or "")))
