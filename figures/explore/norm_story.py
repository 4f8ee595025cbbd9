"""What a LayerNorm does to each row: its mean and spread before and after, and what gamma and beta do per dimension."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.base.labels import number
from figures.base.row_charts import LEGEND_BELOW, LETTERS, PLAIN, column_axis, panels, row_axis, row_layout
from figures.base.theme import Theme

Array = NDArray[Any]
SCALE_HEIGHT = 260
WIDEST_BAR = 12  # pixels of a row's bar
APART, PALE = 0.19, 0.45  # rows between a run's bar and the middle of its row, of two runs; opacity of the second
EXACT = 6  # digits of a variance that is 1 up to epsilon


@dataclass(frozen=True)
class Spread:
    """Mean and biased variance of each row, in float64: `mean` [L], `var` [L]."""

    mean: Array
    var: Array


def spread(rows: Array) -> Spread:
    """Return the mean and the biased variance of each row.

    Shapes: rows [L, D].
    """
    exact = rows.astype(np.float64)
    return Spread(exact.mean(axis=1), exact.var(axis=1))


def norm_facts(stages: Sequence[Spread], eps: float) -> dict[str, str]:
    """Return the ranges of means and variances, and how far the normalised variance is from what it must be.

    Args:
        stages: before, normalised, and after gamma and beta.
        eps: of the LayerNorm.
    """
    before, normalised, out = stages
    wanted = before.var / (before.var + eps)
    return {
        **ends("mean", before.mean),
        **ends("var", before.var),
        **ends("normal_var", normalised.var, EXACT),
        **ends("out_mean", out.mean),
        **ends("out_var", out.var),
        "normal_mean": number(float(np.abs(normalised.mean).max())),
        "difference": number(float(np.abs(normalised.var - wanted).max())),
    }


def ends(name: str, values: Array, digits: int = 3) -> dict[str, str]:
    """Return the smallest and the largest value as `name_low` and `name_high`."""
    return {f"{name}_low": number(float(values.min()), digits), f"{name}_high": number(float(values.max()), digits)}


def spread_figure(
    spreads: Sequence[Spread],
    titles: Sequence[str],
    rows: Sequence[str],
    colours: Theme,
    before: Sequence[Spread] = (),
    names: Sequence[str] = ("", ""),
) -> go.Figure:
    """Return a panel per stage, all to one scale: per row a stroke at its mean, a bar one deviation to each side.

    Args:
        spreads: one per stage, all of the same rows.
        titles: one per stage.
        rows: a safe tick label per row.
        colours: of the mode.
        before: the same of another run, drawn paler below them.
        names: of both runs, where there are two.
    """
    reach = max(float((np.abs(s.mean) + np.sqrt(s.var)).max()) for s in (*spreads, *before)) or 1.0
    unit = 10.0 ** math.floor(math.log10(reach))
    mark = unit * math.floor(reach / unit)  # one round number: a phone has no room for more
    ticks = {"tickvals": [0, mark], "range": [-1.08 * reach, 1.08 * reach]}
    axes: dict[str, Any] = {"yaxis": row_axis(rows)}
    for n, (title, panel) in enumerate(zip(titles, panels(len(titles)), strict=True), 1):
        line = {"zeroline": True, "zerolinecolor": colours.line, **ticks}
        axes[f"xaxis{n}"] = column_axis(title, panel, **line)
    runs = (spreads, before) if before else (spreads,)
    strokes = [
        _strokes(s, f"x{n}", rows, colours, run if before else None, names[run])
        for run, stages in enumerate(runs)
        for n, s in enumerate(stages, 1)
    ]
    layout = row_layout(len(rows) + bool(before), **axes)
    return go.Figure(strokes, {**layout, "showlegend": bool(before), "legend": LEGEND_BELOW})


def _strokes(s: Spread, axis: str, rows: Sequence[str], colours: Theme, run: int | None, name: str) -> go.Scatter:
    """One stage of a run; of two runs the first stands above the second, which is paler."""
    thick = min(WIDEST_BAR, 400 / len(rows)) / (1 if run is None else 2)
    bar = {"array": np.sqrt(s.var), "color": colours.muted, "width": 0, "thickness": thick}
    size = 18 if run is None else 11
    said = f"<br>{name}" if name else ""
    return go.Scatter(
        x=s.mean,
        y=np.arange(len(rows)) + (0.0 if run is None else (-APART, APART)[run]),
        xaxis=axis,
        mode="markers",
        name=name,
        legendgroup=name,
        showlegend=axis == "x1",
        opacity=PALE if run else 1.0,
        marker={"symbol": "line-ns", "size": size, "line": {"color": colours.text, "width": 2}},
        error_x={"type": "data", **bar},
        customdata=[[rows[i], float(s.var[i]), float(s.var[i] ** 0.5)] for i in range(len(rows))],
        hovertemplate=f"%{{customdata[0]}}{said}<br>μ = %{{x:.4f}}<br>σ² = %{{customdata[1]:.5f}}<br>"
        "σ = %{customdata[2]:.4f}<extra></extra>",
    )


def scale_figure(gamma: Array, beta: Array, dimension: str, colours: Theme) -> go.Figure:
    """Return two rows of bars over the dimensions: gamma from 1, where training began, and beta from 0.

    Shapes: gamma [D], beta [D].
    """
    bars = [
        go.Bar(
            x=np.arange(len(values)),
            y=values.astype(np.float64) - start,
            base=start,
            yaxis=f"y{n}",
            marker={"color": colours.text, "line": {"width": 0}},
            customdata=values.astype(np.float64),
            hovertemplate=f"d = %{{x}}<br>{letter} = %{{customdata:.4f}}<extra></extra>",
        )
        for n, (letter, values, start) in enumerate((("γ", gamma, 1.0), ("β", beta, 0.0)), 1)
    ]
    layout = {
        "xaxis": {**PLAIN, "title": {"text": dimension, "font": LETTERS}, "range": [-1, len(gamma)], "anchor": "y2"},
        "yaxis": _level("γ", 1.0, (0.56, 1.0), colours),
        "yaxis2": _level("β", 0.0, (0.0, 0.44), colours),
        "height": SCALE_HEIGHT,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "bargap": 0.15,
        "hovermode": "x",  # a bar of a few pixels is hard to hit
        "dragmode": False,
        "showlegend": False,
    }
    return go.Figure(bars, layout)


def _level(letter: str, start: float, panel: tuple[float, float], colours: Theme) -> dict[str, Any]:
    title = {"text": letter, "font": {"size": 18, "color": colours.text}}
    return {**PLAIN, "title": title, "domain": panel, "nticks": 4, "automargin": True}
