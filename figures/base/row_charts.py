"""Charts with one row per position, the first on top: their axes and layout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from figures.base.heatmaps.matrix import CELL, MAX_HEIGHT
from figures.base.labels import visible_ticks

HEAD = 70  # pixels above the rows: titles and numbers of the axes
LETTERS = {"size": 14}  # what is not told, Streamlit gives smaller letters
PLAIN = {"showgrid": False, "zeroline": False, "tickfont": LETTERS}
LEGEND_BELOW = {"orientation": "h", "x": 0, "y": 0, "yanchor": "top", "traceorder": "normal", "font": LETTERS}


def row_axis(labels: Sequence[str], title: str = "") -> dict[str, Any]:
    """Return the axis of the rows, a label each, where they are not too many."""
    ticks = visible_ticks(len(labels))
    return {
        **PLAIN,
        "title": {"text": title, "font": LETTERS},
        "tickvals": ticks,
        "ticktext": [labels[i] for i in ticks],
        "range": [len(labels) - 0.5, -0.5],
        "automargin": True,
    }


def column_axis(title: str, panel: tuple[float, float] = (0.0, 1.0), **more: Any) -> dict[str, Any]:
    """Return the axis of one panel's columns, its title above, where the reader begins."""
    return {
        **PLAIN,
        "title": {"text": title, "font": LETTERS},
        "side": "top",
        "domain": panel,
        "automargin": True,
        **more,
    }


def row_layout(n_rows: int, **axes: Any) -> dict[str, Any]:
    """Return the layout of a chart with so many rows and these axes."""
    return {
        **axes,
        "height": min(MAX_HEIGHT, HEAD + CELL * n_rows),
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "dragmode": False,
        "showlegend": False,
    }


def panels(n: int, gap: float = 0.06) -> list[tuple[float, float]]:
    """Return the parts of the width that so many panels of equal width fill, side by side."""
    width = (1 - gap * (n - 1)) / n
    return [(i * (width + gap), min(1.0, i * (width + gap) + width)) for i in range(n)]


def at_longer_ends(
    after: Sequence[str], before: Sequence[str], lengths: Iterable[float], others: Iterable[float]
) -> tuple[list[str], list[str]]:
    """Return the texts behind the bars of two runs that lie on each other: both numbers, behind the longer bar.

    Args:
        after, before: the numbers of both runs, a text per row.
        lengths, others: of their bars.
    """
    both = [f"{then} → {now}" for then, now in zip(before, after, strict=True)]
    longer = [length >= other for length, other in zip(lengths, others, strict=True)]
    first = [text if it else "" for text, it in zip(both, longer, strict=True)]
    return first, ["" if it else text for text, it in zip(both, longer, strict=True)]
