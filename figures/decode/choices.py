"""What can be drawn at a position, and what was drawn: plain data for our own component.

The component applies temperature, top-k and top-p itself, as `transformer_core.decoding.sampling.filter_logits` does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from figures.base.shares import entropies
from figures.base.wire import WordOf, flagged
from figures.decode.unfold import DIGITS
from figures.explore.readout import temperature
from transformer_core.decoding.records import Decoding
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import logits_key

SHOWN = 20  # words


def choices(trace: Trace, position: int, word_of: WordOf) -> dict[str, Any]:
    """Return what the filters need at one position: as `figures.explore.readout.temperature`, with more candidates."""
    return temperature(trace, position, word_of, n=SHOWN)


def most_open(trace: Trace) -> int:
    """Return the position where the next word is least certain: where the entropy is largest."""
    return int(entropies(trace[logits_key(trace.plan)]).argmax())


def sentence(decoding: Decoding, word_of: WordOf) -> dict[str, Any]:
    """Return a decoding as a line of words.

    Returns:
        words: text, special, p (before any filter), after (behind the filters) and rank of each that the model chose;
        log_prob of them all.
    """
    words = [
        {
            **flagged([word_of(step.written)])[0],
            "p": round(float(np.exp(step.log_prob)), DIGITS),
            "after": round(float(step.filtered.after[step.written]), DIGITS),
            "rank": step.rank,
        }
        for step in decoding.steps[decoding.n_forced :]
    ]
    return {"words": words, "log_prob": round(decoding.log_prob, DIGITS)}
