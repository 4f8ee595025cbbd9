"""Edits from text to text: the edited pass reads the same words, and decoding writes the edited model's own."""

import numpy as np
import pytest
import torch

from tests.core.tiny import make_config, make_model
from transformer_core.decoding.forcing import compare
from transformer_core.decoding.rules import Beam, Sampling
from transformer_core.decoding.step_proof import prove_steps
from transformer_core.edits.errors import EditHeadError, EditPositionError
from transformer_core.edits.parse import Patch, SwitchOff, parse_edits
from transformer_core.glass.errors import ArgumentError
from transformer_core.glass.trace import Trace
from transformer_core.models.glass import Glass

TEXT = "我有一只猫"
LOUD = "off:decoder.1.cross_attn:0,1,2;no_residual:encoder.1.add1"  # enough to make other words


@pytest.fixture
def make_glass(chinese, english):
    def make(architecture="encoder-decoder"):
        options = {"source_vocab_size": chinese.vocab_size} if architecture != "decoder-only" else {}
        options |= {"target_vocab_size": english.vocab_size}
        model = make_model(make_config(architecture, output_bias=True, **options), dtype=torch.float64)
        with torch.no_grad():
            model.head.b[2] = -100.0  # never ends by itself: see `never_ending`
        return Glass("tiny", model, chinese if model.config.has_encoder else None, english)

    return make


@pytest.fixture
def glass(make_glass):
    return make_glass()


def test_the_edited_pass_reads_the_words_of_the_unedited_one(glass):
    edits = parse_edits(LOUD, glass.plan)
    plain, edited = glass.trace(TEXT), glass.trace(TEXT, edits=edits)
    assert edited.written_ids == plain.written_ids == glass.translate(TEXT).ids
    assert edited.target_tokens == plain.target_tokens
    assert not np.allclose(edited["head.logits"], plain["head.logits"])
    assert edited.edits == tuple(LOUD.split(";"))
    forced = glass.trace(TEXT, "I have a cat.", edits=edits)
    assert forced.written_tokens == ("I", "have", "a", "cat", ".", "</s>")


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", LOUD])
def test_several_rules_in_one_batch_write_what_each_writes_alone(glass, text):
    edits, rules = parse_edits(text, glass.plan), (Sampling(seed=3), Beam(width=2), Sampling(seed=4, top_k=5))
    for rule, found in zip(rules, glass.decode_each(TEXT, rules, edits=edits), strict=True):
        alone = glass.decode(TEXT, rule, edits=edits)
        assert found.ids == alone.ids
        np.testing.assert_allclose(found.logits, alone.logits, rtol=1e-12, atol=1e-12)


def test_a_patch_takes_its_sentence_as_text(glass):
    other = "他有一只猫"  # differs in its first word
    target = "I have a cat."
    edited = glass.trace(TEXT, target, edits=[Patch("encoder.out", (), other)])
    np.testing.assert_array_equal(edited["head.logits"], glass.trace(other, target)["head.logits"])


@pytest.mark.parametrize("rule", [Sampling(seed=3, top_k=5), Beam(width=2)], ids=["sampling", "beam"])
@pytest.mark.parametrize("text", ["", LOUD, LOUD + ";freeze:decoder.0.out:2,9;patch:encoder.0.out:1:他有一只猫"])
def test_a_decoding_under_edits_is_the_edited_pass_over_its_words(glass, text, rule):
    """Every step of the decoding, a pass over the words so far, is a row of one pass over all of them."""
    edits = parse_edits(text, glass.plan)
    decoding = glass.decode(TEXT, rule, edits=edits, max_length=11)
    trace = glass.trace_record(decoding, edits=edits)
    assert len(decoding.ids) == 11
    np.testing.assert_allclose(decoding.logits, trace["head.logits"], rtol=1e-12, atol=1e-10)
    assert {step.cache_length for step in decoding.steps} == ({0} if edits else {step + 1 for step in range(11)})


def test_a_greedy_decoding_under_edits_writes_other_words_and_may_be_given_the_first(glass):
    edits = parse_edits(LOUD, glass.plan)
    plain, edited = glass.decode(TEXT, max_length=6), glass.decode(TEXT, max_length=6, edits=edits)
    assert edited.ids != plain.ids
    assert edited.ids == tuple(edited.best)
    assert glass.decode(TEXT, prefix=edited.ids[:3], max_length=6, edits=edits).ids == edited.ids


def test_a_model_without_an_encoder_is_edited_in_the_same_way(make_glass):
    glass = make_glass("decoder-only")
    text, other = "I have a cat.", "I am a cat."
    edits = [Patch("decoder.0.out", (), other)]
    edited = glass.trace(text, edits=edits)
    wanted = glass.trace(other)["head.logits"][:6]  # of a longer pass, which may add up in another order
    np.testing.assert_allclose(edited["head.logits"], wanted, rtol=1e-12, atol=1e-12)
    with pytest.raises(EditPositionError, match="the other sentence has 2: 0 to 1"):
        glass.trace(text, edits=[Patch("decoder.0.out", (), "I")])


def test_what_does_not_fit_is_refused_before_anything_runs(glass):
    for ask in (glass.trace, glass.decode):
        with pytest.raises(EditHeadError, match="no head 7"):
            ask(TEXT, edits=[SwitchOff("decoder.0.self_attn", (7,))])
        with pytest.raises(EditPositionError, match="position 6 of the source, which has 6"):
            ask(TEXT, edits=parse_edits("drop:source:6", glass.plan))


def test_a_saved_trace_notes_its_edits(glass, tmp_path):
    edited = glass.trace(TEXT, "I have a cat.", edits=parse_edits("mask:decoder.0.self_attn:none", glass.plan))
    edited.save(tmp_path / "run.npz")
    loaded = Trace.load(tmp_path / "run.npz")
    assert loaded.edits == edited.edits == ("mask:decoder.0.self_attn:none",)
    assert loaded.edited == edited.edited == ("decoder.0.self_attn.mask",)
    assert loaded.changed == edited.changed == (True,)
    assert loaded.breaks_causality is edited.breaks_causality is True


def test_under_edits_a_pass_still_holds_every_step_unless_they_break_causality(glass):
    record = glass.decode(TEXT, max_length=5)

    def proof(text):
        return prove_steps(glass.model, record, edit=glass.listener(parse_edits(text, glass.plan)))

    assert proof(LOUD).difference < 1e-12
    assert proof("").difference < 1e-12
    assert proof("mask:decoder.0.self_attn:none").difference > 1e-6


def test_both_runs_of_a_comparison_are_edited(glass):
    edits = parse_edits(LOUD, glass.plan)
    found = compare(glass, TEXT, "I have a cat.", edits=edits)
    np.testing.assert_allclose(
        found.forced.logits, glass.trace(TEXT, "I have a cat.", edits=edits)["head.logits"], rtol=1e-12, atol=1e-12
    )
    assert found.own.ids == glass.decode(TEXT, edits=edits).ids != glass.decode(TEXT).ids
    with pytest.raises(ArgumentError, match="edits need a Glass"):
        compare(glass.model, [3, 4, 2], [5, 2], edits=edits)
