"""Teacher forcing in one pass, and beside it the same model on its own words."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests.core.decoding_models import EOS, often_ending, on_decoders, three_sources
from tests.core.tiny import SOURCE, SOURCE_IDS, V, make_model, trace_of
from transformer_core.decoding.decode import cache_difference, decode
from transformer_core.decoding.errors import ForcedWordsError
from transformer_core.decoding.forcing import compare, teacher_forcing
from transformer_core.glass.errors import ArgumentError, ShapeError, TargetError, TextTooLongError
from transformer_core.models.glass import Glass

TARGETS = [[5, 12, 3, 7, EOS], [8, 11, EOS], [4, 4, 9, 10, 3, 7, EOS]]


class TestTeacherForcing:
    @on_decoders
    def test_the_losses_are_the_cross_entropy_of_the_shifted_target(self, shape):
        model = make_model(**shape)
        source = three_sources(model)
        padded = torch.tensor([[*ids, *[0] * (7 - len(ids))] for ids in TARGETS])
        read = torch.cat((torch.ones(3, 1, dtype=torch.long), padded[:, :-1]), dim=1)
        losses = F.cross_entropy(model(source, read).flatten(0, 1), padded.flatten(), reduction="none").view(3, 7)
        for b, forced in enumerate(teacher_forcing(model, source, TARGETS)):
            n = len(TARGETS[b])
            np.testing.assert_allclose(forced.losses, losses[b, :n].detach(), rtol=0, atol=1e-11)
            assert forced.logits.shape == (n, V)
            assert (forced.read, forced.ids) == ((1, *TARGETS[b][:-1]), tuple(TARGETS[b]))
            assert not forced.logits.flags.writeable

    @on_decoders
    def test_its_numbers_are_those_of_a_trace(self, shape):
        model = make_model(**shape)
        source = SOURCE[:1] if model.config.has_encoder else None
        forced = teacher_forcing(model, source, TARGETS[:1])[0]
        probs = trace_of(model, target=list(forced.read))["head.probs"]
        for t, (p, right) in enumerate(zip(probs, forced.ids, strict=True)):
            assert math.isclose(forced.probs[t], p[right])
            assert math.isclose(forced.losses[t], -math.log(p[right]))
            assert forced.ranks[t] == sorted(p, reverse=True).index(p[right]) + 1
            assert forced.best[t] == p.argmax()
        assert [step.reason for step in forced.steps] == ["forced"] * 5
        assert forced.source == (tuple(SOURCE_IDS) if source is not None else None)

    @on_decoders
    def test_a_row_is_the_same_alone_and_in_a_batch(self, shape):
        model = make_model(**shape)
        source = three_sources(model)
        for b, forced in enumerate(teacher_forcing(model, source, TARGETS)):
            alone = teacher_forcing(model, None if source is None else source[b : b + 1], [TARGETS[b]])[0]
            np.testing.assert_allclose(forced.logits, alone.logits, rtol=0, atol=1e-12)
            assert forced.source == alone.source

    @on_decoders
    def test_the_parallel_pass_says_what_the_steps_one_by_one_say(self, shape):
        """The same words forced on a decoding with a cache."""
        model = make_model(**shape)
        source = three_sources(model)
        stepwise = decode(model, source, prefixes=TARGETS)
        for one, forced in zip(stepwise, teacher_forcing(model, source, TARGETS), strict=True):
            np.testing.assert_allclose(one.logits, forced.logits, rtol=0, atol=1e-12)
            assert one.stopped == "end"
            assert cache_difference(model, forced) < 1e-12

    def test_dropout_is_off_and_the_model_stays_in_training(self):
        model = make_model(dropout=0.5)
        expected = teacher_forcing(model, SOURCE[:1], TARGETS[:1])[0]
        again = teacher_forcing(model.train(), SOURCE[:1], TARGETS[:1])[0]
        np.testing.assert_array_equal(again.logits, expected.logits)
        assert model.training

    def test_what_cannot_be_forced_is_refused(self):
        model = make_model()
        with pytest.raises(ForcedWordsError, match="the target is empty"):
            teacher_forcing(model, SOURCE[:1], [[]])
        with pytest.raises(ForcedWordsError, match="ids go from 0 to 12"):
            teacher_forcing(model, SOURCE[:1], [[3, 13]])
        with pytest.raises(TextTooLongError, match="the target has 20 tokens"):
            teacher_forcing(model, SOURCE[:1], [[3] * 20])
        with pytest.raises(ShapeError, match="1 targets for 2 rows"):
            teacher_forcing(model, SOURCE, TARGETS[:1])
        with pytest.raises(TargetError, match="no source"):
            teacher_forcing(model, None, TARGETS)


class TestCompare:
    @on_decoders
    def test_up_to_the_first_other_word_both_runs_say_the_same(self, shape):
        parted = 0
        for seed in range(6):
            model = often_ending(shape, seed)
            source = SOURCE_IDS if model.config.has_encoder else None
            own = decode(model, None if source is None else torch.tensor([source]))[0].ids
            target = [*(word for word in own[:2] if word != EOS), 11, 5, 9, 3, EOS]
            found = compare(model, source, target)
            assert (found.own.ids, found.forced.ids) == (own, tuple(target))
            t = found.words_part
            if t is None:
                assert own[: len(target)] == tuple(target)[: len(own)]
                continue
            assert own[:t] == tuple(target[:t])
            assert own[t] != target[t]
            np.testing.assert_allclose(found.own_losses[: t + 1], found.forced.losses[: t + 1], rtol=0, atol=1e-10)
            if found.inputs_part is None:
                assert t + 1 == min(len(own), len(target))
                continue
            parted += 1
            assert found.inputs_part == t + 1
            assert found.own.read[: t + 1] == found.forced.read[: t + 1]
            assert found.own.read[t + 1] != found.forced.read[t + 1]
            assert abs(found.own_losses[t + 1] - found.forced.losses[t + 1]) > 1e-6
        assert parted

    def test_the_loss_on_its_own_words_is_that_of_the_right_word_there(self):
        model = often_ending({}, 1)
        own = decode(model, SOURCE[:1])[0]
        target = [11, 5, 9, 3, EOS]
        found = compare(model, SOURCE_IDS, target)
        probs = trace_of(model, target=list(own.read))["head.probs"]
        for t, right in enumerate(target):
            if t < len(own.ids):
                assert math.isclose(found.own_losses[t], -math.log(probs[t, right]))
            else:
                assert math.isnan(found.own_losses[t])

    def test_behind_its_own_end_it_has_no_loss(self):
        model = often_ending({})
        with torch.no_grad():
            model.head.b[EOS] = 100.0
        found = compare(model, SOURCE_IDS, [3, 4, EOS])
        assert found.own.ids == (EOS,)
        assert (found.words_part, found.inputs_part) == (0, None)
        assert np.isnan(found.own_losses).tolist() == [False, True, True]

    @on_decoders
    def test_with_its_own_words_as_reference_nothing_parts(self, shape):
        model = often_ending(shape)
        source = SOURCE_IDS if model.config.has_encoder else None
        own = decode(model, None if source is None else torch.tensor([source]))[0].ids
        found = compare(model, source, own)
        assert (found.words_part, found.inputs_part) == (None, None)
        np.testing.assert_allclose(found.own_losses, found.forced.losses, rtol=0, atol=1e-10)

    def test_a_prompt_may_be_given_to_both(self):
        model = make_model(architecture="decoder-only")
        found = compare(model, None, [11, 5, 9, 3], n_given=2)
        assert found.own.ids[:2] == (11, 5)
        assert found.own.n_forced == 2
        assert found.words_part is None or found.words_part >= 2


class TestGlass:
    """With text: the tokenizers, and a trace over what was written."""

    @pytest.fixture
    def glass(self, save, chinese, english):
        _, model = save()
        return Glass("tiny", model, chinese, english)

    @pytest.fixture
    def writer(self, save, english):
        _, model = save("decoder-only")
        return Glass("writer", model, None, english)

    def test_it_decodes_what_it_translates(self, glass):
        assert glass.decode("我有一只猫").ids == glass.translate("我有一只猫").ids

    def test_another_word_can_be_picked(self, glass):
        first = glass.decode("我有一只猫").ids[0]
        record = glass.decode("我有一只猫", prefix=[first, 300], max_length=6)
        assert record.ids[:2] == (first, 300)
        assert [step.reason for step in record.steps[:3]] == ["forced", "forced", "most_probable"]

    def test_a_decoder_alone_goes_on_from_the_text(self, writer):
        text = writer.target_ids("I have a")[:-1]
        record = writer.decode("I have a", prefix=[300], max_length=8)
        assert record.ids[: record.n_forced] == (*text, 300)
        assert len(record.ids) <= 8

    def test_a_trace_over_a_record_says_the_same(self, glass, writer):
        for one in (glass, writer):
            text = "我有一只猫" if one is glass else "I have a"
            record = one.decode(text, max_length=7)
            trace = one.trace_record(record)
            assert trace.written_ids == record.ids
            for t, step in enumerate(record.steps):
                np.testing.assert_allclose(step.probs, trace["head.probs"][t], rtol=0, atol=1e-5)

    def test_it_compares_texts_and_ids(self, glass):
        by_text = compare(glass, "我有一只猫", "I have a cat.")
        by_ids = compare(glass.model, glass.source_ids("我有一只猫"), glass.target_ids("I have a cat."))
        np.testing.assert_array_equal(by_text.forced.logits, by_ids.forced.logits)
        assert by_text.own.ids == by_ids.own.ids
        with pytest.raises(ArgumentError, match="text and edits need a Glass"):
            compare(glass.model, "我有一只猫", [3])
