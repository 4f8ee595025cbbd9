"""What the decoder sees and says at each step, as plain data for the player: every number from one trace.

Causality makes it possible: row t of a full pass, restricted to keys up to t, is step t of the decoding.
Letters: T target position, S source position, H head, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.words import flagged
from transformer_core.glass.trace import Trace

Array = NDArray[Any]
CANDIDATES = 10
DIGITS = 5  # of a weight or probability, on its way to the browser
LEVELS = 2**16 - 1  # steps between 0 and 1 of those that travel as two bytes


def unfold(trace: Trace, layer: int, head: int | None, word_of: Callable[[int], str]) -> dict[str, Any]:
    """Return the steps of a decoding, as one decoder layer sees them.

    Args:
        trace: of an encoder-decoder run.
        layer: of the decoder.
        head: one head, or None for the mean over all.
        word_of: the readable piece of a target id.

    Returns:
        source, read, written: words, with flags for special tokens; steps: for each target position the attention to
        the words read so far, the attention to the source, the most probable next words, how probable the written one
            is, and the entropy of all words' probabilities in nats. Weights and probabilities are rounded to 1/65535.
    """
    block = f"decoder.{layer}"
    own = _one_head(trace[f"{block}.self_attn.weights"], head)  # [T, T]
    cross = _one_head(trace[f"{block}.cross_attn.weights"], head)  # [T, S]
    mask, probs = trace[f"{block}.self_attn.mask"], trace["head.probs"]
    return {
        "source": flagged(trace.source_tokens),
        "read": flagged(trace.target_tokens),
        "written": flagged(trace.written_tokens),
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


def candidates(probs: Array, word_of: Callable[[int], str]) -> list[dict[str, Any]]:
    """Return the most probable words, largest first; their shares are of the whole vocabulary.

    Shapes: probs [V].
    """
    n = min(CANDIDATES, len(probs))
    least = np.partition(probs, -n)[-n]  # sorting the whole vocabulary at every step would take most of a click
    among = np.flatnonzero(probs >= least)
    best = among[np.argsort(-probs[among], kind="stable")][:n]
    return [{"id": int(i), "word": word_of(int(i)), "p": round(float(probs[i]), DIGITS)} for i in best]


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
