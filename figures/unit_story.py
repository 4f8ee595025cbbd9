"""Which units of a feed-forward network speak for a word: how many are silent, and which write most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from figures.labels import number
from figures.matrix import MAX_NUMBERS
from figures.rows import column_axis, row_axis, row_layout
from figures.theme import Theme

Array = NDArray[Any]
TOP = 5  # units per row
NEARLY = 0.01  # an activation nearer to 0 than this counts as silent where nothing is exactly 0 (GELU)
_SILENT, _UNITS = (0.0, 0.32), (0.4, 1.0)  # parts of the width


@dataclass(frozen=True)
class Units:
    """The units of each row.

    Attributes:
        silent: the share of silent units, [L].
        ids: of those that write most, the largest first, [L, T].
        acts: their activations, [L, T].
        norms: the length of their rows of W_2, [L, T].
        sizes: the length of what they write, |activation| times that, [L, T].
    """

    silent: Array
    ids: Array
    acts: Array
    norms: Array
    sizes: Array

    def strongest(self) -> int:
        """Return the row in which a unit writes most of all."""
        return int(self.sizes[:, 0].argmax())

    def facts(self) -> dict[str, str]:
        """Return the shares of silence in percent, and the unit that writes most."""
        row = self.strongest()
        shares = {"mean": self.silent.mean(), "low": self.silent.min(), "high": self.silent.max()}
        unit = {"act": self.acts[row, 0], "norm": self.norms[row, 0], "size": self.sizes[row, 0]}
        return {
            **{name: f"{100 * share:.1f}" for name, share in shares.items()},
            **{name: number(float(value)) for name, value in unit.items()},
            "unit": str(self.ids[row, 0]),
        }


def threshold(activation: str) -> float:
    """Return the size up to which an activation is silence: 0 for ReLU, which is exact."""
    return 0.0 if activation == "relu" else NEARLY


def units(act: Array, W_2: Array, silent_up_to: float) -> Units:
    """Return who is silent and who writes most.

    Shapes: act [L, F], W_2 [F, D].
    """
    exact = act.astype(np.float64)
    norms = np.linalg.norm(W_2.astype(np.float64), axis=1)  # [F]
    written = np.abs(exact) * norms  # [L, F]
    ids = np.argsort(-written, axis=1, kind="stable")[:, :TOP]
    acts, sizes = np.take_along_axis(exact, ids, 1), np.take_along_axis(written, ids, 1)
    return Units((np.abs(exact) <= silent_up_to).mean(axis=1), ids, acts, norms[ids], sizes)


def units_figure(found: Units, rows: Sequence[str], titles: tuple[str, str], words: str, colours: Theme) -> go.Figure:
    """Return two panels: the share of silent units per row, and the numbers of the units that write most.

    Args:
        found: from `units`.
        rows: a safe tick label per row.
        titles: of the two panels.
        words: what a unit's cell says when it is pointed at, with the fields unit, act, norm, size.
        colours: of the mode.
    """
    n_rows, n_top = found.ids.shape
    ranks = list(range(n_top))
    columns = {"tickvals": ranks, "ticktext": [str(i + 1) for i in ranks], "range": [-0.5, n_top - 0.5]}
    percent = {"range": [0, 100], "tickvals": [0, 50], "ticktext": ["0", "50 %"]}
    axes = {
        "yaxis": row_axis(rows),
        "xaxis": column_axis(titles[0], _SILENT, **percent),
        "xaxis2": column_axis(titles[1], _UNITS, **columns),
    }
    layers = [_silence(found, rows, colours), _loudest(found, _says(found, rows, words), colours)]
    return go.Figure(layers, {**row_layout(n_rows, **axes), "bargap": 0.2})


def _silence(found: Units, rows: Sequence[str], colours: Theme) -> go.Bar:
    return go.Bar(
        x=100 * found.silent,
        y=np.arange(len(rows)),
        orientation="h",
        marker={"color": colours.muted},
        text=[f"{100 * share:.0f} %" for share in found.silent] if len(rows) <= 2 * MAX_NUMBERS else None,
        textposition="inside",
        textfont={"color": colours.background, "size": 13},
        customdata=list(rows),
        hovertemplate="%{customdata}<br>%{x:.1f} %<extra></extra>",
    )


def _loudest(found: Units, says: list[list[str]], colours: Theme) -> go.Heatmap:
    shown = len(says) <= 2 * MAX_NUMBERS
    return go.Heatmap(
        z=found.sizes.astype(np.float32),
        xaxis="x2",
        zmin=0.0,
        zmax=float(found.sizes.max()) or 1.0,
        colorscale=colours.sequential(),
        xgap=1,
        ygap=1,
        showscale=False,
        text=found.ids.tolist() if shown else None,
        texttemplate="%{text}" if shown else None,
        customdata=says,
        hovertemplate="%{customdata}<extra></extra>",
    )


def _says(found: Units, rows: Sequence[str], words: str) -> list[list[str]]:
    told = []
    for i, row in enumerate(rows):
        cells = zip(found.ids[i], found.acts[i], found.norms[i], found.sizes[i], strict=True)
        says = [words.format(unit=u, act=f"{a:.3f}", norm=f"{n:.3f}", size=f"{s:.3f}") for u, a, n, s in cells]
        told.append([f"{row}<br>{each}" for each in says])
    return told
