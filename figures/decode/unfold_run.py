"""Why a decoding wrote its words, and what its KV cache held and saved, as plain data for the player."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformer_core.decoding.cost import step_costs
from transformer_core.decoding.records import Decoding
from transformer_core.transformer.config import TransformerConfig


def run_facts(
    record: Decoding,
    config: TransformerConfig,
    picked: Sequence[int],
    difference: float | None,
    n_given: int = 0,
) -> dict[str, Any]:
    """Return what a decoding tells besides its trace.

    Args:
        record: of the decoding.
        config: of its model.
        picked: the steps at which the reader chose the word.
        difference: between its logits with a cache and without; None if it was written without a cache.
        n_given: how many words at the beginning are a text with which the model goes on.

    Returns:
        steps: for each word the reason ("given" in the text, "picked" by the reader, "kept" in front of such a word, or
            the record's own), how many positions the cache held before and after, and the multiply-adds with it and
            without; picked and difference as given.
    """
    source = len(record.source or ())
    steps = []
    for t, (reused, length) in enumerate(record.held):
        cached, uncached = step_costs(config, reused=reused, length=max(length, t + 1), source=source)
        forced = "given" if t < n_given else "picked" if t in picked else "kept"
        steps.append(
            {
                "reason": forced if t < record.n_forced else record.steps[t].reason,
                "reused": reused,
                "length": length,
                "cached": cached,
                "uncached": uncached,
            }
        )
    return {"steps": steps, "picked": list(picked), "difference": difference}
