"""Sampling: what the filters leave, how often each word is drawn, and what nonsense is refused."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.core.tiny import SOURCE, make_model
from transformer_core.decoding.decode import decode
from transformer_core.decoding.errors import SeedError, TemperatureError, TopKError, TopPError
from transformer_core.decoding.rules import GREEDY, Sampling
from transformer_core.decoding.sampling import draw, filter_logits, log_softmax

LOGITS = np.log([0.1, 0.4, 0.05, 0.3, 0.15])
SOME_LOGITS = arrays.arrays(np.float32, st.integers(2, 30), elements=st.floats(-20, 20, width=32), unique=True)
SOME_RULES = st.builds(
    Sampling,
    temperature=st.floats(0.05, 20),
    top_k=st.none() | st.integers(1, 40),
    top_p=st.floats(0.01, 1),
)


def chi_square_p(counts, probs):
    """The probability of counts at least as far from `probs` as these, if they were drawn from them."""
    expected = counts.sum() * probs
    statistic = float(((counts - expected) ** 2 / expected).sum())
    half = torch.tensor([(len(probs) - 1) / 2, statistic / 2], dtype=torch.float64)
    return float(torch.special.gammaincc(half[0], half[1]))


class TestFilter:
    def test_without_settings_nothing_changes(self):
        filtered = filter_logits(LOGITS, Sampling())
        np.testing.assert_allclose(filtered.before, np.exp(LOGITS), rtol=0, atol=1e-13)
        np.testing.assert_allclose(filtered.after, filtered.before, rtol=0, atol=1e-13)
        assert filtered.order.tolist() == [1, 3, 4, 0, 2]

    def test_temperature_divides_the_logits(self):
        filtered = filter_logits(LOGITS, Sampling(temperature=0.5))
        squared = np.exp(LOGITS) ** 2
        np.testing.assert_allclose(filtered.tempered, squared / squared.sum(), rtol=0, atol=1e-13)
        np.testing.assert_allclose(filtered.before, np.exp(LOGITS), rtol=0, atol=1e-13)

    def test_top_k_leaves_the_k_most_probable(self):
        filtered = filter_logits(LOGITS, Sampling(top_k=2))
        np.testing.assert_allclose(filtered.after, [0, 4 / 7, 0, 3 / 7, 0], rtol=0, atol=1e-13)
        assert filter_logits(LOGITS, Sampling(top_k=99)).n_top_k == 5

    @pytest.mark.parametrize(("top_p", "left"), [(0.39, 1), (0.41, 2), (0.69, 2), (0.71, 3), (0.96, 5), (1.0, 5)])
    def test_top_p_leaves_the_smallest_set_that_reaches_it(self, top_p, left):
        filtered = filter_logits(LOGITS, Sampling(top_p=top_p))
        assert filtered.n_top_p == left
        assert np.flatnonzero(filtered.after).tolist() == sorted([1, 3, 4, 0, 2][:left])

    def test_top_p_counts_what_top_k_has_left(self):
        """0.4 of 0.7 is more than half; of the whole it is less."""
        assert filter_logits(LOGITS, Sampling(top_k=2, top_p=0.55)).n_top_p == 1
        assert filter_logits(LOGITS, Sampling(top_p=0.55)).n_top_p == 2

    def test_of_equally_probable_words_the_smaller_id_stays(self):
        assert filter_logits(np.zeros(5), Sampling(top_k=2)).kept.tolist() == [0, 1]

    def test_a_temperature_next_to_zero_leaves_one_word(self):
        assert filter_logits(LOGITS, Sampling(temperature=5e-324)).after.tolist() == [0, 1, 0, 0, 0]

    @pytest.mark.slow
    @given(SOME_LOGITS, SOME_RULES)
    def test_what_is_left_sums_to_one_and_keeps_its_proportions(self, logits, rule):
        filtered = filter_logits(logits, rule)
        left = filtered.kept
        assert abs(filtered.after.sum() - 1) < 1e-12
        assert 1 <= filtered.n_top_p <= filtered.n_top_k <= len(logits)
        assert not np.delete(filtered.after, left).any()
        scale = filtered.tempered[left].sum()
        np.testing.assert_allclose(filtered.after[left] * scale, filtered.tempered[left], rtol=1e-12)

    @given(SOME_LOGITS, st.floats(0.01, 0.999))
    def test_top_p_is_reached_and_by_no_word_less(self, logits, top_p):
        filtered = filter_logits(logits, Sampling(top_p=top_p))
        mass = filtered.before[filtered.kept]
        assert mass.sum() >= top_p - 1e-12
        assert mass[:-1].sum() < top_p
        assert mass.min() >= np.delete(filtered.before, filtered.kept).max(initial=0)

    @given(SOME_LOGITS)
    def test_log_softmax_is_that_of_torch(self, logits):
        expected = torch.tensor(logits, dtype=torch.float64).log_softmax(dim=0)
        np.testing.assert_allclose(log_softmax(logits), expected, rtol=0, atol=1e-12)


class TestDraw:
    @given(SOME_LOGITS, SOME_RULES, st.floats(0, 1, exclude_max=True))
    def test_the_word_drawn_is_one_that_is_left_and_its_interval_holds_the_number(self, logits, rule, u):
        filtered = filter_logits(logits, rule)
        word = draw(filtered, u)
        low, high = filtered.interval(word)
        assert filtered.after[word] > 0
        assert low <= u < high or math.isclose(u, high) or math.isclose(u, low)
        assert math.isclose(high - low, filtered.after[word], abs_tol=1e-12)

    def test_a_word_of_probability_zero_is_never_drawn(self):
        filtered = filter_logits(np.array([-np.inf, 0.0, -np.inf]), Sampling())
        assert {draw(filtered, u) for u in (0.0, 0.5, 1 - 2**-53)} == {1}
        assert filtered.interval(0) == (1.0, 1.0)

    def test_a_word_that_was_cut_has_an_empty_interval(self):
        assert filter_logits(LOGITS, Sampling(top_k=1)).interval(3) == (1.0, 1.0)

    @pytest.mark.parametrize(
        "rule",
        [Sampling(temperature=2.0, top_k=4), Sampling(), Sampling(temperature=0.7, top_p=0.9)],
        ids=str,
    )
    def test_words_come_as_often_as_their_probabilities_say(self, rule):
        filtered = filter_logits(LOGITS, rule)
        random = np.random.default_rng(7)
        drawn = np.bincount([draw(filtered, random.random()) for _ in range(20_000)], minlength=5)
        left = filtered.after > 0
        assert drawn[~left].sum() == 0
        assert chi_square_p(drawn[left], filtered.after[left]) > 0.01

    def test_the_check_of_frequencies_can_fail(self):
        counts = np.array([2000, 8000, 1000, 6000, 3000])
        assert chi_square_p(counts, np.exp(LOGITS)) > 0.99
        assert chi_square_p(counts, np.array([0.12, 0.38, 0.05, 0.3, 0.15])) < 1e-6


class TestDecoding:
    N = 3000

    @pytest.mark.slow
    def test_seeds_draw_the_first_two_words_as_often_as_the_model_says(self):
        """One batch with a rule for each row; the second word's share is conditional on the first."""
        model = make_model()
        rules = [Sampling(temperature=1.5, top_k=6, seed=seed) for seed in range(self.N)]
        drawn = decode(model, SOURCE[:1].expand(self.N, -1), rules, max_length=2)
        first = filter_logits(drawn[0].logits[0], rules[0])
        counts = np.bincount([one.ids[0] for one in drawn], minlength=13)
        left = first.after > 0
        assert counts[~left].sum() == 0
        assert chi_square_p(counts[left], first.after[left]) > 0.01
        word = int(first.order[0])
        behind = [one for one in drawn if one.ids[0] == word and len(one.ids) == 2]
        second = filter_logits(behind[0].logits[1], rules[0])
        counts = np.bincount([one.ids[1] for one in behind], minlength=13)
        left = second.after > 0
        assert (second.after[left] * len(behind)).min() > 5, "the test needs a few of each"
        assert counts[~left].sum() == 0
        assert chi_square_p(counts[left], second.after[left]) > 0.01

    @pytest.mark.slow
    @settings(deadline=None, max_examples=25)
    @given(st.integers(0, 2**32), st.floats(1e-9, 1e-3))
    def test_towards_temperature_zero_it_is_greedy(self, seed, temperature):
        model = make_model()
        cold = decode(model, SOURCE, Sampling(temperature=temperature, seed=seed))
        assert [one.ids for one in cold] == [one.ids for one in decode(model, SOURCE)]

    def test_one_word_left_is_greedy(self):
        model = make_model()
        expected = [one.ids for one in decode(model, SOURCE)]
        assert [one.ids for one in decode(model, SOURCE, Sampling(top_k=1, seed=5))] == expected
        assert [one.ids for one in decode(model, SOURCE, Sampling(top_p=1e-9, seed=5))] == expected

    def test_a_seed_draws_the_same_again_and_another_seed_something_else(self):
        model = make_model()
        drawn = {
            seed: [decode(model, SOURCE[:1], Sampling(temperature=3.0, seed=seed))[0].ids for _ in range(2)]
            for seed in range(5)
        }
        assert all(one == again for one, again in drawn.values())
        assert len({one for one, _ in drawn.values()}) == 5

    def test_every_row_may_have_a_rule_of_its_own(self):
        model = make_model()
        rules = [GREEDY, *(Sampling(temperature=2.0, seed=seed) for seed in range(4))]
        together = decode(model, SOURCE[:1].expand(5, -1), rules)
        for one, rule in zip(together, rules, strict=True):
            alone = decode(model, SOURCE[:1], rule)[0]
            assert one.ids == alone.ids
            assert one.rule == rule

    def test_the_record_tells_what_was_drawn_and_from_what(self):
        rule = Sampling(temperature=2.0, top_k=7, top_p=0.9, seed=3)
        record = decode(make_model(), SOURCE[:1], rule)[0]
        random = np.random.default_rng(3)
        for step in record.steps:
            assert step.reason == "drawn"
            assert step.draw == random.random()
            assert draw(step.filtered, step.draw) == step.written
            assert abs(step.filtered.after.sum() - 1) < 1e-12
            assert (step.filtered.after > 0).sum() == step.filtered.n_top_p <= 7
            np.testing.assert_array_equal(step.filtered.before, step.probs)
            best = step.candidates(3)
            assert [one.before for one in best] == sorted(step.probs, reverse=True)[:3]
            assert best[0].after == step.filtered.after[best[0].id] > 0


@pytest.mark.parametrize("value", [0, 0.0, -1, math.nan, math.inf, True, "1"])
def test_a_temperature_must_be_above_zero(value):
    with pytest.raises(TemperatureError, match=f"not {value!r}") as caught:
        Sampling(temperature=value)
    assert (caught.value.code, caught.value.fields) == ("temperature", {"value": value})


@pytest.mark.parametrize("value", [0, -3, 1.5, True])
def test_top_k_must_leave_a_word(value):
    with pytest.raises(TopKError, match=f"not {value!r}"):
        Sampling(top_k=value)


@pytest.mark.parametrize("value", [0, -0.1, 1.0001, math.nan, True])
def test_top_p_must_lie_between_zero_and_one(value):
    with pytest.raises(TopPError, match=f"not {value!r}"):
        Sampling(top_p=value)


@pytest.mark.parametrize("value", [-1, 0.5, False])
def test_a_seed_must_be_a_whole_number(value):
    with pytest.raises(SeedError, match=f"not {value!r}"):
        Sampling(seed=value)
