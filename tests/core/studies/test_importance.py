"""Every head switched off alone, all in one batch: the same as one by one, and right where the answer is known."""

import math

import numpy as np
import pytest
import torch

from tests.core.decoding_models import EOS, often_ending, on_decoders
from tests.core.tiny import SOURCE_IDS, E, H, make_model, trace_of
from transformer_core.decoding.errors import ForcedWordsError
from transformer_core.decoding.forcing import teacher_forcing
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import AbilityError, ShapeError, TargetError
from transformer_core.studies.heads.head_table import Head, all_heads
from transformer_core.studies.importance import head_importance, spread, words_without

RIGHT = [5, 12, 3, 7, EOS]


def source_of(model):
    return SOURCE_IDS if model.config.has_encoder else None


def switched_off(head):
    """What makes a pass be without this head; None is none."""

    def edit(key, x):
        if head is None or key != f"{head.block}.z":
            return x
        x = x.clone()
        x[:, head.index] = 0
        return x

    return edit


def alone(model, head):
    """The losses and best words of a traced run of its own, in which one head's z is zero."""
    logits = run_with_trace(model, source_of(model), [1, *RIGHT[:-1]], edit=switched_off(head))["head.logits"]
    largest = logits.max(axis=1, keepdims=True)
    log_probs = logits - largest - np.log(np.exp(logits - largest).sum(axis=1, keepdims=True))
    return -log_probs[range(len(RIGHT)), RIGHT], logits.argmax(axis=1)


