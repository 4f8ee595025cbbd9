"""N-gram models: hand-counted probabilities by every way of smoothing, and every count explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.core.ancestors.opened import CLOSE, check_cached, check_opened, edited
from transformer_core.ancestors.counting import count_grams, held_out_shares
from transformer_core.ancestors.ngram import Ngram
from transformer_core.ancestors.ngram_plan import VALUES
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import ConfigError
from transformer_core.glass.formulas import find_formula

V, BOS, EOS = 8, 1, 2
TEXTS = [[3, 4, 5], [3, 4, 6, 3, 4, 5], [5, 5, 3], [6, 3, 4, 6], [3], [4, 3, 5]]
IDS, SHARES, K = [1, 3, 4, 7, 3, 4, 6], (0.7, 0.6, 0.2), 0.3
Gram = tuple[int, ...]
Says = Callable[[Gram, int], float]


def hand_counted(n: int) -> Counter[Gram]:
    """How often each n-gram occurs, by walking over the texts."""
    found: Counter[Gram] = Counter()
    for text in TEXTS:
        whole = [BOS, BOS, *text, EOS]
        for place in range(2, len(whole)):
            found[tuple(whole[place - n + 1 : place + 1])] += 1
    return found


COUNTS = {n: hand_counted(n) for n in (1, 2, 3)}
IN_FRONT = {n: Counter(gram[1:] for gram in COUNTS[n + 1]) for n in (1, 2)}


def discount(counts: Counter[Gram]) -> float:
    once, twice = (list(counts.values()).count(k) for k in (1, 2))
    return once / (once + 2 * twice) if once else 0.5


def said(n: int, smoothing: str, order: int) -> Says:
    """What the orders up to n say, as the papers write it: a function of the words in front and of the word."""
    if n == 0:
        return lambda words, word: 1 / V
    counts = IN_FRONT[n] if smoothing == "kneser_ney" and n < order else COUNTS[n]
    lower, d = said(n - 1, smoothing, order), discount(counts)

    def says(words: Gram, word: int) -> float:
        words = words[len(words) - n + 1 :]
        row = {gram[-1]: count for gram, count in counts.items() if gram[:-1] == words}
        total, c = sum(row.values()), row.get(word, 0)
        if smoothing == "add_k":
            return (c + K) / (total + K * V)
        below = lower(words[1:], word)
        if not row:
            return below
        if smoothing == "interpolation":
            return SHARES[n - 1] * c / total + (1 - SHARES[n - 1]) * below
        left = d * len(row) / total
        if smoothing == "kneser_ney":
            return max(c - d, 0) / total + left * below
        unseen = sum(lower(words[1:], other) for other in range(V) if other not in row)
        return (c - d) / total if c else left * below / unseen

    return says


@pytest.fixture(scope="module")
def model() -> Ngram:
    grams = count_grams(TEXTS, 3, V, start=BOS, end=EOS)
    return Ngram.counted(grams, shares=SHARES, max_length=8, k=K).double()


@pytest.mark.every_case
@pytest.mark.parametrize("smoothing", VALUES)
def test_every_probability_is_the_hand_counted_one(model: Ngram, smoothing: str) -> None:
    for order in (1, 2, 3):
        says = said(order, smoothing, order)
        logits = run_with_trace(model.smoothed(order, smoothing=smoothing), target=IDS)["head.logits"]
        read = [BOS, BOS, *IDS]
        wanted = [[says(tuple(read[t + 1 : t + 3]), word) for word in range(V)] for t in range(len(IDS))]
        np.testing.assert_allclose(np.exp(logits), wanted, **CLOSE)
        np.testing.assert_allclose(np.exp(logits).sum(axis=1), 1, **CLOSE)


@pytest.mark.parametrize("smoothing", VALUES)
def test_it_is_opened_by_the_glass(model: Ngram, smoothing: str, tmp_path: Path) -> None:
    trace = check_opened(model.smoothed(smoothing=smoothing), IDS, tmp_path)
    cell = find_formula(trace.plan, "order3.count").terms(trace, (2, 5))
    assert cell.value == COUNTS[3][3, 4, 5] == 2
    assert cell.singles[0].key == "order3.counts"
    check_cached(model.smoothed(smoothing=smoothing), [4, 5], [6], [3, 3, 5])


def test_another_way_shares_the_tables(model: Ngram) -> None:
    other = model.smoothed(2, smoothing="add_k", k=1.0)
    assert other.order2.counts is model.order2.counts
    assert (other.config.order, other.config.k, model.config.order) == (2, 1.0, 3)
    for wrong in ({"order": 4}, {"smoothing": "more"}, {"k": 0.0}):
        with pytest.raises(ConfigError):
            model.smoothed(**wrong)


def test_a_count_that_is_edited_away_makes_the_next_word_impossible_to_no_one(model: Ngram) -> None:
    plain, found = run_with_trace(model, target=IDS), edited(model, "zero:order3.count:2", IDS)
    np.testing.assert_allclose(np.exp(found["head.logits"][2]), plain["order2.probs"][2], **CLOSE)
    np.testing.assert_array_equal(found["head.logits"][3:], plain["head.logits"][3:])


def test_the_shares_are_those_that_make_held_out_words_most_probable() -> None:
    rng = np.random.default_rng(0)
    shares = rng.uniform(0.01, 0.5, size=(200, 3))
    shares[rng.random(200) < 0.3, 2] = np.nan

    def surprise(one: float, two: float) -> float:
        first = one * shares[:, 1] + (1 - one) * shares[:, 0]
        second = np.where(np.isnan(shares[:, 2]), first, two * np.nan_to_num(shares[:, 2]) + (1 - two) * first)
        return float(-np.log(second).sum())

    found = held_out_shares(shares, rounds=300)
    nearby = [surprise(found[0] + a, found[1] + b) for a in (-0.03, 0, 0.03) for b in (-0.03, 0, 0.03)]
    assert min(nearby) >= surprise(*found) - 1e-6
