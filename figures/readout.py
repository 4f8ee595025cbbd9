"""From scores to words: the softmax at any temperature, the best words of every position, and the logit lens.

Plain data for our own components; every probability is one over the whole vocabulary.
Letters: L position, V vocabulary, N values that are read as if they were the last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.matrix import Axes, Matrix, weights_matrix
from figures.theme import Theme
from figures.unfold import DIGITS, candidates
from figures.words import flagged, packed
from transformer_core.logit_lens import lens_keys, read_early
from transformer_core.trace import Trace

Array = NDArray[Any]
WordOf = Callable[[int], str]
TOP = 5  # words that a cell tells


def temperature(trace: Trace, position: int, word_of: WordOf) -> dict[str, Any]:
    """Return all that the softmax of one position needs, at any temperature.

    Args:
        trace: of any model.
        position: of the side that the head writes.
        word_of: the readable piece of an id.

    Returns:
        position; places: what each position reads and writes; logits: of the whole vocabulary [V]; candidates: id, text
        and special of the ten highest logits, whose order no temperature changes; written: the same of one, or None.
    """
    logits = trace["head.logits"][position]
    written = trace.written_ids[position] if trace.written_ids else None
    return {
        "position": position,
        "places": places(trace),
        "logits": packed(logits),
        "candidates": [{"id": best["id"], **_word(best["word"])} for best in candidates(logits, word_of)],
        "written": None if written is None else {"id": written, **_word(word_of(written))},
    }


def top_words(trace: Trace, word_of: WordOf) -> list[dict[str, Any]]:
    """Return for every position the most probable next words, largest first.

    Returns:
        One row per position: read, written; cells: text, special, p, and mark for the written one; given: the written
        word, p and rank where it is not among them, else None.
    """
    rows = []
    for place, probs, written in zip(places(trace), trace["head.probs"], _written_or_none(trace), strict=True):
        cells = [_cell(best, best["id"] == written) for best in candidates(probs, word_of)[:TOP]]
        among = written is None or any(cell["mark"] for cell in cells)
        rows.append({**place, "cells": cells, "given": None if among else _given(probs, int(written or 0), word_of)})
    return rows


def lens_grid(trace: Trace, word_of: WordOf) -> list[dict[str, Any]]:
    """Return for every position what the head would say after each layer.

    Returns:
        One row per position: read, written; first: number of the first cell that is marked; cells, one for each of
        `lens_keys`: text (the most probable word), special, p, mark (it is the last layer's word), top: best words, p.
    """
    read = [[candidates(probs, word_of)[:TOP] for probs in read_early(trace, key)] for key in lens_keys(trace.config)]
    rows = []
    for position, place in enumerate(places(trace)):
        tops = [layer[position] for layer in read]
        final = tops[-1][0]["id"]
        cells = [
            {**_cell(top[0], top[0]["id"] == final), "top": [{"word": b["word"], "p": b["p"]} for b in top]}
            for top in tops
        ]
        first = next(n for n, cell in enumerate(cells) if cell["mark"])
        rows.append({**place, "cells": cells, "first": first})
    return rows


def words_matrix(
    rows: Sequence[dict[str, Any]], labels: Sequence[str], columns: Sequence[str], titles: Sequence[str], colours: Theme
) -> Matrix:
    """Return words with their probabilities as a heatmap.

    Args:
        rows: from `top_words` or `lens_grid`.
        labels, columns: of the rows and the columns, safe.
        titles: of the rows, the columns, and the numbers.
        colours: of the mode.
    """
    shares = np.array([[cell["p"] for cell in row["cells"]] for row in rows])
    drawn = weights_matrix(shares, np.ones(shares.shape, bool), Axes(labels, columns, *titles), colours)
    return replace(drawn, texts=[[cell["text"] for cell in row["cells"]] for row in rows])


def places(trace: Trace) -> list[dict[str, Any]]:
    """Return what each position of the side that the head writes reads, and what it writes, if that is known."""
    tokens = trace.target_tokens if trace.config.has_decoder else trace.source_tokens
    written = flagged(trace.written_tokens) if trace.written_tokens else [None] * len(tokens)
    return [{"read": one, "written": other} for one, other in zip(flagged(tokens), written, strict=True)]


def _written_or_none(trace: Trace) -> Sequence[int | None]:
    return trace.written_ids or [None] * len(trace["head.probs"])


def _given(probs: Array, written: int, word_of: WordOf) -> dict[str, Any]:
    rank = 1 + int((probs > probs[written]).sum())
    return {"word": word_of(written), "p": round(float(probs[written]), DIGITS), "rank": rank}


def _cell(best: dict[str, Any], mark: bool) -> dict[str, Any]:
    return {**_word(best["word"]), "p": best["p"], "mark": mark}


def _word(word: str) -> dict[str, Any]:
    return flagged([word])[0]
