"""What a model expects behind each hidden word, as plain data for its page: every number from one trace.

Letters: L position, H head, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.shares import shares, totals_of
from figures.base.wire import WordOf, flagged
from figures.decode.unfold import CANDIDATES, best_ids
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import logits_key

Array = NDArray[Any]


def gaps(
    trace: Trace,
    places: Sequence[int],
    hidden: Sequence[int | None],
    word_of: WordOf,
    other: Trace | None = None,
    others_places: Sequence[int] = (),
) -> list[dict[str, Any]]:
    """Return what may stand in each gap.

    Args:
        trace: of a model that fills in words.
        places: the positions of the gaps.
        hidden: for each the id of the word that is hidden there; None where nobody knows.
        word_of: the readable piece of an id.
        other: another run, as long, to be compared with.
        others_places: the positions of its gaps; a word that is no gap there is compared with nothing.

    Returns:
        place; candidates: id, text, special, p of the ten most probable words of the whole vocabulary, and was, the
        probability in the other run, or None; hidden: the same of the hidden word and its rank, or None.
    """
    key, totals = logits_key(trace.plan), totals_of(trace)
    others = None if other is None else totals_of(other)
    found = []
    for place, own in zip(places, hidden, strict=True):
        row = trace[key][place]

        def told(ids: Sequence[int], place: int = place, row: Array = row) -> list[dict[str, Any]]:
            here = shares(row, float(totals[place]), ids)
            there: Sequence[float | None] = [None] * len(ids)
            if other is not None and others is not None and place in others_places:
                there = shares(other[key][place], float(others[place]), ids)
            words = flagged(word_of(i) for i in ids)
            return [
                {"id": i, **word, "p": p, "was": was} for i, word, p, was in zip(ids, words, here, there, strict=True)
            ]

        known = None if own is None else {**told([own])[0], "rank": 1 + int((row > row[own]).sum())}
        found.append({"place": place, "candidates": told(best_ids(row, CANDIDATES)), "hidden": known})
    return found


def looks(weights: Array, head: int | None, places: Sequence[int]) -> list[dict[str, list[float]]]:
    """Return whom each gap looks at, and who looks at it.

    Args:
        weights: of one block of attention [H, L, L].
        head: one head, or None for the mean over all.
        places: the positions of the gaps.

    Returns:
        For each gap: from, its row of weights; to, its column.
    """
    mean: Array = weights.mean(axis=0) if head is None else weights[head]
    rounded = np.round(mean.astype(float), 5)
    return [{"from": rounded[place].tolist(), "to": rounded[:, place].tolist()} for place in places]
