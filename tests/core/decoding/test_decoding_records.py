"""What a decoding leaves behind: the numbers of every step, the words that were given, and the limit."""

import math

import numpy as np
import pytest
import torch

from tests.cases import crossed
from tests.core.decoding_models import EOS, RULES, by_every_rule, never_ending, often_ending
from tests.core.tiny import DECODER_SHAPES, SOURCE, SOURCE_IDS, V, make_model, trace_of
from transformer_core.decoding.decode import cache_difference, decode
from transformer_core.decoding.rules import GREEDY

PRECISIONS = {"float64": torch.float64, "float32": torch.float32}


class TestRecord:
    @pytest.mark.parametrize(("shape", "rule", "dtype"), crossed(DECODER_SHAPES, RULES, PRECISIONS))
    def test_its_probabilities_are_those_of_a_trace_over_the_result(self, shape, rule, dtype):
        atol = 1e-12 if dtype == torch.float64 else 1e-5
        model = often_ending(shape).to(dtype)
        source = SOURCE[:1] if model.config.has_encoder else None
        record = decode(model, source, rule)[0]
        trace = trace_of(model, source=SOURCE_IDS, target=list(record.read), written_ids=record.ids)
        assert record.read == (1, *record.ids[:-1])
        for t, step in enumerate(record.steps):
            np.testing.assert_allclose(step.probs, trace["head.probs"][t], rtol=0, atol=atol)
            assert step.probs.shape == (V,)
            assert (step.position, step.read, step.written) == (t, record.read[t], record.ids[t])
        np.testing.assert_allclose(record.probs, [p.probs[p.written] for p in record.steps], rtol=1e-12)

    @by_every_rule
    def test_its_numbers_follow_from_the_probabilities(self, rule):
        record = decode(often_ending({}), SOURCE[:1], rule)[0]
        for step in record.steps:
            p = step.probs
            assert math.isclose(step.log_prob, math.log(p[step.written]))
            assert math.isclose(step.entropy, -sum(x * math.log(x) for x in p.tolist()))
            assert step.rank == sorted(p, reverse=True).index(p[step.written]) + 1
            assert step.best == p.argmax() == step.candidates(1)[0].id
            assert [one.id for one in step.candidates(V)] == np.argsort(-p, kind="stable").tolist()
        assert math.isclose(record.log_prob, sum(step.log_prob for step in record.steps))
        np.testing.assert_allclose(record.losses, [-step.log_prob for step in record.steps])
        np.testing.assert_allclose(record.entropies, [step.entropy for step in record.steps])
        assert record.ranks.tolist() == [step.rank for step in record.steps]
        assert record.best.tolist() == [step.best for step in record.steps]
        assert not record.logits.flags.writeable

    def test_greedy_always_writes_the_most_probable_word_and_filters_nothing(self):
        for step in decode(often_ending({}), SOURCE[:1])[0].steps:
            assert (step.reason, step.rank, step.draw) == ("most_probable", 1, None)
            np.testing.assert_array_equal(step.filtered.after, step.filtered.before)

    @by_every_rule
    def test_the_cache_grows_by_the_row_that_was_read(self, rule):
        record = decode(never_ending(), SOURCE[:1], rule, max_length=6)[0]
        assert [(step.reused, step.cache_length) for step in record.steps] == [(t, t + 1) for t in range(6)]


class TestPrefix:
    @pytest.mark.parametrize(("shape", "rule"), crossed(DECODER_SHAPES, RULES))
    def test_decoding_goes_on_from_the_words_given(self, shape, rule):
        """Pick another word: behind a prefix that it wrote itself, greedy decoding writes the rest again."""
        model = never_ending(**shape)
        source = SOURCE[:1] if model.config.has_encoder else None
        whole = decode(model, source)[0]
        again = decode(model, source, prefixes=[whole.ids[:2]])[0]
        assert again.ids == whole.ids
        np.testing.assert_allclose(again.logits, whole.logits, rtol=0, atol=1e-11)
        other = decode(model, source, rule, prefixes=[[whole.ids[0], 11]])[0]
        assert other.ids[:2] == (whole.ids[0], 11)
        assert [step.reason for step in other.steps[:2]] == ["forced", "forced"]
        assert all(step.reason != "forced" for step in other.steps[2:])
        assert [step.cache_length for step in other.steps[:4]] == [3, 3, 3, 4]
        assert math.isclose(other.log_prob, sum(step.log_prob for step in other.steps[2:]))

    @by_every_rule
    @pytest.mark.parametrize(
        ("prefix", "limit", "stopped"),
        [([5, EOS], None, "end"), ([5, 6, 7], 3, "limit"), ([5, 6, 7], 1, "limit"), ([4] * 19, None, "limit")],
        ids=str,
    )
    def test_where_the_words_given_are_all_there_is(self, rule, prefix, limit, stopped):
        record = decode(make_model(), SOURCE[:1], rule, prefixes=[prefix], max_length=limit)[0]
        assert (list(record.ids), record.stopped, record.log_prob) == (prefix, stopped, 0)
        assert [step.reason for step in record.steps] == ["forced"] * len(prefix)

    @by_every_rule
    def test_the_limit_is_a_reason_to_stop(self, rule):
        for limit, written in ((0, 0), (1, 1), (5, 5), (None, 19), (1000, 19)):
            record = decode(never_ending(), SOURCE[:1], rule, max_length=limit)[0]
            assert (len(record.ids), len(record.steps), record.stopped) == (written, written, "limit")
            assert record.logits.shape == (written, V)
            assert cache_difference(never_ending(), record) < 1e-11

    def test_a_decoder_alone_begins_with_nothing(self):
        model = make_model(architecture="decoder-only")
        assert decode(model)[0].ids == decode(model, rule=[GREEDY, GREEDY])[1].ids
        assert decode(model)[0].read[0] == 1
