"""Beam search: its scores are the model's, wide enough it finds the best of all sentences, and its tree is whole."""

import math
from itertools import pairwise, product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import crossed
from tests.core.decoding_models import EOS, never_ending, often_ending, on_decoders
from tests.core.tiny import DECODER_SHAPES, SOURCE, V, make_config, make_model
from transformer_core.decoding.decode import decode
from transformer_core.decoding.errors import BeamWidthError, EarlyStopError, LengthPenaltyError
from transformer_core.decoding.rules import GREEDY, Beam
from transformer_core.decoding.sampling import log_softmax

EARLY_STOPS = ("full", "unlikely", "impossible")
PREFIX = [9, 4]


def summed(model, ids, n_prefix=0, source=SOURCE[:1]):
    """The log-probability of a sentence behind its prefix, from one pass over the whole of it."""
    source = source if model.config.has_encoder else None
    with torch.inference_mode():
        logits = model(source, torch.tensor([[1, *ids[:-1]]]), padded=False)[0].double()
    return float(logits.log_softmax(dim=-1)[range(len(ids)), list(ids)][n_prefix:].sum())


def searched(model, rule, **options):
    return decode(model, SOURCE[:1] if model.config.has_encoder else None, rule, **options)[0]


@pytest.mark.parametrize(
    ("shape", "length_penalty", "early_stop"), crossed(DECODER_SHAPES, [0.0, 1.0, -0.5], EARLY_STOPS)
)
def test_scores_are_sums_of_the_models_own_log_probabilities(shape, length_penalty, early_stop):
    model = often_ending(shape)
    record = searched(model, Beam(width=3, length_penalty=length_penalty, early_stop=early_stop), prefixes=[PREFIX])
    assert len(record.tree.finished) == 3
    for found in record.tree.finished:
        assert math.isclose(found.total, summed(model, found.ids, 2), abs_tol=1e-10)
        assert math.isclose(found.score, found.total / (len(found.ids) - 2) ** length_penalty)
        assert record.tree.ids(found.branch) == found.ids
    best = record.tree.finished[0]
    assert (record.ids, record.stopped) == (best.ids, best.stopped)
    assert math.isclose(record.log_prob, best.total, abs_tol=1e-10)


@pytest.mark.parametrize(
    ("shape", "early_stop", "length_penalty"), crossed(DECODER_SHAPES, ["full", "unlikely"], [0.0, 1.0])
)
def test_one_branch_is_greedy(shape, early_stop, length_penalty):
    for seed in range(3):
        model = often_ending(shape, seed)
        one = searched(model, Beam(width=1, length_penalty=length_penalty, early_stop=early_stop))
        line = searched(model, GREEDY)
        assert (one.ids, one.stopped) == (line.ids, line.stopped)
        np.testing.assert_allclose(one.logits, line.logits, rtol=1e-12, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("early_stop", EARLY_STOPS)
@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), length_penalty=st.sampled_from([0.0, 0.6, 1.0, 1.7]))
def test_as_wide_as_there_are_beginnings_it_finds_the_best_of_all_sentences(seed, length_penalty, early_stop):
    n_words, limit = 5, 4
    model = make_model(make_config("decoder-only", target_vocab_size=n_words, max_length=limit), seed=seed)
    # One pass over all rows of the largest length holds every shorter sentence, too.
    rows = torch.tensor(list(product(range(n_words), repeat=limit)))
    with torch.inference_mode():
        logits = model(None, torch.cat((torch.ones(len(rows), 1, dtype=torch.long), rows[:, :-1]), dim=1), padded=False)
    sums = logits.log_softmax(dim=-1).gather(2, rows[..., None])[..., 0].cumsum(dim=1)
    scores = {}
    for row, total in zip(rows.tolist(), sums.tolist(), strict=True):
        ids = tuple(row[: row.index(EOS) + 1] if EOS in row else row)
        scores[ids] = total[len(ids) - 1] / len(ids) ** length_penalty
    rule = Beam(width=n_words**limit, length_penalty=length_penalty, early_stop=early_stop)
    record = searched(model, rule)
    assert record.ids == max(scores, key=scores.__getitem__)
    assert [found.ids for found in record.tree.finished] == sorted(scores, key=scores.__getitem__, reverse=True)
    assert record.tree.ended == "limit"


def test_a_wider_beam_can_find_what_greedy_misses():
    """Otherwise none of these tests would see a search that only follows the best word."""

    def gain(seed):
        model = often_ending({}, seed)
        sums = [searched(model, Beam(width=w, length_penalty=0.0)).tree.finished[0].total for w in (1, 4)]
        return sums[1] - sums[0]

    assert any(gain(seed) > 0.1 for seed in range(20))


