"""The public face: text in, text and values out, and clear refusals."""

import numpy as np
import pytest
import torch

import transformer_core
from tests.core.tiny import make_config, make_model
from transformer_core.glass.errors import AbilityError, EmptyTextError, TargetError, TextTooLongError
from transformer_core.models.glass import Glass

LIMIT = 19  # max_length of the tiny models: 18 words and </s>


@pytest.fixture
def make_glass(chinese, english):
    """A function that returns a glass of an architecture with random weights."""

    def make(architecture="encoder-decoder", eos_bias=0.0, **options):
        if architecture != "decoder-only":
            options["source_vocab_size"] = chinese.vocab_size
        if architecture != "encoder-only":
            options["target_vocab_size"] = english.vocab_size
        model = make_model(make_config(architecture, output_bias=True, **options), dtype=torch.float32)
        with torch.no_grad():
            model.head.b[2] = eos_bias
        sides = chinese if model.config.has_encoder else None, english if model.config.has_decoder else None
        return Glass("tiny", model, *sides)

    return make


class TestTranslate:
    def test_a_model_that_never_ends_stops_at_its_limit(self, make_glass):
        written = make_glass(eos_bias=-1e9).translate("我有一只猫")
        assert written.stopped == "limit"
        assert len(written.ids) == len(written.tokens) == LIMIT
        assert 2 not in written.ids

    def test_a_model_that_ends_at_once_writes_no_word(self, make_glass):
        written = make_glass(eos_bias=1e9).translate("我有一只猫")
        assert (written.text, written.ids, written.tokens, written.stopped) == ("", (2,), ("</s>",), "end")

    def test_text_and_tokens_are_those_of_the_ids(self, make_glass, english):
        written = make_glass(eos_bias=-1e9).translate("他是一个学生。")
        assert written.text == english.decode(written.ids)
        assert written.tokens == english.pieces(written.ids)

    def test_it_is_the_same_every_time_and_white_space_around_the_text_is_nothing(self, make_glass):
        glass = make_glass(eos_bias=-1e9)
        assert glass.translate("我有一只猫") == glass.translate(" 我有一只猫\n")

    @pytest.mark.parametrize("architecture", ["encoder-only", "decoder-only"])
    def test_one_stack_does_not_translate(self, make_glass, architecture):
        with pytest.raises(
            AbilityError, match=f"tiny is {architecture}: it .*; what was asked needs a model that translates"
        ):
            make_glass(architecture).translate("我")


class TestTrace:
    def test_teacher_forcing_reads_one_word_behind_what_it_writes(self, make_glass):
        trace = make_glass().trace("我有一只猫", target="I have a cat.")
        assert trace.source_tokens == ("我", "有", "一", "只", "猫", "</s>")
        assert trace.target_tokens == ("<s>", "I", "have", "a", "cat", ".")
        assert trace.written_tokens == ("I", "have", "a", "cat", ".", "</s>")
        assert trace["decoder.1.cross_attn.weights"].shape == (3, 6, 6)

    def test_the_traced_ids_are_those_of_the_words(self, make_glass, chinese, english):
        trace = make_glass().trace("我有猫", target="I have a cat.")
        assert trace["src_embed.tokens"].tolist() == [*chinese.encode("我有猫"), 2]
        assert trace["tgt_embed.tokens"].tolist() == [1, *english.encode("I have a cat.")]
        assert trace.written_ids == (*english.encode("I have a cat."), 2)

    def test_every_word_of_the_source_and_of_the_target_counts(self, make_glass):
        glass, read = make_glass(), {}
        for text, target in (("我有猫", "I have."), ("他有猫", "I have."), ("我有猫", "He have.")):
            read[text, target] = glass.trace(text, target)["head.logits"][-1].tobytes()
        assert len(set(read.values())) == 3

    @pytest.mark.parametrize("eos_bias", [-1e9, 1e9], ids=["limit", "end"])
    def test_without_a_target_it_is_the_models_own_translation(self, make_glass, eos_bias):
        """Every row's most probable word is the word that the row wrote."""
        glass = make_glass(eos_bias=eos_bias)
        trace, written = glass.trace("我有一只猫"), glass.translate("我有一只猫")
        assert trace.written_ids == written.ids
        assert trace.written_tokens == written.tokens
        assert tuple(trace["head.logits"].argmax(axis=-1)) == written.ids
        assert trace["tgt_embed.tokens"].tolist() == [1, *written.ids[:-1]]

    def test_an_encoder_reads_its_text_and_writes_nothing(self, make_glass):
        trace = make_glass("encoder-only").trace("我有猫")
        assert trace.source_tokens == ("我", "有", "猫", "</s>")
        assert trace.target_tokens == trace.written_tokens == trace.written_ids == ()
        assert trace["head.probs"].shape[0] == 4

    def test_a_decoder_reads_its_text_and_says_what_comes_next(self, make_glass, english):
        trace = make_glass("decoder-only").trace("I have a cat.")
        own = int(trace["head.logits"][-1].argmax())
        assert trace.source_tokens == ()
        assert trace.target_tokens == ("<s>", "I", "have", "a", "cat", ".")
        assert trace.written_tokens == ("I", "have", "a", "cat", ".", english.pieces([own])[0])
        assert trace.written_ids == (*english.encode("I have a cat."), own)

    @pytest.mark.parametrize("architecture", ["encoder-only", "decoder-only"])
    def test_a_target_needs_a_model_with_two_sides(self, make_glass, architecture):
        with pytest.raises(TargetError, match=f"tiny is {architecture}: it takes one text only") as caught:
            make_glass(architecture).trace("我", target="I")
        assert caught.value.fields == {"architecture": architecture}

    def test_bytes_are_shown_as_bytes_and_a_typed_special_token_is_text(self, make_glass):
        trace = make_glass().trace("猫🐈", target="<s>")
        assert trace.source_tokens == ("猫", "<0xF0>", "<0x9F>", "<0x90>", "<0x88>", "</s>")
        assert trace.written_tokens[-4:] == ("<", "s", ">", "</s>")
        assert trace["tgt_embed.tokens"].tolist().count(1) == 1


