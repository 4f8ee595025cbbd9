"""How probable words are, told without the probabilities of all others."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from figures.base.shares import entropies, log_totals, shares, totals_of, written_shares
from figures.decode.choices import most_open
from figures.explore.architecture import architecture
from figures.explore.readout import lens_grid, top_words
from tests.core.tiny import make_config, make_model, trace_of
from tests.spelled import spelled
from transformer_core.glass.formula.operations import softmax
from transformer_core.glass.trace import Trace
from transformer_core.glass.words import Word, Words
from transformer_core.studies.logit_lens import lens_keys

MANY, LAYERS, ROWS = 20_011, 5, 29
IDS = tuple(range(3, 3 + ROWS))


def random_logits(*shape: int, dtype: str = "float64") -> np.ndarray:
    return (9 * np.random.default_rng(5).standard_normal(shape)).astype(dtype)


@lru_cache
def large() -> Trace:
    """Of a model with many words, beside which everything else in it is small."""
    config = make_config("decoder-only", n_decoder_layers=LAYERS, target_vocab_size=MANY, max_length=40)
    words = {"target": Words(spelled(*map(str, IDS)), spelled(*map(str, IDS)), IDS)}
    return trace_of(make_model(config), target=list(IDS), words=words)


def word(i: int) -> Word:
    return Word(str(i))


class TestOfRows:
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    @pytest.mark.parametrize("shift", [0, 2000, -2000])
    def test_they_are_those_of_the_softmax(self, dtype: str, shift: int) -> None:
        logits = random_logits(5, 301, dtype=dtype) + np.array(shift, dtype)
        p = softmax(logits.astype(np.float64))
        assert_allclose(np.exp(logits - log_totals(logits)[:, None]), p, rtol=1e-12)
        assert_allclose(shares(logits[2], log_totals(logits)[2], [7, 0, 300]), p[2][[7, 0, 300]], rtol=1e-12)
        assert_allclose(entropies(logits), -(p * np.log(p)).sum(axis=1), rtol=1e-11)

    def test_what_is_ruled_out_has_no_share_and_no_part_in_the_entropy(self) -> None:
        logits = random_logits(3, 11)
        logits[:, 4] = -np.inf
        others = np.delete(logits, 4, axis=1)
        assert shares(logits[0], log_totals(logits)[0], [4]) == [0.0]
        assert_allclose(entropies(logits), entropies(others), rtol=1e-13)


DRAWN: dict[str, tuple[Callable[[Trace], Any], float]] = {
    "the map": (architecture, 0.35),
    "the best words": (lambda trace: top_words(trace, word), 0.35),
    "the most open": (most_open, 0.35),
    "the lens": (lambda trace: lens_grid(trace, word), 2.5),  # the logits after one layer, whole, and W
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_takes_no_softmax_of_a_large_vocabulary(name: str) -> None:
    """Not even for one layer: `whole` is what all probabilities of one would take in float64."""
    draw, most = DRAWN[name]
    trace, whole = large(), ROWS * MANY * 8
    assert len(lens_keys(trace.plan)) * whole > 2 * most * whole
    before = set(trace._derived)
    tracemalloc.start()
    try:
        draw(trace)
        assert tracemalloc.get_traced_memory()[1] < most * whole
    finally:
        tracemalloc.stop()
    assert set(trace._derived) == before


def test_the_shares_of_a_run_are_its_probabilities() -> None:
    trace = trace_of(make_model())
    probs = trace["head.probs"]
    assert_allclose(np.exp(trace["head.logits"] - totals_of(trace)[:, None]), probs, rtol=1e-12)
    ids = tuple(range(len(probs)))
    assert_allclose(written_shares(trace, ids), probs[np.arange(len(ids)), list(ids)], rtol=1e-12)
    assert totals_of(trace) is totals_of(trace)
    assert written_shares(trace, ()) == []
