"""What each kind of model can be asked for, what it reads of a text, and which words are signs and which were typed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.core.glasses import ENGLISH, HIDING, TEXT, bare, little_glass
from tests.core.tiny import ARCHITECTURES, MAX_LENGTH, make_model
from transformer_core.decoding.errors import MaxLengthError
from transformer_core.decoding.forcing import compare
from transformer_core.decoding.rules import Greedy
from transformer_core.edits.parse import parse_edits
from transformer_core.glass.abilities import abilities_of
from transformer_core.glass.errors import AbilityError, UnknownSiteError
from transformer_core.glass.walks import logits_key, probs_key
from transformer_core.models import files
from transformer_core.models.files import load_model, save_model
from transformer_core.models.glass import Glass
from transformer_core.studies.mask_effects import compare_padding
from transformer_core.text.tokenizer import Tokenizer

ABLE = {
    "encoder-decoder": {"translates", "writes"},
    "decoder-only": {"writes", "predicts_next"},
    "encoder-only": {"embeds"},
}


def read_padding(glass: Glass, text: str) -> tuple[int | None, int | None]:
    """At how many positions padding changes the word that is said, with its mask and without."""
    found = compare_padding(glass.model, glass.read_ids(text), None, 2)
    assert found.open > 100 * found.masked
    return found.masked_words, found.open_words


class TestAbilities:
    @pytest.mark.parametrize("architecture", ARCHITECTURES)
    def test_they_follow_from_what_a_model_is(self, architecture: str) -> None:
        assert little_glass(architecture).abilities == ABLE[architecture]
        assert abilities_of(make_model(architecture=architecture).plan) == ABLE[architecture]

    def test_a_mask_lets_an_encoder_fill_in_words_and_nothing_else(self) -> None:
        assert little_glass("encoder-only", HIDING).abilities == {"embeds", "fills"}
        assert little_glass("decoder-only", HIDING).abilities == ABLE["decoder-only"]

    def test_no_output_or_one_for_a_whole_text_is_another_ability(self) -> None:
        plan = make_model(architecture="encoder-only").plan
        without = tuple(block for block in plan.blocks if block.role != "output")
        assert abilities_of(replace(plan, blocks=without)) == {"embeds"}
        classes = [
            replace(b, words="", values=tuple(replace(v, axes=v.axes.replace("L", "1")) for v in b.values))
            for b in plan.blocks
            if b.role == "output"
        ]
        lists = tuple(replace(words, written=False) for words in plan.word_lists)
        assert abilities_of(replace(plan, word_lists=lists, blocks=(*without, *classes))) == {"classifies"}

    @pytest.mark.parametrize("tokenizer", [ENGLISH, HIDING])
    def test_without_a_head_it_embeds_and_what_it_would_say_is_asked_for_in_vain(self, tokenizer: Tokenizer) -> None:
        glass = little_glass("encoder-only", tokenizer, head=None)
        assert glass.abilities == {"embeds"}
        trace = glass.trace(TEXT)
        assert not trace.writing.read
        for ask in (logits_key, probs_key):
            with pytest.raises(UnknownSiteError, match="this encoder-only model has no output, and so no "):
                ask(glass.plan)
        assert read_padding(glass, TEXT) == (None, None)

    @pytest.mark.parametrize(
        ("architecture", "ability", "ask"),
        [
            ("decoder-only", "translates", lambda glass: glass.translate(TEXT)),
            ("encoder-only", "translates", lambda glass: glass.translate(TEXT)),
            ("encoder-only", "writes", lambda glass: glass.decode(TEXT)),
            ("encoder-only", "writes", lambda glass: glass.decode_each(TEXT, [Greedy()])),
            ("encoder-only", "writes", lambda glass: glass.target_ids(TEXT)),
            ("encoder-only", "fills", lambda glass: glass.score(TEXT)),
            ("encoder-only", "fills", lambda glass: glass.fill("I have a [MASK].")),
            ("encoder-only", "predicts_next", lambda glass: glass.trace(TEXT, more=1)),
            ("decoder-only", "fills", lambda glass: glass.fill("I have a [MASK].")),
            ("decoder-only", "translates", lambda glass: glass.source_ids(TEXT)),
            ("encoder-decoder", "fills", lambda glass: glass.fill("我有[MASK]")),
            ("encoder-decoder", "predicts_next", lambda glass: glass.trace("我有一只猫", more=1)),
        ],
    )
    def test_the_rest_is_refused_by_name(self, architecture: str, ability: str, ask: Any) -> None:
        with pytest.raises(AbilityError, match=f"tiny is {architecture}: .* needs a model that {ability}") as caught:
            ask(little_glass(architecture))
        assert caught.value.code == "ability"
        able = ", ".join(sorted(ABLE[architecture]))
        assert caught.value.fields == {"model": "tiny", "kind": architecture, "ability": ability, "abilities": able}


class TestTranslators:
    def test_signs_are_no_typed_words_and_its_own_translation_is_none_either(self) -> None:
        glass = little_glass("encoder-decoder", end=-50)
        trace = glass.trace("我有猫")
        assert bare(trace.words["source"].read) == [("我", "t"), ("有", "t"), ("猫", "t"), ("</s>", "s")]
        words = trace.words["target"]
        assert bare(words.read)[0] == ("<s>", "s")
        assert not any(word.typed for word in (*words.read, *words.written))

    def test_a_translation_that_is_given_was_typed(self) -> None:
        words = little_glass("encoder-decoder").trace("我有猫", "I have.").words["target"]
        assert bare(words.read) == [("<s>", "s"), ("I", "t"), ("have", "t"), (".", "t")]
        assert bare(words.written) == [("I", "t"), ("have", "t"), (".", "t"), ("</s>", "s")]

    def test_of_a_record_the_given_words_were_typed(self) -> None:
        glass = little_glass("encoder-decoder", end=-50)
        given = tuple(ENGLISH.encode("I have"))
        trace = glass.trace_record(glass.decode("我有猫", prefix=given, max_length=5))
        assert [word.typed for word in trace.words["target"].written] == [True, True, False, False, False]
        forced = glass.trace_record(compare(glass, "我有猫", "I have.").forced)
        assert forced.words == glass.trace("我有猫", "I have.").words


class TestGoingOn:
    @pytest.mark.parametrize("edits", ["", "no_residual:decoder.0.add1;zero:decoder.1.out:*"])
    def test_a_text_is_read_as_typed_and_the_last_word_is_the_models_own(self, edits: str) -> None:
        glass = little_glass("decoder-only")
        trace, plain = glass.trace(TEXT, edits=parse_edits(edits, glass.plan)), glass.trace(TEXT)
        own = int(plain["head.logits"][-1].argmax())
        assert trace["tgt_embed.tokens"].tolist() == [1, *ENGLISH.encode(TEXT)] == glass.read_ids(TEXT)
        words = trace.words["target"]
        assert words == plain.words["target"]
        assert bare(words.read) == [("<s>", "s"), *((text, "t") for text in ("I", "have", "a", "cat", "."))]
        assert words.written_ids == (*ENGLISH.encode(TEXT), own)
        assert [word.typed for word in words.written] == [True] * 5 + [False]
        assert trace.edits == tuple(text for text in edits.split(";") if text)
        assert not edits or int(trace["head.logits"][-1].argmax()) != own

    @pytest.mark.parametrize("more", [0, 1, 4])
    def test_more_words_are_those_that_it_writes_greedily(self, more: int) -> None:
        glass = little_glass("decoder-only", end=-50)
        trace, record = glass.trace(TEXT, more=more), glass.decode(TEXT, max_length=5 + more + 1)
        assert trace.written_ids == record.ids
        assert trace["tgt_embed.tokens"].tolist() == list(record.read)
        assert trace.words == glass.trace_record(record).words
        assert [word.typed for word in trace.words["target"].written] == [True] * 5 + [False] * (more + 1)
        np.testing.assert_allclose(trace["head.logits"], record.logits, rtol=0, atol=1e-5)

    def test_no_words_come_behind_its_end_or_its_limit(self) -> None:
        ended = little_glass("decoder-only", end=50).trace(TEXT, more=3)
        assert ended.written_tokens == ("I", "have", "a", "cat", ".", "</s>")
        assert bare(ended.words["target"].written)[-1] == ("</s>", "s")
        endless = little_glass("decoder-only", end=-50).trace(TEXT, more=1000)
        assert len(endless.written_ids) == MAX_LENGTH

    @pytest.mark.parametrize("more", [-1, 1.5, True])
    def test_a_number_of_words_is_a_number(self, more: Any) -> None:
        with pytest.raises(MaxLengthError, match="more must be an integer of at least 0"):
            little_glass("decoder-only").trace(TEXT, more=more)

    def test_the_words_that_training_never_saw_stand_where_they_are_read(self) -> None:
        flags = little_glass("decoder-only").unseen_flags("I have a dog.")
        assert flags == (False, False, False, False, *ENGLISH.unseen_flags("dog"), False)
        assert any(flags)


class TestFilling:
    def test_a_mask_is_a_sign_that_was_typed_and_is_filled_by_the_model(self) -> None:
        glass = little_glass("encoder-only", HIDING)
        trace = glass.trace("I [MASK] a cat.")
        words, own = trace.words["source"], int(trace["head.logits"][1].argmax())
        assert bare(words.read) == [("I", "t"), ("[MASK]", "st"), ("a", "t"), ("cat", "t"), (".", "t"), ("</s>", "s")]
        assert words.written_ids == (*HIDING.encode("I"), own, *HIDING.encode("a cat."), 2)
        assert [word.typed for word in words.written] == [True, False, True, True, True, False]
        edits = parse_edits("zero:encoder.1.ffn.act:*", glass.plan)
        assert glass.trace("I [MASK] a cat.", edits=edits).words == trace.words

    def test_without_that_sign_it_is_text(self) -> None:
        words = little_glass("encoder-only").trace("[MASK]").words["source"]
        assert [word.text for word in words.read] == ["␣", "[", "M", "##A", "##S", "##K", "]", "</s>"]
        assert not any(word.special for word in words.read[:-1])
        assert words.written == ()


class TestFolders:
    def test_a_model_needs_no_examples_and_no_name_in_any_text(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for architecture, name in zip(ARCHITECTURES, ("one", "two", "three"), strict=True):
            made = little_glass(architecture)
            save_model(tmp_path / name, made.model, made.source_tokenizer, made.target_tokenizer, dtype=torch.float32)
        monkeypatch.setattr(files, "BUNDLED", tmp_path)
        assert files.bundled_models() == ("one", "three", "two")
        for architecture, name in zip(ARCHITECTURES, ("one", "two", "three"), strict=True):
            for path in (name, tmp_path / name):
                glass = load_model(path)
                assert (glass.name, glass.abilities) == (name, ABLE[architecture])
                text = "我有猫" if architecture == "encoder-decoder" else TEXT
                assert len(glass.trace(text)) > 0

    def test_a_tokenizer_with_a_mask_is_one_again(self, tmp_path: Path) -> None:
        made = little_glass("encoder-only", HIDING)
        save_model(tmp_path, made.model, made.source_tokenizer, None, dtype=torch.float32)
        again: Glass = load_model(tmp_path)
        assert again.abilities == {"embeds", "fills"}
        assert again.fill("I [MASK].") == made.fill("I [MASK].")
