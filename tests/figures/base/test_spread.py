"""The logits of a large vocabulary in few numbers: what a component works out of them is right to a thousandth."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from figures.base.spread import ALL, ALONE, grouped, spread

V = 50257
DEGREES = (0.1, 0.35, 1.0, 3.0)
KINDS = ("normal", "flat", "steep", "far", "two heaps")


def some_logits(kind: str, scale: float, seed: int) -> NDArray[np.float64]:
    random = np.random.default_rng(seed)
    noise = random.normal(size=V) * scale
    match kind:
        case "flat":
            noise /= 1000
        case "steep":
            noise[:5] += 30 * scale
        case "far":
            noise[10_000:] -= 1e4
        case "two heaps":
            noise = np.where(random.random(V) < 0.5, noise / 100, noise / 100 - 9)
    return noise


def told(logits: NDArray[np.float64], counts: NDArray[np.float64], degree: float) -> tuple[float, float]:
    """The share of the largest, and the entropy: as the component works them out."""
    x = (logits - logits[0]) / degree
    e = counts * np.exp(x)
    total = e.sum()
    return 1 / total, np.log(total) - (e[e > 0] * x[e > 0]).sum() / total


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.sampled_from(KINDS), st.sampled_from([0.1, 1.0, 5.0]), st.integers(0, 10_000))
def test_shares_and_entropy_are_right_to_a_thousandth(kind: str, scale: float, seed: int) -> None:
    logits = some_logits(kind, scale, seed)
    means, counts = grouped(logits)
    falling = np.sort(logits)[::-1]
    np.testing.assert_array_equal(means[:ALONE], falling[:ALONE])
    assert (np.diff(means) <= 0).all()
    assert counts.sum() == V
    assert len(means) < ALONE + 3000
    for degree in DEGREES:
        (p, entropy), (share, found) = told(falling, np.ones(V), degree), told(means, counts, degree)
        assert share == pytest.approx(p, rel=1e-3)
        assert found == pytest.approx(entropy, abs=1e-3)


@pytest.mark.parametrize("n_blocked", [1, V - ALONE, V - 1])
def test_what_is_ruled_out_has_no_share(n_blocked: int) -> None:
    logits = some_logits("normal", 1, 0)
    logits[:n_blocked] = -np.inf
    means, counts = grouped(logits)
    assert counts.sum() == V
    there = np.isfinite(logits)
    p = told(np.sort(logits[there])[::-1], np.ones(there.sum()), 1)[0]
    assert 1 / (counts * np.exp(means - means[0])).sum() == pytest.approx(p, rel=1e-3)


def test_a_small_vocabulary_is_sent_whole_and_a_large_one_in_a_fifteenth() -> None:
    whole, large = spread(np.arange(ALL, dtype=np.float32)), spread(some_logits("normal", 2, 0).astype(np.float32))
    sent = np.frombuffer(base64.b64decode(whole["logits"]), dtype="<f4")
    np.testing.assert_array_equal(sent, np.arange(ALL)[::-1])
    assert whole["counts"] is None
    assert len(json.dumps(large)) < V * 4 * 4 / 3 / 15
    assert json.loads(json.dumps(large)) == large