class TestLimits:
    @pytest.mark.parametrize("text", ["", "   ", "\n\t"], ids=repr)
    def test_an_empty_text_is_refused(self, make_glass, text):
        for ask in (make_glass().translate, make_glass().trace):
            with pytest.raises(EmptyTextError, match=r"the source .* has no words; give at least one") as caught:
                ask(text)
            assert caught.value.fields == {"side": "source", "text": text}

    def test_an_empty_target_is_refused_and_not_taken_for_no_target(self, make_glass):
        with pytest.raises(EmptyTextError, match="the target '' has no words"):
            make_glass().trace("我", target="")

    def test_the_longest_text_is_taken(self, make_glass):
        trace = make_glass().trace("我" * 18, target="I" * 18)
        assert len(trace.source_tokens) == len(trace.target_tokens) == LIMIT

    @pytest.mark.parametrize(
        ("text", "target", "side"), [("我" * 19, None, "source"), ("我", "a" * 19, "target")], ids=["source", "target"]
    )
    def test_one_word_more_is_refused_with_both_numbers(self, make_glass, text, target, side):
        with pytest.raises(TextTooLongError, match=f"the {side} has 19 tokens, and tiny takes at most 18") as caught:
            make_glass().trace(text, target=target)
        assert caught.value.fields == {"side": side, "n_tokens": 19, "limit": 18}

    def test_words_that_training_never_saw_are_found(self, make_glass):
        assert make_glass().unseen("我有狗") == ("狗",)
        assert make_glass("decoder-only").unseen("I have a dog.") == ("dog",)
        assert make_glass("encoder-only").unseen("猫") == ()


class TestPackage:
    def test_every_public_name_is_there(self):
        for name in transformer_core.__all__:
            public = getattr(transformer_core, name)
            assert getattr(public, "__name__", name) == name  # a table has no name of its own
        assert set(transformer_core.__all__) <= set(dir(transformer_core))

    def test_another_name_is_an_attribute_error(self):
        with pytest.raises(AttributeError, match="'transformer_core' has no attribute 'load_modle'"):
            _ = transformer_core.load_modle

    def test_the_three_lines_of_the_notebook(self, make_glass, chinese, english, tmp_path):
        """Save, load by the package's own names, trace, read."""
        from transformer_core.models.files import save_model

        save_model(tmp_path, make_glass().model, chinese, english, dtype=torch.float32)
        glass = transformer_core.load_model(tmp_path)
        trace = glass.trace("我有一只猫", target="I have a cat.")
        weights = trace["decoder.1.cross_attn.weights"]
        assert weights.shape == (glass.config.n_heads, len(trace.target_tokens), len(trace.source_tokens))
        np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=0, atol=1e-5)
