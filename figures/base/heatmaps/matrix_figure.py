"""A heatmap as a Plotly figure, for files that a reader takes home."""

from __future__ import annotations

import html
import textwrap
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.base.heatmaps.matrix import CELL, MARGIN, MAX_GAPS, MAX_HEIGHT, MAX_NUMBERS, Axes, Matrix
from figures.base.labels import number, visible_ticks

Array = NDArray[Any]
LONGEST = 16  # characters of a column's label in one line
MAX_LABELLED = 4096  # cells up to which the hover names row and column in full


def matrix_figure(matrix: Matrix) -> go.Figure:
    """Return the figure of a heatmap; blocked cells are a layer of their own."""
    n_rows, n_columns = matrix.values.shape
    axes = matrix.axes
    heat = go.Heatmap(
        z=np.where(matrix.allowed, matrix.values, np.nan).astype(np.float32),
        zmin=matrix.low,
        zmax=matrix.high,
        colorscale=matrix.scale,
        xgap=int(n_columns <= MAX_GAPS),
        ygap=int(n_rows <= MAX_GAPS),
        hoverongaps=False,
        customdata=_hover_labels(axes, n_columns, n_rows),
        hovertemplate=_hover(axes, matrix.values.size, f"{axes.value} = %{{z:.4f}}"),
        text=[[html.escape(text, quote=False) for text in row] for row in matrix.texts] if matrix.texts else None,
        texttemplate=_printed(matrix),
        textfont={"size": 13},
        showscale=not matrix.bare,
        colorbar={"thickness": 10, "outlinewidth": 0, "len": 0.9, **_ends(matrix)},
    )
    layers = [heat] if matrix.allowed.all() else [heat, _blocked_cells(matrix)]
    # All at once: every update of a figure that is there would be checked anew, and cost as much as making it.
    return go.Figure(layers, _layout(axes, n_rows, n_columns))


def _ends(matrix: Matrix) -> dict[str, Any]:
    """What stands at the colour bar of numbers that lie beyond its ends."""
    if not matrix.cut:
        return {}
    middle = (matrix.low + matrix.high) / 2
    texts = [f"≤ {number(matrix.low)}", number(middle), f"≥ {number(matrix.high)}"]
    return {"tickvals": [matrix.low, middle, matrix.high], "ticktext": texts}


def _printed(matrix: Matrix) -> str | None:
    if matrix.texts:
        return "%{text}"
    return None if matrix.digits is None else f"%{{z:.{matrix.digits}f}}"


def _blocked_cells(matrix: Matrix) -> go.Heatmap:
    # A layer of its own: a missing cell would be as transparent as the page, and a small value merely dark.
    allowed, axes = matrix.allowed, matrix.axes
    small = max(allowed.shape) <= MAX_NUMBERS * 2
    return go.Heatmap(
        z=np.where(allowed, np.nan, 1.0).astype(np.float32),
        colorscale=[(0.0, matrix.blocked), (1.0, matrix.blocked)],
        showscale=False,
        xgap=int(allowed.shape[1] <= MAX_GAPS),
        ygap=int(allowed.shape[0] <= MAX_GAPS),
        hoverongaps=False,
        text=np.where(allowed, "", "×").tolist() if small else None,
        texttemplate="%{text}" if small else None,
        textfont={"size": 13, "color": matrix.muted},
        customdata=_hover_labels(axes, allowed.shape[1], allowed.shape[0]),
        hovertemplate=_hover(axes, allowed.size, axes.blocked),
    )


def _hover(axes: Axes, n_cells: int, says: str) -> str:
    if n_cells > MAX_LABELLED:  # a label for each of so many cells would outweigh their values
        return f"{axes.row_title}: %{{y}}<br>{axes.column_title}: %{{x}}<br>{says}<extra></extra>"
    return f"%{{customdata[0]}}<br>%{{customdata[1]}}<br>{says}<extra></extra>"


def _hover_labels(axes: Axes, n_columns: int, n_rows: int) -> Array | None:
    if n_rows * n_columns > MAX_LABELLED:
        return None
    columns = [f"{axes.column_title}: {column}" for column in axes.columns or range(n_columns)]
    rows = [f"{axes.row_title}: {row}" for row in axes.rows]
    # An array, though of strings: lists Plotly copies and checks one by one, ten times as slowly.
    return np.array([[(row, column) for column in columns] for row in rows], dtype=object)


def _layout(axes: Axes, n_rows: int, n_columns: int) -> dict[str, Any]:
    plain = {"showgrid": False, "zeroline": False, "tickfont": {"size": 14}}
    rows, columns = visible_ticks(n_rows), visible_ticks(n_columns)
    xaxis = {**plain, "title": {"text": axes.column_title}, "range": [-0.5, n_columns - 0.5]}
    if axes.columns:
        ticks = {"tickvals": columns, "ticktext": [_in_lines(axes.columns[j]) for j in columns]}
        xaxis |= {**ticks, "side": "top", "automargin": True}
    yaxis = {
        **plain,
        "title": {"text": axes.row_title},
        "tickvals": rows,
        "ticktext": [axes.rows[i] for i in rows],
        "range": [n_rows - 0.5, -0.5],
        "automargin": True,
    }
    return {
        "xaxis": xaxis,
        "yaxis": yaxis,
        "height": min(MAX_HEIGHT, MARGIN + CELL * n_rows),
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "dragmode": False,
    }


def _in_lines(label: str) -> str:
    """A long label of words in several lines: Plotly leaves out one that reaches over the edge."""
    return label if set("<&") & set(label) else "<br>".join(textwrap.wrap(label, LONGEST, break_long_words=False))
