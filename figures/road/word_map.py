"""Words on a plane, at each moment of their training, as plain data for the picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.studies.road.word_plane import nearest_in_group, unit_rows, word_plane

Array = NDArray[Any]


def word_map(
    rows: Array, shares: Sequence[float], words: Sequence[str], groups: Sequence[int], near: Mapping[str, Sequence[Any]]
) -> dict[str, Any]:
    """Return where words lie at each moment, all on the plane that keeps most of them at the end.

    Only directions are drawn: every vector has the length 1, because neighbours are told by angles.

    Args:
        rows: the vectors at some moments, [M, N, D].
        shares: how much of the training is done at each.
        words: [N].
        groups: the number of each word's group.
        near: for each word the nearest of all words, with their cosines.

    Returns:
        items: text, group, places, near; moments: share, kept (of the variance), and of how many words the nearest is
        of their own group, here (in the plane) and whole (in all dimensions), of n.
    """
    units = np.stack([unit_rows(moment) for moment in rows])
    plane = word_plane(units[-1])
    placed = [plane.place(moment) for moment in units]
    items = [
        {
            "text": word,
            "group": groups[i],
            "places": [np.round(places[i], 4).tolist() for places, _ in placed],
            "near": [[text, round(cosine, 3)] for text, cosine in near[word]],
        }
        for i, word in enumerate(words)
    ]
    moments = [
        {
            "share": float(share),
            "kept": round(kept, 4),
            "here": nearest_in_group(places, groups),
            "whole": nearest_in_group(unit, groups),
            "n": len(words),
        }
        for share, unit, (places, kept) in zip(shares, units, placed, strict=True)
    ]
    return {"items": items, "moments": moments}
