"""What charts of curves have in common."""

from __future__ import annotations

from typing import Any

from figures.base.row_charts import LETTERS
from figures.base.theme import Theme


def curves_layout(across: str, up: str, colours: Theme, **axis: Any) -> dict[str, Any]:
    """Return the layout of a chart of curves: titles, a grid, and the legend above it, clear of the curves.

    Args:
        across, up: titles of the axes.
        colours: of the mode.
        axis: what else holds for both axes.
    """
    plain = {"showgrid": True, "gridcolor": colours.line, "tickfont": LETTERS, **axis}
    return {
        "xaxis": {**plain, "title": {"text": across, "font": LETTERS}},
        "yaxis": {**plain, "title": {"text": up, "font": LETTERS}},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": LETTERS},
        "height": 360,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
    }