class TestTree:
    @pytest.mark.parametrize(
        ("shape", "rule"),
        crossed(DECODER_SHAPES, {"wide": Beam(width=3), "full": Beam(width=2, length_penalty=0.0, early_stop="full")}),
    )
    def test_it_holds_every_branch_that_was_weighed(self, shape, rule):
        model = often_ending(shape, 1)
        tree = searched(model, rule, prefixes=[PREFIX]).tree
        assert [branch.number for branch in tree.branches] == list(range(len(tree.branches)))
        for n, step in enumerate(tree.steps):
            log_probs = log_softmax(step.logits)
            before = [0.0 if number is None else tree.branches[number].total for number in step.live]
            totals = (np.array(before)[:, None] + log_probs).ravel()
            expected = np.sort(totals)[::-1][: 2 * rule.width]
            np.testing.assert_allclose([branch.total for branch in step.branches], expected, rtol=0, atol=1e-12)
            for rank, branch in enumerate(step.branches, start=1):
                row = step.live.index(branch.parent)
                assert branch.log_prob == log_probs[row, branch.token]
                assert math.isclose(math.exp(branch.log_prob), step.probs_behind(branch.parent)[branch.token])
                assert math.isclose(branch.total, before[row] + branch.log_prob)
                assert math.isclose(branch.score, branch.total / (n + 1) ** rule.length_penalty)
                assert (branch.step, branch.rank, step.position) == (n, rank, n + 2)
                assert math.isclose(branch.total, summed(model, tree.ids(branch.number), 2), abs_tol=1e-10)

    @on_decoders
    def test_kept_branches_are_read_next_and_the_others_never(self, shape):
        tree = searched(often_ending(shape, 2), Beam(width=3)).tree
        assert tree.steps[0].live == (None,)
        for step, following in pairwise(tree.steps):
            assert following.live == tuple(branch.number for branch in step.branches if branch.fate == "kept")
            assert len(following.live) == 3
            assert following.reused == step.cache_length == step.position + 1
        for step in tree.steps[:-1]:
            assert all(branch.token != EOS for branch in step.branches if branch.fate == "kept")
            assert all(branch.token == EOS for branch in step.branches if branch.fate == "finished")
            assert all(branch.rank <= 3 for branch in step.branches if branch.fate == "finished")

    def test_finished_sentences_are_kept_step_by_step_best_first(self):
        tree = searched(often_ending({}), Beam(width=4, early_stop="impossible")).tree
        ever = {branch.number: branch.score for branch in tree.branches if branch.fate == "finished"}
        for step in tree.steps:
            so_far = sorted(
                (score for number, score in ever.items() if tree.branches[number].step <= step.position), reverse=True
            )
            assert [found.score for found in step.finished] == so_far[:4]
        assert tree.finished == tree.steps[-1].finished

    def test_a_path_leads_from_the_prefix_to_the_branch(self):
        tree = searched(often_ending({}), Beam(width=3), prefixes=[PREFIX]).tree
        assert (tree.path(None), tree.ids(None)) == ((), tuple(PREFIX))
        for branch in tree.branches:
            path = tree.path(branch.number)
            assert path[-1] == branch
            assert [one.step for one in path] == list(range(branch.step + 1))
            assert math.isclose(sum(one.log_prob for one in path), branch.total)

    def test_the_limit_finishes_the_branches_that_are_open(self):
        tree = searched(never_ending(), Beam(width=3), max_length=4).tree
        assert tree.ended == "limit"
        assert [found.stopped for found in tree.finished] == ["limit"] * 3
        assert {branch.fate for branch in tree.steps[-1].branches} == {"finished", "dropped"}

    def test_the_memory_of_all_logits_is_counted(self):
        record = searched(never_ending(), Beam(width=3), max_length=4)
        assert record.tree.nbytes == (1 + 3 + 3 + 3) * V * 8
        assert record.nbytes == record.tree.nbytes + 4 * V * 8


class TestEnd:
    @pytest.mark.slow
    def test_what_ended_the_search_is_true(self):
        seen = set()
        for seed, early_stop in product(range(8), EARLY_STOPS):
            rule = Beam(width=2, early_stop=early_stop)
            tree = searched(often_ending({}, seed), rule).tree
            seen.add(tree.ended)
            kept = [branch for branch in tree.steps[-1].branches if branch.fate == "kept"]
            assert (tree.ended == "limit") == (len(tree.steps) == 19) == (not kept)
            if tree.ended == "unlikely":
                assert kept[0].score <= tree.finished[-1].score
            if tree.ended == "impossible":
                assert kept[0].total / 19 <= tree.finished[-1].score
            if tree.ended != "limit":
                assert tree.ended == early_stop
                assert len(tree.finished) == 2
        assert seen >= {"full", "unlikely", "impossible"}

    @pytest.mark.slow
    def test_more_patience_never_finds_less(self):
        for seed in range(8):
            first, second, third = (
                searched(often_ending({}, seed), Beam(width=3, early_stop=stop)).tree for stop in EARLY_STOPS
            )
            assert len(first.steps) <= len(second.steps) <= len(third.steps)
            assert first.finished[0].score <= second.finished[0].score <= third.finished[0].score

    def test_a_model_with_one_word_is_exhausted(self):
        config = make_config("decoder-only", target_vocab_size=1, pad_id=0, bos_id=0, eos_id=0)
        record = searched(make_model(config), Beam(width=2))
        assert (record.ids, record.stopped, record.tree.ended) == ((0,), "end", "exhausted")


@pytest.mark.parametrize("value", [0, -2, 1.5, True])
def test_a_width_must_keep_a_branch(value):
    with pytest.raises(BeamWidthError, match=f"not {value!r}") as caught:
        Beam(width=value)
    assert (caught.value.code, caught.value.fields) == ("beam_width", {"value": value})


@pytest.mark.parametrize("value", [math.nan, math.inf, "1"])
def test_a_length_penalty_must_be_a_number(value):
    with pytest.raises(LengthPenaltyError, match=f"not {value!r}"):
        Beam(length_penalty=value)


def test_a_way_to_end_must_be_known():
    with pytest.raises(EarlyStopError, match="one of full, unlikely, impossible, not 'never'"):
        Beam(early_stop="never")
