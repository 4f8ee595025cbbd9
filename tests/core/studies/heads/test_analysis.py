"""Measures of heads against cases whose answer is known, and rules that hold for any weights."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import examples
from tests.core.heads import CROSS, DECODER, ENCODER, induction_model, trace_of_weights
from tests.core.tiny import SHAPES, make_model, shape_name, trace_of
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import UnknownSiteError
from transformer_core.glass.walks import with_role
from transformer_core.studies.errors import AlignmentError, UnknownMeasureError
from transformer_core.studies.heads.attention_blocks import attention_blocks, block_kind, transfer
from transformer_core.studies.heads.head_measures import MEASURES, find_measure, measure

N = 6
LOOKS = {"previous": -1, "same": 0, "next": 1}
TEXT = [1, 5, 9, 4, 7, 5, 9, 4, 7, 5]  # what follows 5, 9, 4 and 7 is known from the second time on


def band(offset: int, n: int = N) -> np.ndarray:
    """The weights of a head that looks only at the word `offset` away, and at itself where there is none: [1, N, N]."""
    looked = np.arange(n) + offset
    return np.eye(n)[np.where((looked >= 0) & (looked < n), looked, np.arange(n))][None]


@pytest.mark.parametrize("name", LOOKS)
def test_a_head_that_looks_one_way_has_that_share_whole_and_the_others_not(name: str) -> None:
    found = measure(trace_of_weights(band(LOOKS[name])), ENCODER)
    assert found[name] == [1]
    # The one row that has nobody there looks at itself.
    assert found["same"] == pytest.approx([1 if name == "same" else 1 / N])
    assert found["distance"] == pytest.approx([0 if name == "same" else (N - 1) / N])
    assert found["entropy"] == found["entropy_normalised"] == [0]


def test_a_uniform_head_has_the_entropy_of_its_number_of_keys() -> None:
    found = measure(trace_of_weights(np.full((1, N, N), 1 / N)), ENCODER)
    assert found["entropy"] == pytest.approx([math.log(N)])
    assert found["entropy_normalised"] == pytest.approx([1])
    for name in ("previous", "same", "next", "first", "separator"):
        assert found[name] == pytest.approx([1 / N])
    steps = np.abs(np.subtract.outer(np.arange(N), np.arange(N)))
    assert found["distance"] == pytest.approx([steps.mean()])


def test_a_real_model_without_queries_is_uniform_over_what_the_mask_allows() -> None:
    model = make_model(architecture="decoder-only", positions="learned")
    for name in ("W_Q", "b_Q"):
        model.get_parameter(f"decoder.0.self_attn.{name}").data.zero_()
    found = measure(trace_of(model), "decoder.0.self_attn")
    assert found["entropy_normalised"] == pytest.approx([1] * model.config.n_heads)
    n_keys = np.arange(2, 8)  # row 0 has one key, and does not count
    assert found["entropy"] == pytest.approx([np.log(n_keys).mean()] * model.config.n_heads)
    for name in ("previous", "same", "first"):
        assert found[name] == pytest.approx([(1 / n_keys).mean()] * model.config.n_heads)


def test_the_first_row_of_a_causal_head_counts_nowhere() -> None:
    weights = np.tri(N) / np.tri(N).sum(axis=1, keepdims=True)
    whole = measure(trace_of_weights(weights[None], DECODER), DECODER)
    assert whole["first"] == pytest.approx([np.mean(1 / np.arange(2, N + 1))])
    alone = measure(trace_of_weights(np.ones((1, 1, 1)), DECODER), DECODER)
    assert all(np.isnan(value).all() for value in alone.values())


def test_first_and_separator() -> None:
    first, last = np.zeros((2, 1, N, N))
    first[..., 0], last[..., -1] = 1, 1
    found = measure(trace_of_weights(np.concatenate([first, last])), ENCODER)
    assert found["first"].tolist() == [1, 0]
    assert found["separator"].tolist() == [0, 1]
    without = measure(trace_of_weights(last, ids=range(3, 3 + N)), ENCODER)
    assert np.isnan(without["separator"]).all()


def test_twins_are_the_other_places_of_the_same_word() -> None:
    weights = np.full((1, 4, 4), 0.25)
    found = measure(trace_of_weights(weights, ENCODER, ids=[7, 8, 7, 7]), ENCODER)
    assert found["twins"] == pytest.approx([0.5])  # rows 0, 2, 3 have two twins each, row 1 none and no say
    causal = np.array([[[1, 0, 0], [0.3, 0.7, 0], [0.5, 0.2, 0.3]]])
    found = measure(trace_of_weights(causal, DECODER, ids=[7, 8, 7]), DECODER)
    assert found["twins"] == pytest.approx([0.5])  # of the last row: the first word is seen from there alone
    assert np.isnan(measure(trace_of_weights(causal, DECODER, ids=[7, 8, 9]), DECODER)["twins"]).all()


class TestInduction:
    def test_the_model_says_what_followed_the_last_time(self) -> None:
        trace = run_with_trace(induction_model(), target=TEXT)
        assert trace["head.logits"].argmax(axis=1)[5:].tolist() == [9, 4, 7, 5, 9]

    def test_its_first_head_is_a_previous_token_head_and_its_second_an_induction_head(self) -> None:
        trace = run_with_trace(induction_model(), target=TEXT)
        first, second = (measure(trace, f"decoder.{i}.self_attn") for i in range(2))
        assert first["previous"] == pytest.approx([1])
        assert first["induction"] == pytest.approx([0])
        assert second["induction"] == pytest.approx([1])
        assert second["previous"] < 0.5

    def test_without_a_word_that_occurs_twice_nobody_can_tell(self) -> None:
        trace = run_with_trace(induction_model(), target=[1, 5, 9, 4])
        assert np.isnan(measure(trace, "decoder.1.self_attn")["induction"]).all()

    def test_a_word_right_behind_its_twin_is_not_its_own_answer(self) -> None:
        weights = band(0, 3)  # 7 7: what stands behind the first 7 is the second, which asks
        found = measure(trace_of_weights(weights, DECODER, ids=[1, 7, 7]), DECODER)
        assert np.isnan(found["induction"]).all()


class TestCross:
    def test_a_diagonal_head_is_diagonal_whatever_the_lengths(self) -> None:
        for n_queries, n_keys in ((5, 5), (5, 9), (2, 7)):  # a key stands exactly where each row is
            weights = np.eye(n_keys)[np.linspace(0, n_keys - 1, n_queries).astype(int)][None]
            assert measure(trace_of_weights(weights, CROSS), CROSS)["diagonality"] == pytest.approx([1])

    def test_a_uniform_head_is_far_from_diagonal(self) -> None:
        found = measure(trace_of_weights(np.full((1, 3, 3), 1 / 3), CROSS), CROSS)["diagonality"]
        # By row: 1/2, 1/3, 1/2 away, of at most 1, 1/2, 1.
        assert found == pytest.approx([1 - np.mean([1 / 2, 2 / 3, 1 / 2])])

    def test_the_other_diagonal_is_as_far_away_as_can_be_at_both_ends(self) -> None:
        weights = np.eye(5)[::-1][None]
        # By row: 1, 1/2, 0, 1/2, 1 away, of at most 1, 3/4, 1/2, 3/4, 1.
        wanted = 1 - np.mean([1, 2 / 3, 0, 2 / 3, 1])
        assert measure(trace_of_weights(weights, CROSS), CROSS)["diagonality"] == pytest.approx([wanted])

    def test_agreement_with_an_alignment_reads_the_row_that_writes_the_word(self) -> None:
        weights = np.array([[0.6, 0.3, 0.1], [0.2, 0.3, 0.5], [0.1, 0.5, 0.4], [0.0, 0.0, 1.0]])[None]
        trace = trace_of_weights(weights, CROSS)
        # Words 0, 1, 2 are written in rows 0, 1, 2; the last row writes </s>, which belongs to no word.
        found = measure(trace, CROSS, [(0, 0), (1, 1), (2, 1), (0, 2)])
        assert found["aligned"] == pytest.approx([2 / 3])
        assert found["aligned_weight"] == pytest.approx([(0.6 + 0.8 + 0.1) / 3])

    def test_without_an_alignment_nobody_can_tell(self) -> None:
        found = measure(trace_of_weights(band(0), CROSS), CROSS)
        assert np.isnan(found["aligned"]).all()
        assert np.isnan(found["aligned_weight"]).all()

    @pytest.mark.parametrize("pair", [(N, 0), (0, N), (-1, 0), (0, -1)])
    def test_a_word_that_is_not_there_is_refused(self, pair: tuple[int, int]) -> None:
        with pytest.raises(AlignmentError, match=f"source word {pair[0]} with written word {pair[1]}, .* has {N} "):
            measure(trace_of_weights(band(0), CROSS), CROSS, [(0, 0), pair])


class TestTransfer:
    @pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
    def test_it_is_the_length_of_what_each_key_hands_over(self, shape: dict[str, str]) -> None:
        trace = trace_of(make_model(**shape))
        for block in attention_blocks(trace.plan):
            moved = transfer(trace, block)
            v, W_O, alpha = trace[f"{block}.v"], trace.parameters[f"{block}.W_O"], trace[f"{block}.weights"]
            h, q, k = 1, 2, 0
            vector = alpha[h, q, k] * v[h, k] @ W_O[h * v.shape[2] : (h + 1) * v.shape[2]]
            assert moved[h, q, k] == pytest.approx(np.linalg.norm(vector), rel=1e-12)
            assert np.array_equal(transfer(trace, block, h), moved[h])
            assert moved.shape == alpha.shape

    def test_a_head_that_is_not_there_is_refused(self) -> None:
        trace = trace_of(make_model())
        with pytest.raises(IndexError):
            transfer(trace, "encoder.0.self_attn", 3)


def random_weights(seed: int, n_heads: int, n: int, *, causal: bool) -> np.ndarray:
    scores = np.random.default_rng(seed).normal(0, 3, (n_heads, n, n))
    powers = np.exp(np.where(np.tri(n, dtype=bool), scores, -np.inf) if causal else scores)
    return powers / powers.sum(axis=2, keepdims=True)


@examples(30)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(2, 7), st.sampled_from((ENCODER, DECODER, CROSS)))
def test_every_measure_keeps_its_range(seed: int, n_heads: int, n: int, block: str) -> None:
    trace = trace_of_weights(random_weights(seed, n_heads, n, causal=block == DECODER), block)
    found = measure(trace, block, [(k, k) for k in range(n)])
    for name, values in found.items():
        one = MEASURES[name]
        assert values.shape == (n_heads,)
        assert (np.isnan(values) | (values >= one.low - 1e-12)).all(), name
        assert one.high is None or (np.isnan(values) | (values <= one.high + 1e-12)).all(), name
    assert (found["entropy"] <= math.log(n) + 1e-12).all()


@examples(30)
@given(st.integers(0, 2**32 - 1), st.integers(3, 7))
def test_shares_of_different_words_add_up_to_at_most_the_whole(seed: int, n: int) -> None:
    weights = random_weights(seed, 2, n, causal=False)
    inner = trace_of_weights(weights)
    found = measure(inner, ENCODER)
    apart = n * found["same"] + (n - 1) * (found["previous"] + found["next"])  # sums over rows
    assert (apart <= n + 1e-9).all()
    assert (found["first"] + found["separator"] <= 1 + 1e-12).all()


@examples(30)
@given(st.integers(0, 2**32 - 1), st.permutations(range(6)))
def test_another_order_of_keys_changes_places_and_not_entropy(seed: int, order: list[int]) -> None:
    weights = random_weights(seed, 2, 6, causal=False)
    before, after = (measure(trace_of_weights(w), ENCODER) for w in (weights, weights[:, :, order]))
    for name in ("entropy", "entropy_normalised"):
        assert after[name] == pytest.approx(before[name])
    assert after["first"] == pytest.approx(weights[:, :, order[0]].mean(axis=1))


@examples(30)
@given(st.integers(0, 2**32 - 1), st.permutations(range(3)))
def test_heads_do_not_know_of_each_other(seed: int, order: list[int]) -> None:
    weights = random_weights(seed, 3, 5, causal=True)
    before, after = (measure(trace_of_weights(w, DECODER), DECODER) for w in (weights, weights[order]))
    for name, values in before.items():
        np.testing.assert_array_equal(after[name], values[order])


@pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
def test_every_block_has_exactly_the_measures_that_apply_to_its_kind(shape: dict[str, str]) -> None:
    trace = trace_of(make_model(**shape))
    for block in with_role(trace.plan, "attention"):
        kind = block_kind(block)
        assert set(measure(trace, block.path)) == {name for name, one in MEASURES.items() if kind in one.blocks}


def test_the_table_says_what_every_measure_is() -> None:
    for name, one in MEASURES.items():
        assert one.name == name
        assert one.latex
        assert re.search(r"[A-Z]\w+.* (19|20)\d\d, [A-Z]", one.source)  # who, when, and the title
        assert one.blocks
        assert one.unit in ("nats", "share", "positions", "")


def test_unknown_names_are_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownMeasureError, match=r"'previos' is not a measure.* previous") as caught:
        find_measure("previos")
    assert caught.value.fields["nearest"][0] == "previous"
    with pytest.raises(UnknownSiteError, match=r"attention block.*nearest are decoder\.1\.self_attn"):
        measure(trace_of(make_model()), "decoder.9.self_attn")
