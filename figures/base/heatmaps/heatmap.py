"""A heatmap as our own component draws it: plain data, the numbers as bytes."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from typing import Any

import numpy as np

from figures.base.heatmaps.cells import packed_cells
from figures.base.heatmaps.matrix import MAX_NUMBERS, Matrix, Totals

_TAG = re.compile(r"(<[^>]*>)")


def heatmap(matrix: Matrix) -> dict[str, Any]:
    """Return what the component draws.

    Returns:
        rows, columns: their numbers; cells, parts, open: from `packed_cells`; scale, low, high, cut; digits: of the
        numbers in the cells, None where they stay outside; crosses: whether blocked cells have room for one; bar:
        whether there is a colour bar; row_labels, column_labels: the runs of each label, from `runs`; words_of: whose
        words rows and columns are, each a list and a shift, or None; row_title, column_title, value, blocked: words;
        totals: title, shares, texts, and before, the shares of another run or None; texts, says: of each cell, or
        None.
    """
    axes = matrix.axes
    n_rows, n_columns = matrix.values.shape
    return {
        "rows": n_rows,
        "columns": n_columns,
        **packed_cells(matrix.values, matrix.allowed, matrix.low, matrix.high),
        "scale": [[at, colour] for at, colour in matrix.scale],
        "low": matrix.low,
        "high": matrix.high,
        "cut": matrix.cut,
        "digits": matrix.digits,
        "crosses": max(n_rows, n_columns) <= 2 * MAX_NUMBERS,
        "bar": not matrix.bare,
        "row_labels": _labels(tuple(axes.rows)),
        "column_labels": _labels(tuple(axes.columns)),
        "words_of": [axes.row_words, axes.column_words],
        "row_title": axes.row_title,
        "column_title": axes.column_title,
        "value": axes.value,
        "blocked": axes.blocked,
        "totals": None if matrix.totals is None else _totals(matrix.totals),
        "texts": matrix.texts,
        "says": matrix.says,
    }


def runs(label: str) -> list[list[str]]:
    """Return a label for Plotly's ticks as runs of plain text, each with what it is: "", "i", "b" or "bi"."""
    found: list[list[str]] = []
    style = ""
    for part in _TAG.split(label):
        if not _TAG.fullmatch(part):
            if part:
                found.append([html.unescape(part), style])
        elif part[1] == "/":
            style = style.replace(part[2], "")
        else:
            style = "".join(sorted(style + part[1]))
    return found


def _totals(totals: Totals) -> dict[str, Any]:
    shares, before = (None if one is None else np.round(one, 6).tolist() for one in (totals.shares, totals.before))
    return {"title": totals.title, "shares": shares, "texts": list(totals.texts), "before": before}


@lru_cache(maxsize=64)  # a long text has a thousand, and every head has the same
def _labels(labels: tuple[str, ...]) -> list[list[list[str]]]:
    return [runs(label) for label in labels]
