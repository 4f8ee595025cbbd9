"""Another mask put in place, words of the future that come through it, and padding with and without its mask."""

import numpy as np
import pytest
import torch

from tests.core.tiny import SOURCE_IDS, TARGET_IDS, make_model, trace_of
from transformer_core.glass.errors import AbilityError, ShapeError, TargetError
from transformer_core.studies.mask_effects import compare_padding, future_seen, with_masks

SELF = "decoder.0.self_attn"


def test_the_masks_stand_where_they_were_put_and_nowhere_else():
    n = len(TARGET_IDS)
    own = np.tri(n, dtype=bool)
    own[0, 3] = True
    trace = trace_of(make_model(), edit=with_masks({SELF: own}))
    np.testing.assert_array_equal(trace[f"{SELF}.mask"], own)
    assert trace.edited == (f"{SELF}.mask",)
    assert (trace[f"{SELF}.weights"][:, 0, 3] > 0).all()


def test_the_future_is_seen_only_where_a_mask_opens_it():
    model, everything = make_model(), np.ones((len(TARGET_IDS),) * 2, dtype=bool)
    assert future_seen(model, SOURCE_IDS, TARGET_IDS, 9) == 0
    assert future_seen(model, SOURCE_IDS, TARGET_IDS, 9, with_masks({SELF: everything})) > 1e-3
    assert future_seen(model, SOURCE_IDS, TARGET_IDS, TARGET_IDS[-1], with_masks({SELF: everything})) == 0
    assert future_seen(model, SOURCE_IDS, TARGET_IDS[:1], 9) == 0
    # A window that opens only the cell (0, 1) cannot see the last word.
    first = np.tri(len(TARGET_IDS), dtype=bool)
    first[0, 1] = True
    assert future_seen(model, SOURCE_IDS, TARGET_IDS, 9, with_masks({SELF: first})) == 0


@pytest.mark.slow
def test_without_an_encoder_too_the_future_is_seen_only_where_a_mask_opens_it():
    model, everything = make_model(architecture="decoder-only"), np.ones((len(TARGET_IDS),) * 2, dtype=bool)
    assert future_seen(model, None, TARGET_IDS, 9) == 0
    assert future_seen(model, None, TARGET_IDS, 9, with_masks({SELF: everything})) > 1e-3
    with pytest.raises(AbilityError, match="encoder-only"):
        future_seen(make_model(architecture="encoder-only"), SOURCE_IDS, TARGET_IDS, 9)


def test_padding_is_compared_without_a_decoder_too():
    found = compare_padding(make_model(architecture="encoder-only"), SOURCE_IDS, None, 3)
    assert found.masked < 1e-12
    assert found.masked_words == 0
    assert found.open > 1e-2
    counts = [
        compare_padding(make_model(architecture="encoder-only", seed=seed), SOURCE_IDS, None, 6).open_words
        for seed in range(6)
    ]
    assert any(counts)
    assert max(counts) <= len(SOURCE_IDS)


def test_masked_padding_is_not_there_and_open_padding_is():
    model = make_model()
    found = compare_padding(model, SOURCE_IDS, TARGET_IDS, 3)
    assert found.masked < 1e-12
    assert found.masked_words == 0
    assert found.open > 1e-2
    assert 0 < found.weight < 1


def test_the_weight_on_padding_is_its_share_where_all_scores_are_equal():
    model = make_model()
    with torch.no_grad():
        for layer in model.encoder.layers:
            layer.self_attn.W_Q.zero_()
            layer.self_attn.b_Q.zero_()
    assert np.isclose(compare_padding(model, SOURCE_IDS, TARGET_IDS, 3).weight, 3 / (len(SOURCE_IDS) + 3), atol=1e-12)


@pytest.mark.slow
def test_the_words_that_change_are_counted():
    counts = [compare_padding(make_model(seed=seed), SOURCE_IDS, TARGET_IDS, 6).open_words for seed in range(6)]
    assert all(0 <= n <= len(TARGET_IDS) for n in counts)
    assert any(counts)


def test_what_has_no_padding_is_refused():
    with pytest.raises(TargetError, match="decoder-only"):
        compare_padding(make_model(architecture="decoder-only"), SOURCE_IDS, TARGET_IDS, 1)
    with pytest.raises(ShapeError, match=r"1\.\.19"):
        compare_padding(make_model(), SOURCE_IDS, TARGET_IDS, 15)
