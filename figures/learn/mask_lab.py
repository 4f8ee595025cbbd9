"""What another mask does to a run, as data: the words, the right word's probability, and maps before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.heatmaps.matrix import Axes, Matrix
from figures.base.heatmaps.value_map import value_map
from figures.base.theme import Theme
from figures.explore.readout import places
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import probs_key

Array = NDArray[Any]
KINDS = {"scores": "scores", "weights": "weights", "z": "signed"}


@dataclass(frozen=True)
class Effect:
    """What a run under another mask says, beside the untouched one. T positions.

    Attributes:
        before, after: the probability of every right word: [T].
        changed: whether another word is the most probable one: bool [T].
    """

    before: Array
    after: Array
    changed: Array

    @property
    def losses(self) -> tuple[float, float]:
        """The mean loss of the right words before and after, in nats."""
        return tuple(float(-np.log(p).mean()) for p in (self.before, self.after))  # type: ignore[return-value]


def effect(plain: Trace, masked: Trace) -> Effect:
    """Return what the mask changes in what is said; both runs read the same words."""
    rows, ids = np.arange(len(plain.written_ids)), list(plain.written_ids)
    before, after = (trace[probs_key(trace.plan)].astype(np.float64) for trace in (plain, masked))
    changed = before.argmax(axis=1) != after.argmax(axis=1)
    return Effect(before[rows, ids], after[rows, ids], changed)


def said_rows(plain: Trace, masked: Trace, found: Effect, word_of: Callable[[int], dict[str, Any]]) -> list[Any]:
    """Return a row per position for the table of words.

    Args:
        plain, masked: the two runs.
        found: their `effect`.
        word_of: text and special of an id.

    Returns:
        Rows with read, written, and two cells: the most probable word of each run and its p; the second has a mark
        where it is another one than the first.
    """
    rows = []
    for place, before, after, changed in zip(
        places(plain), plain[probs_key(plain.plan)], masked[probs_key(plain.plan)], found.changed, strict=True
    ):
        cells = [
            {**word_of(int(probs.argmax())), "p": round(float(probs.max()), 4), "mark": mark}
            for probs, mark in ((before, False), (after, bool(changed)))
        ]
        rows.append({**place, "cells": cells})
    return rows


def three_maps(
    plain: Trace, masked: Trace, path: str, head: int, name: str, axes: Axes, colours: Theme
) -> list[Matrix]:
    """Return the maps of one value of a head: untouched, under the mask, and the second less the first.

    Args:
        plain, masked: the two runs.
        path: of the block.
        head: its number.
        name: "scores", "weights" or "z".
        axes: the labels.
        colours: of the mode.
    """
    kind, square = KINDS[name], name != "z"
    values = [trace[f"{path}.{name}"][head] for trace in (plain, masked)]
    masks = [trace[f"{path}.mask"] if square else None for trace in (plain, masked)]
    maps = [value_map(v, kind, name, m, axes, colours) for v, m in zip(values, masks, strict=True)]
    low, high = min(one.low for one in maps), max(one.high for one in maps)
    maps = [replace(one, low=low, high=high) for one in maps]  # one colour is one number in both
    return [*maps, _difference(values, masks, name, axes, colours)]


def _difference(values: list[Array], masks: list[Array | None], name: str, axes: Axes, colours: Theme) -> Matrix:
    """A blocked score is no number and has no difference; a blocked weight is 0."""
    if name == "scores" and masks[0] is not None and masks[1] is not None:
        both = masks[0] & masks[1]
        apart = np.subtract(values[1], values[0], where=both, out=np.full_like(values[0], np.nan))
        return value_map(apart, "scores", name, both, axes, colours)
    return value_map(values[1] - values[0], "scores" if name == "weights" else "signed", name, None, axes, colours)
