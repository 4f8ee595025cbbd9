"""How probable words are, for those words alone: of a large vocabulary no picture needs every probability.

Letters: L position, V vocabulary, N words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import logits_key

Array = NDArray[Any]
_TOTALS: WeakKeyDictionary[Trace, Array] = WeakKeyDictionary()


def log_totals(logits: Array) -> Array:
    """Return the logarithm of the sum of the exponentials of every row, in float64, a row at a time.

    Shapes: logits [L, V] -> [L].
    """
    return np.array([_exponentials(row)[0] for row in logits])


def entropies(logits: Array) -> Array:
    """Return the entropy of the softmax of every row in nats, a row at a time.

    Shapes: logits [L, V] -> [L].
    """
    found = []
    for row in logits:
        total, shifted, parts = _exponentials(row)
        mean = (parts * np.where(parts > 0, shifted, 0.0)).sum() / parts.sum()
        found.append(total - float(row.max()) - mean)
    return np.array(found)


def shares(logits: Array, total: float, ids: Sequence[int]) -> list[float]:
    """Return the probability of some words at one position.

    Args:
        logits: of all words there.
        total: of `log_totals`.
        ids: the words.

    Shapes: logits [V] -> [N].
    """
    return [float(p) for p in np.exp(logits[list(ids)].astype(np.float64) - total)]


def totals_of(trace: Trace) -> Array:
    """Return `log_totals` of what a run says, worked out once a run: [L]."""
    if trace not in _TOTALS:
        _TOTALS[trace] = log_totals(trace[logits_key(trace.plan)])
    return _TOTALS[trace]


def written_shares(trace: Trace, ids: Sequence[int]) -> list[float]:
    """Return how probable the run finds one word at each of the first positions: [N]."""
    if not ids:
        return []
    pairs = zip(trace[logits_key(trace.plan)], totals_of(trace), ids, strict=False)
    return [shares(row, total, [i])[0] for row, total, i in pairs]


def _exponentials(row: Array) -> tuple[float, Array, Array]:
    """The logarithm of the sum of a row's exponentials; the row less its largest number, and their exponentials."""
    top = float(row.max())
    shifted = row.astype(np.float64) - top
    parts = np.exp(shifted)
    return top + float(np.log(parts.sum())), shifted, parts