@on_decoders
def test_all_heads_at_once_are_each_head_alone(shape):
    model = make_model(**shape)
    found = head_importance(model, source_of(model), RIGHT)
    n_blocks = 6 if model.config.has_cross_attention else 2
    assert len(found.heads) == len(set(found.heads)) == H * n_blocks
    for n, head in enumerate(found.heads):
        losses, best = alone(model, head)
        np.testing.assert_allclose(found.losses[n], losses, rtol=0, atol=1e-12)
        np.testing.assert_array_equal(found.best[n], best)
        assert math.isclose(found.change[n], losses.mean() - found.plain_losses.mean(), abs_tol=1e-12)
        assert found.words_change[n] == (best != found.plain_best).any()
    forced = teacher_forcing(model, None if source_of(model) is None else torch.tensor([SOURCE_IDS]), [RIGHT])[0]
    np.testing.assert_allclose(found.plain_losses, forced.losses, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(found.plain_best, forced.best)


@pytest.mark.parametrize("at_once", [1, 5, 19])
def test_what_else_is_in_the_batch_changes_nothing_and_every_batch_is_told(at_once):
    model, told = make_model(), []
    whole = head_importance(model, SOURCE_IDS, RIGHT)
    found = head_importance(
        model, SOURCE_IDS, RIGHT, at_once=at_once, progress=lambda done, rows: told.append((done, rows))
    )
    np.testing.assert_allclose(found.losses, whole.losses, rtol=0, atol=1e-12)
    np.testing.assert_array_equal(found.words_change, whole.words_change)
    n_rows = 6 * H + 1  # the untouched run is one
    assert told == [(min(done + at_once, n_rows), n_rows) for done in range(0, n_rows, at_once)]


@pytest.mark.parametrize("head", [Head("decoder.0.self_attn", 2), Head("decoder.1.cross_attn", 0)])
def test_where_one_head_writes_anything_only_it_matters(head):
    """The W_O of every other head is zero."""
    model = make_model()
    with torch.no_grad():
        for path in dict.fromkeys(one.block for one in all_heads(model.plan)):
            W_O = model.get_submodule(path).W_O
            for number in range(H):
                if Head(path, number) != head:
                    W_O[number * E : (number + 1) * E] = 0
                else:
                    W_O[number * E : (number + 1) * E] *= 5
    found = head_importance(model, SOURCE_IDS, RIGHT)
    mine = found.heads.index(head)
    np.testing.assert_allclose(np.delete(found.change, mine), 0, rtol=0, atol=1e-12)
    assert not np.delete(found.words_change, mine).any()
    assert abs(found.change[mine]) > 1e-3


def test_the_words_change_where_the_best_one_does():
    """A head whose loss goes down can matter, too: what counts is another word, not a worse one."""
    founds = [head_importance(make_model(seed=seed), SOURCE_IDS, RIGHT) for seed in range(3)]
    changed = np.concatenate([found.words_change for found in founds])
    assert changed.any()
    assert not changed.all()
    assert any((found.change[found.words_change] < 0).any() for found in founds)


def test_the_model_and_the_runs_after_it_stay_as_they_were():
    model = make_model(dropout=0.5)
    before = trace_of(model)
    expected = head_importance(model, SOURCE_IDS, RIGHT)
    np.testing.assert_array_equal(head_importance(model.train(), SOURCE_IDS, RIGHT).losses, expected.losses)
    assert model.training
    after = trace_of(model)
    for key in before:
        np.testing.assert_array_equal(after[key], before[key], err_msg=key)


def test_what_is_raised_while_it_is_told_ends_the_work():
    told = []

    def stop(done, rows):
        told.append(done)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        head_importance(make_model(), SOURCE_IDS, RIGHT, at_once=4, progress=stop)
    assert told == [4]


class TestSpread:
    def test_mean_and_spread_are_over_the_sentences(self):
        model = make_model()
        found = [head_importance(model, source, RIGHT) for source in ([3, 2], SOURCE_IDS, [9, 4, 2])]
        over = spread(found)
        for n, head in enumerate(over.heads):
            changes = [one.change[n] for one in found]
            mean = sum(changes) / 3
            assert (over.n, head) == (3, found[0].heads[n])
            assert math.isclose(over.mean[n], mean, abs_tol=1e-12)
            assert math.isclose(over.std[n], math.sqrt(sum((c - mean) ** 2 for c in changes) / 2), abs_tol=1e-12)
            assert over.n_changed[n] == sum(bool(one.words_change[n]) for one in found)

    def test_one_sentence_has_no_spread_and_none_no_mean(self):
        one = head_importance(make_model(), SOURCE_IDS, RIGHT)
        assert np.isnan(spread([one]).std).all()
        np.testing.assert_array_equal(spread([one]).mean, one.change)
        with pytest.raises(ShapeError, match="0 sentences"):
            spread([])
        other = head_importance(make_model(n_decoder_layers=1), SOURCE_IDS, RIGHT)
        with pytest.raises(ShapeError, match="2 sentences with 2 lists of heads"):
            spread([one, other])


class TestWordsWithout:
    def test_each_is_the_decoding_with_this_head_off(self):
        """Every step is the argmax of a traced pass of its own, without a cache."""
        model = often_ending({})
        heads = [None, Head("encoder.1.self_attn", 1), Head("decoder.0.self_attn", 0), Head("decoder.1.cross_attn", 2)]
        for head, written in zip(heads, words_without(model, SOURCE_IDS, heads), strict=True):
            logits = run_with_trace(model, SOURCE_IDS, [1, *written[:-1]], edit=switched_off(head))["head.logits"]
            assert written == logits.argmax(axis=1).tolist()

    def test_a_model_without_an_encoder_goes_on_with_a_text(self):
        model = often_ending({"architecture": "decoder-only"})
        text, heads = [1, 5, 12, 3], [None, Head("decoder.0.self_attn", 1)]
        for head, written in zip(heads, words_without(model, None, heads, begin=text), strict=True):
            logits = run_with_trace(model, None, [*text, *written[:-1]], edit=switched_off(head))["head.logits"]
            assert written == logits[len(text) - 1 :].argmax(axis=1).tolist()

    def test_what_does_not_write_is_refused(self):
        with pytest.raises(AbilityError, match="encoder-only"):
            words_without(make_model(architecture="encoder-only"), SOURCE_IDS, [None])
        with pytest.raises(TargetError, match="has none"):
            words_without(make_model(architecture="decoder-only"), SOURCE_IDS, [None])


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(ForcedWordsError, match="the target is empty"):
        head_importance(make_model(), SOURCE_IDS, [])
    with pytest.raises(TargetError, match="no source"):
        head_importance(make_model(), None, RIGHT)
    with pytest.raises(AbilityError, match="encoder-only"):
        head_importance(make_model(architecture="encoder-only"), SOURCE_IDS, RIGHT)
