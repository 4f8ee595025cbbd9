"""Heatmaps of one head: vectors per position, scores, weights.

Rows are queries (or positions), columns keys (or dimensions of the head).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.labels import visible_ticks
from figures.theme import Scale, Theme

Array = NDArray[Any]
CELL, MARGIN, MAX_HEIGHT = 34, 120, 720
MAX_NUMBERS = 12  # positions up to which the numbers are printed into the cells
MAX_GAPS = 64  # rows or columns up to which a gap between cells leaves room for the cells
MAX_LABELLED = 4096  # cells up to which the hover names row and column in full


@dataclass(frozen=True)
class Axes:
    """What labels a heatmap.

    Attributes:
        rows, columns: a tick label per row and column, already safe; empty columns are numbered.
        row_title, column_title: what the axes are.
        value: the name of the number, for the hover.
        blocked: what the hover says on a blocked cell.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    row_title: str
    column_title: str
    value: str
    blocked: str = ""


def weights_matrix(weights: Array, allowed: Array, axes: Axes, colours: Theme) -> go.Figure:
    """Return the heatmap of attention weights, 0 to 1 whatever the data, blocked cells marked.

    Shapes: weights [Q, K], allowed bool [Q, K].
    """
    return _matrix(weights, allowed, axes, colours, colours.sequential(), 0.0, 1.0)


def scores_matrix(scores: Array, allowed: Array | None, axes: Axes, colours: Theme) -> go.Figure:
    """Return the heatmap of scores, zero in the middle of the colours; blocked cells are no part of the range.

    Shapes: scores [Q, K]; allowed bool [Q, K], or None where nothing has been masked yet.
    """
    allowed = np.ones(scores.shape, dtype=bool) if allowed is None else allowed
    reach = _reach(scores[allowed])
    return _matrix(scores, allowed, axes, colours, colours.diverging(), -reach, reach)


def vectors_matrix(vectors: Array, name: str, axes: Axes, colours: Theme) -> go.Figure:
    """Return the heatmap of one vector per position, in the colour of `name` ("q", "k", "v", or another).

    Shapes: vectors [L, E].
    """
    reach = _reach(vectors)
    everything = np.ones(vectors.shape, dtype=bool)
    return _matrix(vectors, everything, axes, colours, colours.diverging(name), -reach, reach)


def amounts_matrix(amounts: Array, axes: Axes, colours: Theme) -> go.Figure:
    """Return the heatmap of numbers that are never negative, from 0 to their largest.

    Shapes: amounts [R, C].
    """
    everything = np.ones(amounts.shape, dtype=bool)
    return _matrix(amounts, everything, axes, colours, colours.sequential(), 0.0, _reach(amounts))


def ids_matrix(ids: Array, axes: Axes, colours: Theme) -> go.Figure:
    """Return ids as plain numbers: an id is a name, and no larger or smaller than another.

    Shapes: ids [R, C].
    """
    plain = [(0.0, colours.neutral), (1.0, colours.neutral)]
    figure = _matrix(ids, np.ones(ids.shape, dtype=bool), axes, colours, plain, 0.0, 1.0)
    figure.update_traces(texttemplate="%{z:.0f}", textfont={"size": 15}, showscale=False)
    return figure


def _matrix(
    values: Array, allowed: Array, axes: Axes, colours: Theme, scale: Scale, low: float, high: float
) -> go.Figure:
    gaps = [int(n <= MAX_GAPS) for n in values.shape]
    shown = np.where(allowed, values, np.nan).astype(np.float32)
    n_rows, n_columns = values.shape
    heat = go.Heatmap(
        z=shown,
        zmin=low,
        zmax=high,
        colorscale=scale,
        xgap=gaps[1],
        ygap=gaps[0],
        hoverongaps=False,
        customdata=_hover_labels(axes, n_columns, n_rows),
        hovertemplate=_hover(axes, values.size, f"{axes.value} = %{{z:.4f}}"),
        colorbar={"thickness": 10, "outlinewidth": 0, "len": 0.9},
    )
    if max(n_rows, n_columns) <= MAX_NUMBERS:
        # Where the numbers stand in the cells, a phone needs the colour bar's place more than the bar.
        heat.update(texttemplate=f"%{{z:.{1 if high > 1 else 2}f}}", textfont={"size": 13}, showscale=False)
    layers = [heat] if allowed.all() else [heat, _blocked_cells(allowed, axes, colours)]
    # All at once: every update of a figure that is there would be checked anew, and cost as much as making it.
    return go.Figure(layers, _layout(axes, n_rows, n_columns))


def _blocked_cells(allowed: Array, axes: Axes, colours: Theme) -> go.Heatmap:
    # A layer of its own: a missing cell would be as transparent as the page, and a small value merely dark.
    small = max(allowed.shape) <= MAX_NUMBERS * 2
    return go.Heatmap(
        z=np.where(allowed, np.nan, 1.0).astype(np.float32),
        colorscale=[(0.0, colours.blocked), (1.0, colours.blocked)],
        showscale=False,
        xgap=int(allowed.shape[1] <= MAX_GAPS),
        ygap=int(allowed.shape[0] <= MAX_GAPS),
        hoverongaps=False,
        text=np.where(allowed, "", "×").tolist() if small else None,
        texttemplate="%{text}" if small else None,
        textfont={"size": 13, "color": colours.muted},
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
        ticks = {"tickvals": columns, "ticktext": [axes.columns[j] for j in columns]}
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


def _reach(values: Array) -> float:
    """The largest magnitude, so that zero lies in the middle of the colours; 1 where every value is 0."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0
