"""Which units of a feed-forward network speak for a word: how many are silent, and which write most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.heatmaps.matrix import Axes, Matrix, Totals, amounts_matrix
from figures.base.labels import number
from figures.base.theme import Theme

Array = NDArray[Any]
TOP = 5  # units per row
NEARLY = 0.01  # an activation nearer to 0 than this counts as silent where nothing is exactly 0 (GELU)


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


def units(act: Array, W_2: Array, silent_up_to: float, ids: Array | None = None) -> Units:
    """Return who is silent and who writes most, or what the units `ids` write, which did so in another run.

    Shapes: act [L, F], W_2 [F, D], ids [L, T].
    """
    exact = act.astype(np.float64)
    norms = np.linalg.norm(W_2.astype(np.float64), axis=1)  # [F]
    written = np.abs(exact) * norms  # [L, F]
    ids = np.argsort(-written, axis=1, kind="stable")[:, :TOP] if ids is None else ids
    acts, sizes = np.take_along_axis(exact, ids, 1), np.take_along_axis(written, ids, 1)
    return Units((np.abs(exact) <= silent_up_to).mean(axis=1), ids, acts, norms[ids], sizes)


def units_matrix(found: Units, rows: Sequence[str], titles: tuple[str, str], words: str, colours: Theme) -> Matrix:
    """Return the heatmap of the units that write most, and beside each row its share of silent units.

    Args:
        found: from `units`.
        rows: a safe tick label per row.
        titles: of the shares, and of the units.
        words: what a unit's cell says when it is pointed at, with the fields unit, act, norm, size.
        colours: of the mode.
    """
    axes = Axes(rows, [str(rank + 1) for rank in range(found.ids.shape[1])], "", titles[1], "")
    silent = Totals(titles[0], found.silent, [f"{100 * share:.0f} %" for share in found.silent])
    shown = amounts_matrix(found.sizes, axes, colours)
    return replace(shown, totals=silent, texts=found.ids.astype(str).tolist(), says=_says(found, words))


def _says(found: Units, words: str) -> list[list[str]]:
    told = []
    for i in range(len(found.ids)):
        cells = zip(found.ids[i], found.acts[i], found.norms[i], found.sizes[i], strict=True)
        told.append([words.format(unit=u, act=f"{a:.3f}", norm=f"{n:.3f}", size=f"{s:.3f}") for u, a, n, s in cells])
    return told
