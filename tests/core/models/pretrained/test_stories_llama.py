"""The real checkpoint that is bundled as it lies on a hub: it tells a story, and all its numbers are told."""

import numpy as np
import pytest

from tests.core.explained import SINGLE_PRECISION, check_cells, check_sites
from transformer_core.decoding.rules import Beam
from transformer_core.glass.trace import Trace
from transformer_core.models.files import load_model, save_model

BEGIN = "Once upon a time"


@pytest.fixture(scope="module")
def glass():
    return load_model("stories-llama")


def test_it_tells_a_story(glass):
    written = glass.decode(BEGIN, max_length=60)
    text = glass.target_tokenizer.decode(written.ids)
    assert text.startswith(
        "Once upon a time, there was a little girl named Lily. She loved to play outside in the park."
    )
    assert glass.abilities == {"writes", "predicts_next"}
    with pytest.raises(ValueError, match="decoder-only"):
        glass.translate(BEGIN)


def test_a_story_is_more_probable_than_the_same_words_in_another_order(glass):
    story = "Lily loved to play in the park with her friends."
    mixed = "friends the Lily with park in play to her loved."
    assert glass.score(story).log_prob > glass.score(mixed).log_prob + 20


def test_every_value_is_recomputed_and_explained(glass):
    trace = glass.trace(BEGIN, more=4)
    check_sites(trace, SINGLE_PRECISION)
    check_cells(trace, SINGLE_PRECISION, np.random.default_rng(0), n_cells=2)
    assert trace["decoder.0.self_attn.k"].shape[0] == 4
    assert trace["decoder.0.self_attn.weights"].shape[0] == 8


def test_a_trace_and_a_model_are_saved_and_read_again(glass, tmp_path):
    trace = glass.trace(BEGIN)
    trace.save(tmp_path / "trace.npz")
    again = Trace.load(tmp_path / "trace.npz")
    assert again.words == trace.words
    np.testing.assert_array_equal(again["head.logits"], trace["head.logits"])
    np.testing.assert_array_equal(again.parameters["decoder.1.ffn.W_up"], trace.parameters["decoder.1.ffn.W_up"])
    save_model(tmp_path / "ours", glass.model, None, glass.target_tokenizer)
    ours = load_model(tmp_path / "ours")
    rule = Beam(width=2)
    assert ours.decode(BEGIN, rule, max_length=20).ids == glass.decode(BEGIN, rule, max_length=20).ids
