"""How probable a text is, and what stands behind a [MASK]: against the definition, one traced run for each number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tests.core.glasses import ENGLISH, HIDING, little_glass, with_signs
from tests.core.tiny import MAX_LENGTH
from transformer_core.decoding.forcing import compare
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import ArgumentError, EmptyTextError, NoMaskError, TargetError, TextTooLongError
from transformer_core.models.tasks import filling

TEXT = "He is a cat."


def log_softmax(logits: Any) -> Any:
    """From the definition, in float64."""
    x = logits.astype(np.float64)
    return x - np.log(np.exp(x - x.max(axis=-1, keepdims=True)).sum(axis=-1, keepdims=True)) - x.max(-1, keepdims=True)


class TestGoingOn:
    @pytest.mark.parametrize("start", [(1,), ()], ids=["a sign in front", "none"])
    def test_every_piece_and_the_end_is_told_from_those_before(self, start: tuple[int, ...]) -> None:
        """Without a sign in front, the one that parts texts is read before the first word."""
        glass = little_glass("decoder-only", with_signs(ENGLISH, start=start))
        ids = [*ENGLISH.encode(TEXT), 2]
        found = glass.score(TEXT)
        trace = run_with_trace(glass.model, None, [*(start or (2,)), *ids[:-1]])
        right = log_softmax(trace["head.logits"])[range(len(ids)), ids]
        assert found.tokens == ("He", "is", "a", "cat", ".", "</s>")
        np.testing.assert_allclose(found.log_probs, right, rtol=1e-6)
        assert found.log_prob == pytest.approx(right.sum(), rel=1e-6)
        assert found.bits_per_character == pytest.approx(-right.sum() / math.log(2) / len(TEXT), rel=1e-6)
        assert not found.pseudo

    def test_the_characters_are_those_that_were_given(self) -> None:
        glass = little_glass("decoder-only")
        tight, loose = glass.score(TEXT), glass.score(f"  {TEXT}\n")
        np.testing.assert_array_equal(tight.log_probs, loose.log_probs)
        assert loose.bits_per_character == pytest.approx(tight.bits_per_character * len(TEXT) / (len(TEXT) + 3))

    def test_what_no_piece_spells_is_spelled_in_bytes_and_each_is_paid_for(self) -> None:
        found = little_glass("decoder-only").score("a 猫")
        assert found.tokens == ("a", "␣", "<0xE7>", "<0x8C>", "<0xAB>", "</s>")
        assert (found.log_probs < 0).all()

    def test_a_model_that_knows_nothing_pays_the_same_for_every_piece(self) -> None:
        glass = little_glass("decoder-only")
        for parameter in glass.model.parameters():
            parameter.data.zero_()
        found = glass.score(TEXT)
        np.testing.assert_allclose(found.log_probs, -math.log(ENGLISH.vocab_size), rtol=1e-6)
        assert found.bits_per_character == pytest.approx(6 * math.log2(ENGLISH.vocab_size) / len(TEXT), rel=1e-6)

    def test_texts_that_do_not_fit(self) -> None:
        glass = little_glass("decoder-only")
        with pytest.raises(EmptyTextError):
            glass.score(" ")
        with pytest.raises(TextTooLongError):
            glass.score("a " * MAX_LENGTH)
        with pytest.raises(TargetError, match="takes one text only"):
            glass.score(TEXT, TEXT)
        assert len(glass.score("a" + " cat" * (MAX_LENGTH - 2)).tokens) == MAX_LENGTH


class TestTranslators:
    def test_without_a_target_it_is_named(self) -> None:
        with pytest.raises(TargetError, match=r"no target was given, .* `target`"):
            little_glass("encoder-decoder").score("我有猫")

    def test_a_translation_is_told_by_teacher_forcing(self) -> None:
        glass = little_glass("encoder-decoder")
        found, forced = glass.score("我有猫", TEXT), compare(glass, "我有猫", TEXT).forced
        np.testing.assert_allclose(found.log_probs, -forced.losses, rtol=1e-6)
        assert found.tokens == ("He", "is", "a", "cat", ".", "</s>")
        assert found.bits_per_character == pytest.approx(forced.losses.sum() / math.log(2) / len(TEXT))
        assert found.log_prob != glass.score("他是猫", TEXT).log_prob


class TestFilling:
    def test_each_piece_is_hidden_alone_and_told_from_all_others(self, monkeypatch: pytest.MonkeyPatch) -> None:
        glass, ids = little_glass("encoder-only", HIDING), [*HIDING.encode(TEXT), 2]
        right = []
        for place, word in enumerate(ids[:-1]):
            trace = run_with_trace(glass.model, [*ids[:place], 3, *ids[place + 1 :]])
            right.append(log_softmax(trace["head.logits"])[place, word])
        for at_once in (48, 2):
            monkeypatch.setattr(filling, "AT_ONCE", at_once)
            found = glass.score(TEXT)
            assert found.tokens == ("He", "is", "a", "cat", ".")
            np.testing.assert_allclose(found.log_probs, right, rtol=1e-5)
            assert found.pseudo
        assert found.bits_per_character == pytest.approx(-sum(right) / math.log(2) / len(TEXT), rel=1e-5)

    @pytest.mark.parametrize("n", [-1, 0, 1.5, True, "3", None])
    def test_a_number_of_guesses_is_a_number(self, n: Any) -> None:
        glass = little_glass("encoder-only", HIDING)
        with pytest.raises(ArgumentError, match="n must be an integer"):
            glass.fill("a [MASK]", n)
        assert len(glass.fill("a [MASK]", np.int64(2))[0]) == 2

    def test_a_text_without_a_mask_has_nothing_to_fill_in(self) -> None:
        with pytest.raises(NoMaskError) as caught:
            little_glass("encoder-only", HIDING).fill(TEXT)
        assert caught.value.fields == {"text": TEXT, "mask": "[MASK]"}

    def test_guesses_are_the_probabilities_at_each_mask_best_first(self) -> None:
        glass = little_glass("encoder-only", HIDING)
        text = "[MASK] is a [MASK]."
        trace, found = glass.trace(text), glass.fill(text, HIDING.vocab_size)
        assert len(found) == 2
        for place, guesses in zip((0, 3), found, strict=True):
            probs = trace["head.probs"][place]
            np.testing.assert_allclose([one.probability for one in guesses], probs[[one.id for one in guesses]], 1e-4)
            assert [one.probability for one in guesses] == sorted((one.probability for one in guesses), reverse=True)
            assert sum(one.probability for one in guesses) == pytest.approx(1, rel=1e-12)
            assert guesses[0].id == int(probs.argmax())
        assert glass.fill(text, 3) == tuple(guesses[:3] for guesses in found)
        assert [len(guesses) for guesses in glass.fill(text)] == [10, 10]

    def test_a_piece_that_only_continues_a_word_is_shown_as_one(self) -> None:
        """Also behind another [MASK], which may be the first half of the word."""
        glass = little_glass("encoder-only", HIDING)
        ends = {i for i in range(260, HIDING.vocab_size) if HIDING.decode([300, i])[-1:].isalpha()}
        joined = {i for i in ends if not HIDING._pieces[i].startswith(" ") and HIDING._pieces[i][0].isalpha()}
        assert joined
        for text, place in (("He [MASK].", 0), ("[MASK][MASK].", 1)):
            shown = {one.id: one.text for one in glass.fill(text, HIDING.vocab_size)[place]}
            assert {i for i in ends if shown[i].startswith("##")} == joined
        assert HIDING.pieces(HIDING.encode("read[MASK]", masks=True))[-1] == "[MASK]"
