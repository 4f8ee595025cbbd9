"""What the decoder sees and says at each step, as plain data for the player: every number from one trace.

Causality makes it possible: row t of a full pass, restricted to keys up to t, is step t of the decoding.
Letters: T target position, S source position, H head, V vocabulary.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.wire import WordOf, flagged
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import blocks_of, key_of, probs_key, written_list

Array = NDArray[Any]
CANDIDATES = 10
DIGITS = 5  # of a weight or probability, on its way to the browser
LEVELS = 2**16 - 1  # steps between 0 and 1 of those that travel as two bytes


def unfold(trace: Trace, layer: int, head: int | None, word_of: WordOf) -> dict[str, Any]:
    """Return the steps of a decoding, as one decoder layer sees them.

    Args:
        trace: of a model that writes.
        layer: of the stack that writes.
        head: one head, or None for the mean over all.
        word_of: the readable piece of a target id.

    Returns:
        source, read, written: words, with flags for special tokens; steps: for each target position the attention to
        the words read so far, the attention to the source, the most probable next words, how probable the written one
            is, and the entropy of all words' probabilities in nats. Weights and probabilities are rounded to 1/65535.
    """
    written_by = written_list(trace.plan)
    assert written_by is not None
    blocks = [one for one in blocks_of(trace.plan, written_by.stack, layer) if one.role == "attention"]
    looks = [block for block in blocks if block.memory]
    own = _one_head(trace[key_of(blocks[0], "weights")], head)  # [T, T]
    n_steps = len(own)
    cross = _one_head(trace[key_of(looks[0], "weights")], head) if looks else np.zeros((n_steps, 0))  # [T, S]
    mask, probs = trace[key_of(blocks[0], "mask")], trace[probs_key(trace.plan)]
    return {
        "source": flagged(trace.words_of(looks[0].memory).read) if looks else [],
        "read": flagged(trace.writing.read),
        "written": flagged(trace.writing.written),
        "steps": [
            {
                "own": _rounded(own[t]),
                "cross": _rounded(cross[t]),
                "mask": mask[t].tolist(),
                "candidates": [
                    {**one, "p": _level(float(probs[t, one["id"]]))} for one in candidates(probs[t], word_of)
                ],
                "entropy": entropy(probs[t]),
                "chosen": {
                    "id": written,
                    "p": _level(float(probs[t, written])),
                    "rank": 1 + int((probs[t] > probs[t, written]).sum()),
                },
            }
            for t, written in enumerate(trace.written_ids)
        ],
    }


def candidates(probs: Array, word_of: WordOf) -> list[dict[str, Any]]:
    """Return the most probable words (id, word, special, p), largest first; p is a share of the whole vocabulary.

    Shapes: probs [V].
    """
    found = ((i, word_of(i), float(probs[i])) for i in best_ids(probs, CANDIDATES))
    return [{"id": i, "word": word.text, "special": word.special, "p": round(p, DIGITS)} for i, word, p in found]


def best_ids(scores: Array, n: int) -> list[int]:
    """Return the ids of the `n` largest numbers, largest first, of equal ones the smaller id.

    Shapes: scores [V].
    """
    n = min(n, len(scores))
    least = np.partition(scores, -n)[-n]  # sorting the whole vocabulary at every step would take most of a click
    among = np.flatnonzero(scores >= least)
    best: list[int] = among[np.argsort(-scores[among], kind="stable")][:n].tolist()
    return best


def entropy(probs: Array) -> float:
    """Return the entropy in nats: 0 when one word is sure, ln V when all are equally probable.

    Shapes: probs [V].
    """
    p = probs[probs > 0].astype(np.float64)
    return round(max(float(-(p * np.log(p)).sum()), 0.0), DIGITS)


def _one_head(weights: Array, head: int | None) -> Array:
    return weights.mean(axis=0) if head is None else weights[head]


def _rounded(row: Array) -> list[float]:
    return [_level(p) for p in row.tolist()]


def _level(p: float) -> float:
    return round(p * LEVELS) / LEVELS
