"""The signs of other families, put in place of ours: what is read, written and said is as in theirs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.core.glasses import CHINESE, ENGLISH, HIDING, TEXT, bare, little_glass, with_signs
from tests.core.tiny import MAX_LENGTH
from transformer_core.decoding.rules import Beam, Greedy, Sampling
from transformer_core.decoding.step_proof import prove_steps
from transformer_core.glass.errors import TextTooLongError


class TestOtherSigns:
    """The signs of other families, put in place of ours."""

    @pytest.mark.parametrize("rule", [Greedy(), Sampling(seed=3), Beam(width=3)], ids=lambda rule: type(rule).__name__)
    def test_nothing_in_front(self, rule: Any) -> None:
        """As in GPT-2: the first word of the text is read by row 0, and no row writes it."""
        glass = little_glass("decoder-only", with_signs(ENGLISH, start=()), end=-50)
        ids = ENGLISH.encode(TEXT)
        record = glass.decode(TEXT, rule, prefix=[300], max_length=8)
        assert record.read[:6] == (*ids, 300)
        assert record.ids[:5] == (*ids[1:], 300)
        assert (len(record.ids), record.n_forced, len(record.logits)) == (8, 5, 8)
        assert prove_steps(glass.model, record).difference < 1e-5
        trace = glass.trace_record(record)
        assert trace["tgt_embed.tokens"].tolist() == list(record.read)
        assert [word.typed for word in trace.words["target"].read] == [True] * 6 + [False] * 2
        np.testing.assert_allclose(trace["head.logits"], record.logits, rtol=0, atol=1e-5)

    def test_nothing_in_front_of_a_traced_text(self) -> None:
        glass = little_glass("decoder-only", with_signs(ENGLISH, start=()))
        words = glass.trace(TEXT).words["target"]
        assert words.texts == ("I", "have", "a", "cat", ".")
        assert words.written_texts[:-1] == ("have", "a", "cat", ".")
        assert [word.typed for word in words.written] == [True] * 4 + [False]
        assert len(glass.unseen_flags(TEXT)) == len(glass.read_ids(TEXT)) == 5
        longest = "I" + " cat" * (MAX_LENGTH - 1)
        assert len(glass.read_ids(longest)) == MAX_LENGTH
        with pytest.raises(TextTooLongError, match=f"has {MAX_LENGTH + 1} tokens, and tiny takes at most {MAX_LENGTH}"):
            glass.trace(longest + " cat")

    def test_padding_in_front(self) -> None:
        """As in T5 and Marian."""
        glass = little_glass("encoder-decoder", with_signs(ENGLISH, start=(0,)), bos_id=0, end=-50)
        record = glass.decode("我有猫", max_length=6)
        assert record.read == (0, *record.ids[:-1])
        assert glass.translate("我有猫").ids[:6] == record.ids
        assert glass.trace("我有猫", "I have.").target_tokens == ("<pad>", "I", "have", ".")

    def test_signs_on_both_ends(self) -> None:
        """As in BERT."""
        glass = little_glass("encoder-only", with_signs(HIDING, before=(1,)))
        trace = glass.trace("I [MASK].")
        assert bare(trace.words["source"].read) == [
            ("<s>", "s"), ("I", "t"), ("[MASK]", "st"), (".", "t"), ("</s>", "s")
        ]  # fmt: skip
        assert len(glass.unseen_flags("I [MASK].")) == 5
        with pytest.raises(TextTooLongError, match=f"takes at most {MAX_LENGTH - 2}"):
            glass.trace("I" + " cat" * (MAX_LENGTH - 2))
        assert glass.score("I have.").tokens == ("I", "have", ".")


def test_every_sign_is_known_to_the_tokenizer() -> None:
    assert CHINESE.special_ids == ENGLISH.special_ids == {0, 1, 2}
    assert HIDING.special_ids == {0, 1, 2, 3}
