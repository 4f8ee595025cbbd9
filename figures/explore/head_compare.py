"""Two heads side by side, and the difference of their numbers cell by cell, where they have the same cells.

Letters: Q query position, K key position.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.explore.heads import head_cells

Array = NDArray[Any]
Word = dict[str, Any]
BESIDE = " | "  # between two words that stand at the same place


@dataclass(frozen=True)
class Side:
    """One of two heads.

    Attributes:
        values: [Q, K], weights or what they carry.
        allowed: which cells the mask leaves open, [Q, K].
        rows, columns: the words, with flags as from `figures.base.wire.flagged`; a decoder row has "writes", too.
        sides: whose words they are, "source" or "target".
    """

    values: Array
    allowed: Array
    rows: Sequence[Word]
    columns: Sequence[Word]
    sides: Sequence[str]


def compared(first: Side, second: Side, most: float | None) -> dict[str, Any]:
    """Return two heads as the component draws them.

    Args:
        first, second: the heads.
        most: the number of the full colour; None is the largest of both.

    Returns:
        maps: the two; reach: the number of the full colour in both; difference: second minus first with its reach,
        None where the heads have not as many rows and columns; apart: the words that differ at the same place.

    Raises:
        PictureTooLargeError: if a head has more numbers than a browser should draw.
    """
    reach = most or max(float(first.values.max()), float(second.values.max())) or 1.0
    same = first.values.shape == second.values.shape
    return {
        "maps": [_map(first, reach), _map(second, reach)],
        "reach": reach,
        "difference": _difference(first, second) if same else None,
        "apart": _apart(first, second) if same else [],
    }


def _map(side: Side, reach: float) -> dict[str, Any]:
    return {
        "rows": list(side.rows),
        "columns": list(side.columns),
        "sides": list(side.sides),
        "cells": head_cells(side.values, side.allowed, reach),
    }


def _difference(first: Side, second: Side) -> dict[str, Any]:
    cells = second.values - first.values
    both = Side(cells, first.allowed | second.allowed, _both(first.rows, second.rows), (), first.sides)
    reach = float(np.abs(cells).max()) or 1.0
    return {**_map(both, reach), "columns": _both(first.columns, second.columns), "reach": reach}


def _both(first: Sequence[Word], second: Sequence[Word]) -> list[Word]:
    """The words of both, one behind the other where they differ."""
    words = []
    for one, other in zip(first, second, strict=True):
        text = one["text"] if one["text"] == other["text"] else f"{one['text']}{BESIDE}{other['text']}"
        word = {**one, "text": text, "special": one["special"] and other["special"]}
        if "writes" in one and "writes" in other:
            word["writes"] = _both([one["writes"]], [other["writes"]])[0]
        words.append(word)
    return words


def _apart(first: Side, second: Side) -> list[str]:
    words = [*_both(first.rows, second.rows), *_both(first.columns, second.columns)]
    words += [word["writes"] for word in words if "writes" in word]
    return list(dict.fromkeys(word["text"] for word in words if BESIDE in word["text"]))
