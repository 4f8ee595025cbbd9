"""Order: without positions the encoder maps the same words in another order to the same vectors in another order."""

import re

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from tests.core.tiny import MAX_LENGTH, NORMS, make_config, make_model
from tests.translators import TRANSLATORS
from transformer_core.edits.errors import EditPositionError
from transformer_core.edits.parse import parse_edits
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import EmptyTextError, ShapeError, TargetError, TextTooLongError
from transformer_core.models.files import load_model
from transformer_core.models.glass import Glass
from transformer_core.studies.order import compare_orders, of_encoder, words_reversed

TEXT = "一有一猫学一"  # one word three times
ARCHITECTURES = ("encoder-decoder", "encoder-only")


def make_glass(chinese, english, architecture="encoder-decoder", **options):
    if architecture != "decoder-only":
        options["source_vocab_size"] = chinese.vocab_size
    if architecture != "encoder-only":
        options["target_vocab_size"] = english.vocab_size
    model = make_model(make_config(architecture, **options))
    source = chinese if model.config.has_encoder else None
    return Glass("tiny", model, source, english if model.config.has_decoder else None)


@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("architecture", ARCHITECTURES)
class TestBagOfWords:
    def test_only_positions_tell_the_order(self, chinese, english, architecture, norm, positions):
        glass = make_glass(chinese, english, architecture, norm_position=norm, positions=positions)
        n = len(glass.source_ids(TEXT))
        for permutation in (words_reversed(n), np.random.default_rng(3).permutation(n)):
            orders = compare_orders(glass, TEXT, permutation)
            assert orders.without_positions.largest < 1e-10
            assert orders.without_positions.distances.max() < 1e-10
            assert orders.with_positions.largest > 0.1
            assert (orders.with_positions.distances > 1e-3).sum() >= n - 2

    def test_rows_are_put_back_by_place_and_not_by_word(self, chinese, english, architecture, norm, positions):
        """The same word has several rows; each goes back to where the permutation took it from."""
        glass = make_glass(chinese, english, architecture, norm_position=norm, positions=positions)
        ids = glass.source_ids(TEXT)
        permutation = (4, 0, 2, 5, 1, 3, 6)
        target = [1] if glass.config.has_decoder else None
        run = run_with_trace(glass.model, [ids[j] for j in permutation], target)["encoder.out"]
        orders = compare_orders(glass, TEXT, permutation)
        for place, j in enumerate(permutation):
            assert_array_equal(orders.with_positions.other[j], run[place])
        assert_array_equal(orders.with_positions.original, run_with_trace(glass.model, ids, target)["encoder.out"])


class TestComparison:
    def test_the_tokens_of_both_orders(self, chinese, english):
        orders = compare_orders(make_glass(chinese, english), "我有猫", (2, 1, 0, 3))
        assert orders.tokens == ("我", "有", "猫", "</s>")
        assert orders.other_tokens == ("猫", "有", "我", "</s>")
        assert orders.permutation == (2, 1, 0, 3)
        assert orders.with_positions.original.shape == (4, 12)

    def test_the_same_order_changes_nothing(self, chinese, english):
        orders = compare_orders(make_glass(chinese, english), "我有猫", range(4))
        for outputs in (orders.with_positions, orders.without_positions):
            assert outputs.largest == 0
            assert_array_equal(outputs.distances, np.zeros(4))

    def test_distances_are_lengths_of_differences(self, chinese, english):
        outputs = compare_orders(make_glass(chinese, english), "我有猫", (2, 1, 0, 3)).with_positions
        for j in range(4):
            difference = outputs.other[j] - outputs.original[j]
            assert outputs.distances[j] == pytest.approx(float(np.sqrt((difference**2).sum())))
            assert np.abs(difference).max() <= outputs.largest

    def test_the_models_positions_stay_as_they_are(self, chinese, english):
        glass = make_glass(chinese, english, positions="learned")
        before = glass.model.src_embed.W_pos.clone()
        first = compare_orders(glass, "我有猫", (2, 1, 0, 3)).with_positions
        assert torch.equal(glass.model.src_embed.W_pos, before)
        sinusoidal = make_glass(chinese, english)
        plain = sinusoidal.trace("我有猫", "I have a cat.")["src_embed.pos"].copy()
        compare_orders(sinusoidal, "我有猫", (2, 1, 0, 3))
        assert_array_equal(sinusoidal.trace("我有猫", "I have a cat.")["src_embed.pos"], plain)
        assert_array_equal(compare_orders(glass, "我有猫", (2, 1, 0, 3)).with_positions.other, first.other)

    @pytest.mark.parametrize(("n", "wanted"), [(1, (0,)), (2, (0, 1)), (3, (1, 0, 2)), (5, (3, 2, 1, 0, 4))])
    def test_reversed_words_leave_the_end_at_the_end(self, n, wanted):
        assert words_reversed(n) == wanted

    @pytest.mark.parametrize("permutation", [(0, 1, 2), (0, 1, 2, 2), (1, 2, 3, 4), (0, 1, 2, 3, 4)])
    def test_what_is_no_permutation_is_refused(self, chinese, english, permutation):
        message = f"a permutation of 4 tokens names each of 0 to 3 once, not {permutation}"
        with pytest.raises(ShapeError, match=re.escape(message)):
            compare_orders(make_glass(chinese, english), "我有猫", permutation)

    def test_a_model_without_an_encoder_is_refused(self, chinese, english):
        with pytest.raises(TargetError, match="tiny has no encoder"):
            compare_orders(make_glass(chinese, english, "decoder-only"), "I have a cat.", (0, 1))

    def test_texts_are_checked_as_everywhere(self, chinese, english):
        glass = make_glass(chinese, english)
        with pytest.raises(EmptyTextError):
            compare_orders(glass, " ", (0,))
        with pytest.raises(TextTooLongError):
            compare_orders(glass, "猫" * MAX_LENGTH, range(MAX_LENGTH + 1))


