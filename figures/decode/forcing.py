"""Teacher forcing beside the model's own words, position by position, as plain data for the component that steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from figures.base.wire import WordOf, flagged

if TYPE_CHECKING:  # its module loads torch
    from transformer_core.decoding.forcing import Comparison

Array = NDArray[Any]
DIGITS = 5


def two_runs(comparison: Comparison, word_of: WordOf) -> dict[str, Any]:
    """Return both runs of a comparison as rows, one per position.

    Args:
        comparison: of a sentence with its reference.
        word_of: how a target id is read.

    Returns:
        forced: what each position reads, the right word there with its loss, probability and rank, and the greedy word;
        own: what each position reads and writes, and the loss of the right word there (None where there is no right
        word, or the inputs are still the same); given: how many words both begin with; words_part,
        inputs_part; both: the mean losses from `inputs_part` on over the positions that both runs have, or None.
    """
    forced, own = comparison.forced, comparison.own
    right, best = (flagged(map(word_of, ids)) for ids in (forced.ids, forced.best.tolist()))
    start = comparison.inputs_part
    losses = [] if start is None else comparison.own_losses[start : len(own.ids)].tolist()
    lead = len(own.ids) if start is None else start
    own_losses: list[float | None] = [None] * lead + [round(loss, DIGITS) for loss in losses]
    own_losses += [None] * (len(own.ids) - len(own_losses))
    reads, own_reads, written = (flagged(map(word_of, ids)) for ids in (forced.read, own.read, own.ids))
    return {
        "forced": [
            {
                "read": reads[t],
                "right": right[t],
                "best": best[t],
                "loss": round(float(forced.losses[t]), DIGITS),
                "p": round(float(forced.probs[t]), DIGITS),
                "rank": int(forced.ranks[t]),
            }
            for t in range(len(forced.ids))
        ],
        "own": [
            {
                "read": own_reads[t],
                "written": written[t],
                "loss": own_losses[t],
                "p": round(float(own.probs[t]), DIGITS),
            }
            for t in range(len(own.ids))
        ],
        "given": own.n_forced,
        "words_part": comparison.words_part,
        "inputs_part": start,
        "both": _means(forced.losses, comparison.own_losses, start),
    }


def _means(forced: Array, own: Array, start: int | None) -> dict[str, float | int] | None:
    if start is None:
        return None
    there = np.flatnonzero(~np.isnan(own[start:])) + start
    means = (round(float(losses[there].mean()), DIGITS) for losses in (forced, own))
    return {**dict(zip(("forced", "own"), means, strict=True)), "n": len(there)}
