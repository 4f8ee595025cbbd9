"""From scores to words: the softmax at any temperature, the best words of every position, and the logit lens.

Plain data for our own components; every probability is one over the whole vocabulary.
Letters: L position, V vocabulary, N values that are read as if they were the last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.matrix import Axes, Matrix, scores_matrix, weights_matrix
from figures.base.spread import spread
from figures.base.theme import Theme
from figures.base.wire import WordOf, answers, flagged
from figures.decode.unfold import CANDIDATES, DIGITS, best_ids, candidates
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import logits_key, probs_key, written_list
from transformer_core.studies.logit_lens import lens_keys, read_early

Array = NDArray[Any]
TOP = 5  # words that a cell tells


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
    n = len(trace[probs_key(trace.plan)])
    others: Sequence[Array | None] = [None] * n if original is None else list(original[probs_key(trace.plan)])
    rows = []
    for place, probs, other, written in zip(
        places(trace), trace[probs_key(trace.plan)], others, _written_or_none(trace), strict=True
    ):
        best = candidates(probs, word_of)[:TOP]
        cells = [_cell(_more(one, probs, other), one["id"] == written) for one in best]
        among = written is None or any(cell["mark"] for cell in cells)
        rows.append({**place, "cells": cells, "given": None if among else _given(probs, int(written or 0), word_of)})
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
    read = [read_early(trace, key) for key in keys]
    then = [None] * len(keys) if original is None else [read_early(original, key) for key in keys]
    rows = []
    for position, place in enumerate(places(trace)):
        others = [None if probs is None else probs[position] for probs in then]
        shares = [(probs[position], other) for probs, other in zip(read, others, strict=True)]
        final = int(shares[-1][0].argmax())
        cells = [_lens_cell(*both, final, word_of) for both in shares]
        rows.append({**place, "cells": cells, "first": next(n for n, cell in enumerate(cells) if cell["mark"])})
    return rows


def _lens_cell(probs: Array, others: Array | None, final: int, word_of: WordOf) -> dict[str, Any]:
    """The most probable word of one position after one layer. Shapes: probs, others [V]."""
    top = [_more(one, probs, others) for one in candidates(probs, word_of)[:TOP]]
    cell = _cell(top[0], top[0]["id"] == final) | {"top": [{"word": one["word"], "p": one["p"]} for one in top]}
    if others is not None and (was := int(others.argmax())) != top[0]["id"]:
        cell["was"] = word_of(was).text
    return cell


def _more(best: dict[str, Any], probs: Array, others: Array | None) -> dict[str, Any]:
    """A word with how much more probable it is than in the other run, if there is one. Shapes: probs, others [V]."""
    if others is None:
        return best
    return {**best, "p": round(float(probs[best["id"]]) - float(others[best["id"]]), DIGITS)}


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
    return trace.written_ids or [None] * len(trace[probs_key(trace.plan)])


def _given(probs: Array, written: int, word_of: WordOf) -> dict[str, Any]:
    rank = 1 + int((probs > probs[written]).sum())
    return {"word": word_of(written).text, "p": round(float(probs[written]), DIGITS), "rank": rank}


def _cell(best: dict[str, Any], mark: bool) -> dict[str, Any]:
    return {"text": best["word"], "special": best["special"], "p": best["p"], "mark": mark}