class TestEdits:
    """Under edits both orders run under them; what the decoder does leaves the encoder as it is."""

    @pytest.fixture
    def glass(self, chinese, english):
        return make_glass(chinese, english)

    @pytest.mark.parametrize(
        "text", ["off:encoder.0.self_attn:1", "zero:src_embed.lookup:1", "mask:encoder.1.self_attn:causal"]
    )
    def test_each_order_is_a_run_under_them(self, glass, text):
        edits = parse_edits(text, glass.plan)
        orders = compare_orders(glass, "我有猫", (2, 1, 0, 3), edits=edits)
        assert_array_equal(orders.with_positions.original, glass.trace("我有猫", edits=edits)["encoder.out"])
        assert_array_equal(orders.with_positions.other[[2, 1, 0, 3]], glass.trace("猫有我", edits=edits)["encoder.out"])
        assert orders.with_positions.largest != compare_orders(glass, "我有猫", (2, 1, 0, 3)).with_positions.largest

    def test_a_whole_head_knows_no_order_and_a_position_does(self, glass):
        outputs = [
            compare_orders(glass, "我有猫", (2, 1, 0, 3), edits=parse_edits(text, glass.plan)).without_positions
            for text in ("off:encoder.0.self_attn:1", "zero:encoder.0.ffn.out:0")
        ]
        assert outputs[0].largest < 1e-10
        assert outputs[1].largest > 0.01

    def test_positions_that_are_set_to_0_stay_so(self, glass):
        edits = parse_edits("freeze:src_embed.pos:*", glass.plan)
        assert compare_orders(glass, "我有猫", (2, 1, 0, 3), edits=edits).without_positions.largest < 1e-10

    def test_edits_of_the_decoder_are_left_aside(self, glass):
        texts = ("off:decoder.0.cross_attn:0", "drop:target:0", "mask:decoder.*.self_attn:window:0")
        edits = [edit for text in texts for edit in parse_edits(text, glass.plan)]
        assert of_encoder(edits, glass.plan) == ()
        plain = compare_orders(glass, "我有猫", (2, 1, 0, 3))
        edited = compare_orders(glass, "我有猫", (2, 1, 0, 3), edits=edits)
        assert_array_equal(edited.with_positions.other, plain.with_positions.other)

    def test_a_position_that_is_not_there_is_refused(self, glass):
        with pytest.raises(EditPositionError):
            compare_orders(glass, "我有猫", (2, 1, 0, 3), edits=parse_edits("zero:encoder.0.out:9", glass.plan))


@pytest.mark.slow
@pytest.mark.parametrize("name", TRANSLATORS)
def test_a_trained_model_loses_the_order_with_its_positions(name):
    glass = load_model(name)
    text = "我今天没有看书。" if name.startswith("zh") else "She bought a new book and a new car."
    orders = compare_orders(glass, text, words_reversed(len(glass.source_ids(text))))
    assert orders.without_positions.largest < 1e-4
    assert orders.with_positions.largest > 0.5
    assert (orders.with_positions.distances > 1e4 * orders.without_positions.distances).all()
