"""A word that may not be written is not, by any rule, and what the model said of it stays told."""

import numpy as np
import pytest
import torch

from tests.core.decoding_models import PAD, PREFIXES, by_every_rule, on_decoders, three_sources
from tests.core.tiny import DECODER_SHAPES, make_config, make_model
from transformer_core.decoding.decode import cache_difference, decode, greedy
from transformer_core.decoding.rules import GREEDY, Beam, Sampling
from transformer_core.decoding.sampling import filter_logits, log_softmax
from transformer_core.transformer.config import TransformerConfig


def tempted(shape, **options):
    """A random model that finds padding most probable at every position."""
    model = make_model(make_config(**shape, output_bias=True, **options))
    with torch.no_grad():
        model.head.b[PAD] = 30.0
        model.head.b[2] = -100.0  # and no end
    return model


def forbidding(model):
    """The same weights under a config that forbids padding."""
    data = {**model.config.to_dict(), "writes_pad": False}
    other = type(model)(TransformerConfig.from_dict(data)).to(torch.float64).eval()
    other.load_state_dict(model.state_dict())
    return other


@on_decoders
@by_every_rule
def test_it_is_never_written_though_it_is_most_probable(shape, rule):
    model = forbidding(tempted(shape))
    source = three_sources(model)
    rules = {} if source is not None else {"prefixes": PREFIXES}
    for one in decode(model, source, rule, max_length=9, **rules):
        assert PAD not in one.ids
        assert one.never == (PAD,)
        assert cache_difference(model, one) < 1e-10  # and no difference of infinities
        for step in one.steps[one.n_forced :]:
            assert step.rank > 1
            assert np.isfinite(step.logits).all()
            assert step.probs[PAD] > 0.5  # what the model said
            assert step.best != PAD
            assert step.filtered.after[PAD] == 0
            assert step.filtered.after.sum() == pytest.approx(1)
            assert PAD not in [candidate.id for candidate in step.candidates(5)]


@on_decoders
def test_without_the_word_it_is_written(shape):
    model = tempted(shape)
    source = three_sources(model)
    rules = {} if source is not None else {"prefixes": PREFIXES}
    assert all(one.ids[-1] == PAD for one in decode(model, source, GREEDY, max_length=9, **rules))


def test_the_fast_way_and_the_recorded_one_write_the_same():
    model = forbidding(tempted(DECODER_SHAPES[0]))
    source = three_sources(model)
    assert greedy(model, source, max_length=7) == [list(one.ids) for one in decode(model, source, max_length=7)]


def test_a_beam_as_wide_as_the_vocabulary_drops_what_is_forbidden():
    model = forbidding(tempted(DECODER_SHAPES[0]))
    rule = Beam(width=model.config.vocab_size)
    (found,) = decode(model, three_sources(model)[:1], rule, max_length=2)
    branches = [branch for step in found.tree.steps for branch in step.branches]
    assert all(np.isfinite(branch.total) for branch in branches)
    assert PAD not in {branch.token for branch in branches}
    first = found.tree.steps[0]
    assert len(first.branches) == model.config.vocab_size - 1


@pytest.mark.parametrize(
    "rule", [Sampling(), Sampling(temperature=1e-6), Sampling(top_k=3), Sampling(top_p=0.5)], ids=str
)
def test_the_filter_shares_what_is_left(rule):
    logits = np.random.default_rng(0).normal(size=11)
    logits[4] = 5.0
    found = filter_logits(logits, rule, (4,))
    np.testing.assert_allclose(found.before, np.exp(log_softmax(logits)), rtol=1e-12)
    alone = filter_logits(np.delete(logits, 4), rule)
    np.testing.assert_allclose(np.delete(found.after, 4), alone.after, rtol=1e-12)
    assert found.after[4] == 0
    assert 4 not in found.kept


def test_a_config_tells_it_only_where_it_is_so():
    config = make_config(**DECODER_SHAPES[0])
    assert "writes_pad" not in config.to_dict()
    other = TransformerConfig.from_dict({**config.to_dict(), "writes_pad": False})
    assert (config.never, other.never) == ((), (PAD,))
    assert TransformerConfig.from_dict(other.to_dict()) == other
