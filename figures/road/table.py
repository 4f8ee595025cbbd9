"""What a table of vectors says of a sentence: one-hot strips and the rows that they read, and how alike words are.

Letters: L position, N word of a window, D width of a vector, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.heatmaps.matrix import Axes, Matrix
from figures.base.theme import Theme
from figures.base.wire import WordOf, packed
from figures.explore.positions import cosine_similarity, similarity_matrix
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import embedding_of, key_of

Array = NDArray[Any]
AROUND = 3  # rows of the table on either side of the one that is read


def table_key(trace: Trace) -> str:
    """Return the name of the table."""
    return key_of(embedding_of(trace.plan, trace.plan.word_lists[0].stack), "W_E")


def one_hot(trace: Trace, row: int, slot: int, word_of: WordOf) -> dict[str, Any]:
    """Return the strips of the window at a place, and the rows of the table around the one that a word reads.

    Args:
        trace: of a model with a window.
        row: the place.
        slot: the word of the window, the nearest 0.
        word_of: how an id is read.
    """
    embedding = embedding_of(trace.plan, trace.plan.word_lists[0].stack)
    ids = [int(i) for i in trace[key_of(embedding, "window")][row]]
    table = trace.parameters[table_key(trace)]
    first = min(max(0, ids[slot] - AROUND), len(table) - 2 * AROUND - 1)
    rows = range(first, first + 2 * AROUND + 1)
    values = table[list(rows)].copy()
    values[ids[slot] - first] = trace[key_of(embedding, "out")][row, slot]  # under an edit it may be another's
    return {
        "slots": [_named(i, word_of) for i in ids],
        "chosen": slot,
        "size": len(table),
        "rows": [{**_named(i, word_of), "lit": i == ids[slot]} for i in rows],
        "values": packed(values),
        "width": table.shape[1],
        "reach": float(np.abs(values).max()),
    }


def _named(i: int, word_of: WordOf) -> dict[str, Any]:
    word = word_of(i)
    return {"id": i, "word": word.text, "special": word.special}


def words_once(trace: Trace) -> list[int]:
    """Return the ids of a sentence, each once, in its order."""
    return list(dict.fromkeys(int(i) for i in trace[trace.plan.word_lists[0].tokens]))


def one_hot_rows(ids: Sequence[int], size: int) -> Array:
    """Return the one-hot rows of some words: [R, V]."""
    return (np.arange(size) == np.array(ids)[:, None]).astype(np.float64)


def cosine_map(vectors: Array, labels: Sequence[str], value: str, colours: Theme) -> Matrix:
    """Return the map of how alike words are, from -1 to 1: vectors [R, D]."""
    return replace(
        similarity_matrix(cosine_similarity(vectors), Axes(labels, labels, "", "", value), colours), bare=True
    )


def parameters(trace: Trace, *, table: bool) -> int:
    """Return how many numbers stand between the words of a window and the hidden units, with the table or without."""
    sizes = dict(trace.plan.axes)
    words, window, width, units = len(trace.parameters[table_key(trace)]), sizes["N"], sizes["D"], sizes["F"]
    return words * width + window * width * units if table else window * words * units
