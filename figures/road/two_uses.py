"""One word in two sentences, layer by layer, as plain data for its picture.

Letters: N layers, the table first and the mix last; D width of one half.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.studies.road.word_plane import cosines_of

Array = NDArray[Any]
HALVES = ("ahead", "back")


def layer_rows(first: Array, second: Array, keys: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return what each layer makes of both uses, one half beside the other.

    Args:
        first, second: the vectors of the two uses, both halves side by side, [N, 2 D].
        keys: the sites of both halves of each layer.

    Returns:
        for each layer: apart (1 minus the cosine of the whole vectors), most (the largest difference of two numbers),
        and halves: key, first [D], second [D], apart.
    """
    rows, width = [], first.shape[-1] // 2
    for one, other, both in zip(first, second, keys, strict=True):
        halves = [
            {
                "key": key,
                "first": np.round(mine.astype(float), 3).tolist(),
                "second": np.round(theirs.astype(float), 3).tolist(),
                "apart": distance(mine, theirs),
            }
            for key, mine, theirs in zip(both, one.reshape(2, width), other.reshape(2, width), strict=True)
        ]
        rows.append({"apart": distance(one, other), "most": float(np.abs(one - other).max()), "halves": halves})
    return rows


def distance(one: Array, other: Array) -> float:
    """Return 1 minus the cosine of the angle between two vectors, to four digits."""
    return round(1 - float(cosines_of(one, other)), 4)


def largest_apart(first: Array, second: Array) -> tuple[int, int]:
    """Return the half whose vectors lie further apart, 0 or 1, and the number in it that differs most; [2 D] each."""
    width = first.shape[-1] // 2
    halves = list(zip(first.reshape(2, width), second.reshape(2, width), strict=True))
    half = max(range(2), key=lambda i: distance(*halves[i]))
    one, other = halves[half]
    return half, int(np.abs(one - other).argmax())
