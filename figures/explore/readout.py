"""From scores to words: the softmax at any temperature, the best words of every position, and the logit lens.

Plain data for our own components; every probability is one over the whole vocabulary.
Letters: L position, V vocabulary, N values that are read as if they were the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.heatmaps.matrix import Axes, Matrix, scores_matrix, weights_matrix
from figures.base.shares import log_totals, shares, totals_of
from figures.base.spread import spread
from figures.base.theme import Theme
from figures.base.wire import WordOf, answers, flagged
from figures.decode.unfold import CANDIDATES, DIGITS, best_ids
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import logits_key, written_list
from transformer_core.studies.logit_lens import lens_keys, logits_early

Array = NDArray[Any]
TOP = 5  # words that a cell tells


@dataclass(frozen=True)
class _Said:
    """What is said at one position: the logits of all words, and the logarithm of the sum of their exponentials."""

    logits: Array
    total: float

    def shares(self, ids: Sequence[int]) -> list[float]:
        return shares(self.logits, self.total, ids)


def temperature(
    trace: Trace, position: int, word_of: WordOf, original: Trace | None = None, *, n: int = CANDIDATES
) -> dict[str, Any]:
    """Return all that the softmax of one position needs, at any temperature.

    Args:
        trace: of any model.
        position: of the side that the head writes.
        word_of: the readable piece of an id.
        original: another run of the same words, to be compared with.
        n: how many candidates.

    Returns:
        position; places: what each position reads and writes; spread: the logits, from `figures.base.spread`; original:
        those of the other run, or None; candidates: id, text, special and logit of the words with the highest logits,
        whose order no temperature changes, and was, their logit in the other run, or None; written: the same of one,
        or None.
    """
    key = logits_key(trace.plan)
    logits, before = trace[key][position], None if original is None else original[key][position]

    def told(i: int) -> dict[str, Any]:
        was = None if before is None else float(before[i])
        return {"id": i, **flagged([word_of(i)])[0], "logit": float(logits[i]), "was": was}

    written = trace.written_ids[position] if trace.written_ids else None
    return {
        "position": position,
        "places": places(trace),
        "spread": spread(logits),
        "original": None if before is None else spread(before),
        "candidates": [told(i) for i in best_ids(logits, n)],
        "written": None if written is None else told(written),
    }


def top_words(trace: Trace, word_of: WordOf, original: Trace | None = None) -> list[dict[str, Any]]:
    """Return for every position the most probable next words, largest first.

    Args:
        trace: of any model.
        word_of: the readable piece of an id.
        original: another run of the same words; then p is how much more probable the word is than there.

    Returns:
        One row per position: read, written; cells: text, special, p, and mark for the written one; given: the written
        word, p and rank where it is not among them, else None.
    """
    told = _said(trace)
    others: Sequence[_Said | None] = [None] * len(told) if original is None else _said(original)
    rows = []
    for place, said, other, written in zip(places(trace), told, others, _written_or_none(trace), strict=True):
        cells = [_cell(one, one["id"] == written) for one in _best(said, other, word_of)]
        among = written is None or any(cell["mark"] for cell in cells)
        rows.append({**place, "cells": cells, "given": None if among else _given(said, int(written or 0), word_of)})
    return rows


def lens_grid(trace: Trace, word_of: WordOf, original: Trace | None = None) -> list[dict[str, Any]]:
    """Return for every position what the head would say after each layer.

    Args:
        trace: of any model.
        word_of: the readable piece of an id.
        original: another run of the same words; then p is how much more probable a word is than there, and a cell whose
            word was another one there names it in `was`.

    Returns:
        One row per position: read, written; first: number of the first cell that is marked; cells, one for each of
        `lens_keys`: text (the most probable word), special, p, mark (it is the last layer's word), top: best words, p.
    """
    keys = lens_keys(trace.plan)
    # Layer by layer: the words of a large vocabulary take more room at one layer than all that is shown.
    columns = [_lens_column(trace, original, key, word_of) for key in keys]
    rows = []
    for place, found in zip(places(trace), zip(*columns, strict=True), strict=True):
        final = found[-1][0]
        cells = [{**cell, "mark": best == final} for best, cell in found]
        rows.append({**place, "cells": cells, "first": next(n for n, cell in enumerate(cells) if cell["mark"])})
    return rows


def _lens_column(trace: Trace, original: Trace | None, key: str, word_of: WordOf) -> list[tuple[int, dict[str, Any]]]:
    """The most probable word of every position after one layer, and its cell."""
    told = _rows(logits_early(trace, key))
    others: Sequence[_Said | None] = [None] * len(told) if original is None else _rows(logits_early(original, key))
    return [_lens_cell(said, other, word_of) for said, other in zip(told, others, strict=True)]


def _lens_cell(said: _Said, other: _Said | None, word_of: WordOf) -> tuple[int, dict[str, Any]]:
    top = _best(said, other, word_of)
    cell = _cell(top[0], mark=False) | {"top": [{"word": one["word"], "p": one["p"]} for one in top]}
    if other is not None and (was := int(other.logits.argmax())) != top[0]["id"]:
        cell["was"] = word_of(was).text
    return top[0]["id"], cell


def _said(trace: Trace) -> list[_Said]:
    logits = trace[logits_key(trace.plan)]
    return [_Said(row, float(total)) for row, total in zip(logits, totals_of(trace), strict=True)]


def _rows(logits: Array) -> list[_Said]:
    return [_Said(row, float(total)) for row, total in zip(logits, log_totals(logits), strict=True)]


def _best(said: _Said, other: _Said | None, word_of: WordOf) -> list[dict[str, Any]]:
    """The most probable words; of two runs, with how much more probable each is than in the other one."""
    ids = best_ids(said.logits, TOP)
    p = said.shares(ids)
    less = [0.0] * len(ids) if other is None else other.shares(ids)
    more = [round(one - two, DIGITS) for one, two in zip(p, less, strict=True)]
    words = [word_of(i) for i in ids]
    return [
        {"id": i, "word": word.text, "special": word.special, "p": n}
        for i, word, n in zip(ids, words, more, strict=True)
    ]


def words_matrix(
    rows: Sequence[dict[str, Any]],
    labels: Sequence[str],
    columns: Sequence[str],
    titles: Sequence[str],
    colours: Theme,
    *,
    signed: bool = False,
) -> Matrix:
    """Return words with their probabilities as a heatmap.

    Args:
        rows: from `top_words` or `lens_grid`.
        labels, columns: of the rows and the columns, safe.
        titles: of the rows, the columns, and the numbers.
        colours: of the mode.
        signed: whether they are differences of two runs: then colours run from -1 to 1, zero in the middle.
    """
    shares, axes = np.array([[cell["p"] for cell in row["cells"]] for row in rows]), Axes(labels, columns, *titles)
    if signed:
        drawn = replace(scores_matrix(shares, None, axes, colours), low=-1.0, high=1.0)
    else:
        drawn = weights_matrix(shares, np.ones(shares.shape, bool), axes, colours)
    return replace(drawn, texts=[[cell["text"] for cell in row["cells"]] for row in rows])


def places(trace: Trace) -> list[dict[str, Any]]:
    """Return what each position of the side that the head writes reads, and what it writes, if that is known."""
    words, written_by = trace.writing, written_list(trace.plan)
    said = answers(trace, written_by.name) if written_by is not None else ()
    written = [None if word is None else flagged([word])[0] for word in said] or [None] * len(words.read)
    return [{"read": one, "written": other} for one, other in zip(flagged(words.read), written, strict=True)]


def _written_or_none(trace: Trace) -> Sequence[int | None]:
    return trace.written_ids or [None] * len(trace[logits_key(trace.plan)])


def _given(said: _Said, written: int, word_of: WordOf) -> dict[str, Any]:
    rank = 1 + int((said.logits > said.logits[written]).sum())
    return {"word": word_of(written).text, "p": round(said.shares([written])[0], DIGITS), "rank": rank}


def _cell(best: dict[str, Any], mark: bool) -> dict[str, Any]:
    return {"text": best["word"], "special": best["special"], "p": best["p"], "mark": mark}
