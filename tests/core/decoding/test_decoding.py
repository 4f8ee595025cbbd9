"""Decoding: cached and batched, it writes what a plain loop over whole passes writes, and its record says why."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import crossed, examples
from tests.core.decoding_models import (
    EOS,
    PREFIXES,
    RULES,
    assert_same,
    never_ending,
    often_ending,
    three_sources,
)
from tests.core.tiny import DECODER_SHAPES, NORMS, OTHER_OPTIONS, SOURCE, V, make_config, make_model
from transformer_core.decoding.decode import cache_difference, decode, greedy
from transformer_core.decoding.errors import ForcedWordsError, MaxLengthError
from transformer_core.decoding.rules import GREEDY
from transformer_core.glass.errors import AbilityError, ShapeError, TargetError, TextTooLongError

LIMIT = 7


def plain_greedy(model, source, max_length):
    """One sentence, no cache: the whole pass again for every word."""
    written = []
    while len(written) < max_length and written[-1:] != [EOS]:
        logits = model(source[None], torch.tensor([[1, *written]]), padded=False)
        written.append(int(logits[0, -1].argmax()))
    return written


def models(norm):
    """Random models that end some sentences early and run others into the limit."""
    for seed in range(3):
        model = make_model(make_config(norm_position=norm, output_bias=True, max_length=LIMIT), seed=seed)
        with torch.no_grad():
            model.head.b[EOS] = 3.0
        yield model


@pytest.mark.parametrize("norm", NORMS)
def test_it_writes_what_a_plain_loop_writes(norm):
    sources = torch.tensor([[3, 16, 7, 16, 2], [6, 9, 2, 0, 0], [4, 4, 12, 2, 0]])
    lengths = set()
    for model in models(norm):
        batched = greedy(model, sources)
        assert [list(one.ids) for one in decode(model, sources)] == batched
        for source, written in zip(sources, batched, strict=True):
            assert written == plain_greedy(model, source[source != 0], LIMIT)
            assert EOS not in written[:-1]
            lengths.add(len(written))
    assert min(lengths) < LIMIT
    assert max(lengths) == LIMIT


def test_a_sentence_is_written_the_same_alone_and_in_a_batch():
    for model in models("post"):
        alone = [greedy(model, SOURCE[:1])[0], greedy(model, SOURCE[1:, :3])[0]]
        assert greedy(model, SOURCE) == alone


@pytest.mark.parametrize("max_length", [0, 1, 3])
def test_it_writes_at_most_as_many_words_as_asked(max_length):
    model = never_ending()
    assert [len(written) for written in greedy(model, SOURCE, max_length=max_length)] == [max_length] * 2


def test_the_models_own_limit_holds_whatever_is_asked():
    assert [len(written) for written in greedy(never_ending(), SOURCE, max_length=1000)] == [19, 19]


def test_a_model_that_ends_at_once_writes_the_end_only():
    model = never_ending()
    with torch.no_grad():
        model.head.b[EOS] = 1e9
    assert greedy(model, SOURCE) == [[EOS], [EOS]]


class TestBatches:
    """Rows of different length, padded on the right, against each of them alone."""

    @pytest.mark.parametrize("options", [{}, OTHER_OPTIONS], ids=["default", "others"])
    @pytest.mark.parametrize(("shape", "rule"), crossed(DECODER_SHAPES, RULES))
    def test_a_row_is_written_the_same_alone_and_in_a_batch(self, shape, rule, options):
        lengths = set()
        for seed in range(3):
            model = often_ending(shape, seed, **options)
            sources = three_sources(model)
            together = decode(model, sources, rule, prefixes=PREFIXES)
            for b, one in enumerate(together):
                source = None if sources is None else sources[b][sources[b] != 0][None]
                alone = decode(model, source, rule, prefixes=[PREFIXES[b]])[0]
                assert_same(one, alone)
                assert (one.held, one.source) == (alone.held, alone.source)
                assert one.ids[: len(PREFIXES[b])] == tuple(PREFIXES[b])
                lengths.add(len(one.ids))
        assert min(lengths) < 19, "no row ended before the others"

    @examples(20)
    @given(st.lists(st.lists(st.integers(3, V - 1), min_size=1, max_size=9), min_size=1, max_size=5), st.booleans())
    def test_whatever_the_lengths(self, prefixes, cached):
        model = make_model(architecture="decoder-only", positions="learned")
        together = decode(model, None, RULES[1], prefixes=prefixes, max_length=12, cached=cached)
        for prefix, one in zip(prefixes, together, strict=True):
            assert_same(one, decode(model, None, RULES[1], prefixes=[prefix], max_length=12)[0])

    @pytest.mark.parametrize(("shape", "rule"), crossed(DECODER_SHAPES, RULES))
    def test_with_and_without_a_cache_it_writes_the_same(self, shape, rule):
        model = often_ending(shape)
        sources = three_sources(model)
        cached = decode(model, sources, rule, prefixes=PREFIXES)
        plain = decode(model, sources, rule, prefixes=PREFIXES, cached=False)
        for one, other in zip(cached, plain, strict=True):
            assert_same(one, other)
            assert cache_difference(model, one) < 1e-11
            assert {step.cache_length for step in other.steps} == {0}

    def test_rules_of_all_kinds_may_share_a_batch(self):
        model = often_ending({})
        together = decode(model, three_sources(model), RULES)
        for b, (one, rule) in enumerate(zip(together, RULES, strict=True)):
            assert_same(one, decode(model, three_sources(model)[b : b + 1], rule)[0])

    def test_a_model_in_training_decodes_without_dropout_and_stays_in_training(self):
        model = make_model(dropout=0.5)
        expected = decode(model, SOURCE)[0]
        assert_same(decode(model.train(), SOURCE)[0], expected)
        assert model.training


class TestRefusals:
    @pytest.mark.parametrize(
        ("prefix", "message"),
        [([], "empty"), ([3, EOS, 4], "behind </s>"), ([3, V], f"0 to {V - 1}"), ([-1], r"holds \[-1\]")],
    )
    def test_words_that_cannot_be_forced(self, prefix, message):
        with pytest.raises(ForcedWordsError, match=message) as caught:
            decode(make_model(), SOURCE[:1], prefixes=[prefix])
        assert caught.value.code == "forced_words"

    def test_more_words_than_the_model_reads(self):
        with pytest.raises(TextTooLongError, match="20 tokens, and the model takes at most 19"):
            decode(make_model(), SOURCE[:1], prefixes=[[3] * 20])

    @pytest.mark.parametrize("limit", [-1, 2.0, True])
    def test_a_limit_that_is_no_number_of_words(self, limit):
        for call in (decode, greedy):
            with pytest.raises(MaxLengthError, match=f"not {limit!r}"):
                call(make_model(), SOURCE, max_length=limit)

    def test_sides_that_do_not_fit(self):
        with pytest.raises(AbilityError, match="encoder-only: it embeds; what was asked needs a model that writes"):
            decode(make_model(architecture="encoder-only"), SOURCE)
        with pytest.raises(TargetError, match="no source"):
            decode(make_model())
        with pytest.raises(TargetError, match="has none"):
            decode(make_model(architecture="decoder-only"), SOURCE)

    def test_numbers_that_do_not_fit(self):
        with pytest.raises(ShapeError, match="3 rules for 2 rows"):
            decode(make_model(), SOURCE, [GREEDY] * 3)
        with pytest.raises(ShapeError, match="1 prefixes for 2 rows"):
            decode(make_model(), SOURCE, prefixes=[[3]])
        with pytest.raises(ShapeError, match="0 prefixes for 0 rows"):
            decode(make_model(architecture="decoder-only"), prefixes=[])
