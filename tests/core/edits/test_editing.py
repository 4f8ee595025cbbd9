"""Edits at work, each against a case whose answer is known."""

import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from tests.core.edits.test_edit_list import BREAKS, PLAN, TEXTS
from tests.core.tiny import DECODER_SHAPES, SOURCE_IDS, TARGET_IDS, D, H, make_config, make_model, shape_name, trace_of
from transformer_core.edits.errors import EditPositionError
from transformer_core.edits.listeners import BatchListener, as_listener
from transformer_core.edits.parse import parse_edits
from transformer_core.edits.run import run_with_edits
from transformer_core.glass.errors import ArgumentError, BlockedRowError
from transformer_core.glass.formulas import difference
from transformer_core.glass.hooks import listening
from transformer_core.glass.sites import written_keys
from transformer_core.transformer.plans import transformer_plan

MODEL = make_model()
PLAIN = trace_of(MODEL)
OTHER_IDS = [6, 9, 11, 4, 2]
ENCODE = {"other": OTHER_IDS, "same": SOURCE_IDS, "short": [6, 2]}.__getitem__
CLOSE = {"rtol": 0, "atol": 1e-12}
NEUTRAL = {  # of TEXTS, on this sentence
    "freeze:decoder.1.cross_attn.weights:0",
    "mask:decoder.*.self_attn:causal",
    "mask:encoder.0.self_attn:none",
}
SELF, CROSS = "decoder.0.self_attn", "decoder.0.cross_attn"


def edited(text, model=MODEL, source=SOURCE_IDS, target=TARGET_IDS):
    config = model.config
    sides = source if config.has_encoder else None, target if config.has_decoder else None
    return run_with_edits(model, *sides, parse_edits(text, transformer_plan(config)), encode=ENCODE)


def same(one, other, *, skip=()):
    return [key for key in written_keys(one.plan) if key not in skip and not np.array_equal(one[key], other[key])]


class TestKnownAnswers:
    def test_no_edits_are_the_plain_run_bit_for_bit(self):
        trace = edited("")
        assert same(trace, PLAIN) == []
        assert (trace.edits, trace.changed, trace.edited, trace.breaks_causality) == ((), (), (), False)

    @pytest.mark.parametrize(
        "text",
        [
            "keep:decoder.0.cross_attn:0,1,2",
            "temperature:encoder.1.self_attn:2:1",
            "patch:encoder.0.self_attn.z:*:same",
            "patch:decoder.1.ffn.act:2,4:same",
            "freeze:decoder.0.self_attn.weights:*",
            "mask:decoder.*.self_attn:causal",
            "mask:encoder.*.self_attn:none",
            "mask:encoder.0.self_attn:window:4",
            "allow:decoder.1.self_attn:4-2;forbid:decoder.1.self_attn:2-4",
        ],
    )
    def test_an_edit_that_puts_what_was_there_is_neutral_and_says_so(self, text):
        trace = edited(text)
        assert same(trace, PLAIN) == []
        assert trace.edited == ()
        assert not any(trace.changed)
        assert ";".join(trace.edits) == text

    def test_a_head_switched_off_is_missing_from_the_sum(self):
        trace = edited(f"off:{CROSS}:0,2")
        out, heads = PLAIN[f"{CROSS}.out"], PLAIN[f"{CROSS}.head_out"]
        np.testing.assert_allclose(trace[f"{CROSS}.out"], out - heads[0] - heads[2], **CLOSE)
        assert (trace.edited, trace.changed) == ((f"{CROSS}.z",), (True,))

    def test_keeping_one_head_is_switching_off_the_others(self):
        assert same(edited(f"keep:{CROSS}:1"), edited(f"off:{CROSS}:0,2")) == []

    def test_filled_positions_hold_what_is_said_and_the_others_stay(self):
        for how, value in (("zero", 0), ("one", 1), ("mean", PLAIN["encoder.0.out"].mean(axis=0))):
            trace = edited(f"{how}:encoder.0.out:1,3")["encoder.0.out"]
            np.testing.assert_allclose(trace[[1, 3]], np.broadcast_to(value, (2, D)), **CLOSE)
            np.testing.assert_array_equal(trace[[0, 2, 4]], PLAIN["encoder.0.out"][[0, 2, 4]])
        z = edited(f"mean:{CROSS}.z:*")[f"{CROSS}.z"]  # positions are the second axis here
        np.testing.assert_allclose(z, np.broadcast_to(PLAIN[f"{CROSS}.z"].mean(1, keepdims=True), z.shape), **CLOSE)

    def test_what_is_frozen_does_not_follow_an_edit_further_up(self):
        moved = edited("off:encoder.0.self_attn:1")
        frozen = edited("off:encoder.0.self_attn:1;freeze:encoder.out:2")
        np.testing.assert_array_equal(frozen["encoder.out"][2], PLAIN["encoder.out"][2])
        np.testing.assert_array_equal(np.delete(frozen["encoder.out"], 2, 0), np.delete(moved["encoder.out"], 2, 0))
        whole = edited("off:encoder.0.self_attn:1;freeze:encoder.out:*")
        np.testing.assert_array_equal(whole["head.logits"], PLAIN["head.logits"])
        assert whole.changed == (True, True)  # the encoder's own values changed all the same

    def test_the_whole_encoder_from_another_sentence_is_that_sentence(self):
        other = trace_of(MODEL, OTHER_IDS)
        trace = edited("patch:encoder.out:*:other")
        np.testing.assert_array_equal(trace["head.logits"], other["head.logits"])
        one = edited("patch:encoder.0.ffn.out:2:other")["encoder.0.ffn.out"]
        np.testing.assert_array_equal(one[2], other["encoder.0.ffn.out"][2])
        np.testing.assert_array_equal(one[3], PLAIN["encoder.0.ffn.out"][3])

    @pytest.mark.parametrize(("positions", "missing"), [("1,3", 3), ("*", 2)])
    def test_a_patch_needs_its_positions_in_both_sentences(self, positions, missing):
        message = f"copies position {missing}, and the other sentence has 2: 0 to 1"
        with pytest.raises(EditPositionError, match=message):
            edited(f"patch:encoder.0.out:{positions}:short")
        assert edited("patch:encoder.0.out:1:short").changed == (True,)

    def test_without_tokenizers_a_patch_cannot_be_read(self):
        with pytest.raises(ArgumentError, match="needs a Glass"):
            run_with_edits(MODEL, SOURCE_IDS, TARGET_IDS, parse_edits("patch:encoder.out:0:other", PLAN))

    def test_attention_by_hand_carries_what_it_says(self):
        trace = edited(f"attend:{CROSS}:1:4:2;weights:{CROSS}:0:3:0.25,0,0.75")
        v = trace[f"{CROSS}.v"]
        np.testing.assert_allclose(trace[f"{CROSS}.z"][1, 4], v[1, 2], **CLOSE)
        np.testing.assert_allclose(trace[f"{CROSS}.z"][0, 3], 0.25 * v[0, 0] + 0.75 * v[0, 2], **CLOSE)
        np.testing.assert_allclose(trace[f"{CROSS}.weights"].sum(axis=-1), 1, **CLOSE)
        np.testing.assert_array_equal(trace[f"{CROSS}.weights"][2], PLAIN[f"{CROSS}.weights"][2])

    def test_a_temperature_divides_the_scores_of_one_head(self):
        trace = edited(f"temperature:{SELF}:1:2.5")
        expected = torch.tensor(PLAIN[f"{SELF}.scores"][1] / 2.5).softmax(dim=-1).numpy()
        np.testing.assert_allclose(trace[f"{SELF}.weights"][1], expected, **CLOSE)
        np.testing.assert_array_equal(trace[f"{SELF}.weights"][0], PLAIN[f"{SELF}.weights"][0])

    def test_a_dropped_last_word_is_as_if_it_had_never_been_there(self):
        trace, short = edited("drop:source:4"), trace_of(MODEL, SOURCE_IDS[:-1])
        np.testing.assert_allclose(trace["encoder.out"][:4], short["encoder.out"], **CLOSE)
        np.testing.assert_allclose(trace["head.logits"], short["head.logits"], **CLOSE)

    def test_a_row_that_would_be_blocked_is_refused(self):
        with pytest.raises(BlockedRowError, match=re.escape("row 0 of the mask")):
            edited("drop:target:0")
        with pytest.raises(BlockedRowError, match=re.escape("row 6 of the mask")):
            edited("mask:decoder.0.cross_attn:window:1")

    @pytest.mark.parametrize("shape", DECODER_SHAPES, ids=shape_name)
    def test_residual_and_norm_are_skipped_in_every_shape(self, shape):
        model = make_model(make_config(**shape))
        last = 3 if model.config.has_cross_attention else 2
        trace = edited(f"no_residual:decoder.0.add1;no_norm:decoder.1.ln{last}", model)
        np.testing.assert_array_equal(trace["decoder.0.add1"], trace["decoder.0.self_attn.out"])
        before = "decoder.1.add" + str(last - 1 if shape["norm_position"] == "pre" else last)
        np.testing.assert_array_equal(trace[f"decoder.1.ln{last}.out"], trace[before])
        assert trace.changed == (True, True)

    def test_masks_are_what_was_asked(self):
        q, k = np.indices((7, 7))
        trace = edited("mask:decoder.*.self_attn:window:1;allow:decoder.1.self_attn:0-6;forbid:decoder.1.self_attn:5-4")
        expected = (k <= q) & (q - k <= 1)
        np.testing.assert_array_equal(trace["decoder.0.self_attn.mask"], expected)
        expected[0, 6], expected[5, 4] = True, False
        np.testing.assert_array_equal(trace["decoder.1.self_attn.mask"], expected)
        assert edited("mask:decoder.0.self_attn:none")["decoder.0.self_attn.mask"].all()
        np.testing.assert_array_equal(
            edited("mask:encoder.0.self_attn:causal")["encoder.0.self_attn.mask"], (k <= q)[:5, :5]
        )


class TestFacts:
    def test_an_edit_that_another_makes_needless_says_so(self):
        trace = edited(f"off:{CROSS}:1;off:{CROSS}:1;off:{SELF}:0")
        assert trace.changed == (False, False, True)

    def test_a_head_that_writes_nothing_changes_nothing(self):
        model = make_model()
        with torch.no_grad():
            model.decoder.layers[0].cross_attn.W_O[4:8] = 0  # the rows of head 1
        trace = edited(f"off:{CROSS}:1", model)
        assert trace.edited == (f"{CROSS}.z",)
        assert trace.changed == (False,)

    def test_an_edit_of_the_last_value_changes_something(self):
        assert edited("zero:head.logits:2").changed == (True,)

    def test_an_edit_without_which_the_run_would_be_refused_changes_something(self):
        assert edited("drop:target:0;allow:decoder.*.self_attn:0-1").changed == (True, True)

    @pytest.mark.parametrize("text", BREAKS)
    def test_causality_is_broken_exactly_where_the_edits_say_so(self, text):
        """Another last word moves an earlier row of the logits if, and only if, the run says so."""
        trace, other = (edited(text, target=[*TARGET_IDS[:-1], last]) for last in (TARGET_IDS[-1], 9))
        moved = not np.allclose(trace["head.logits"][:-1], other["head.logits"][:-1], **CLOSE)
        if text == "attend:decoder.0.self_attn:0:2:3":  # position 3 is not the last: change what stands there
            other = edited(text, target=[*TARGET_IDS[:3], 9, *TARGET_IDS[4:]])
            moved = not np.allclose(trace["head.logits"][:3], other["head.logits"][:3], **CLOSE)
        if text == "allow:decoder.1.self_attn:2-3":
            other = edited(text, target=[*TARGET_IDS[:3], 9, *TARGET_IDS[4:]])
            moved = not np.allclose(trace["head.logits"][:3], other["head.logits"][:3], **CLOSE)
        assert moved == trace.breaks_causality == BREAKS[text]

    @pytest.mark.parametrize("text", [text for text in TEXTS if text not in NEUTRAL])
    def test_every_other_site_still_follows_from_its_inputs(self, text):
        trace = edited(text.replace("我有 a%3Bb%3Ac%25", "other"))
        assert trace.edited
        assert max(difference(trace, key) for key in trace if key not in trace.edited) < 1e-12
        assert all(difference(trace, key) > 1e-9 for key in trace.edited)


class TestSeveralAtOnce:
    def test_each_row_of_a_batch_has_edits_of_its_own(self):
        texts = [f"off:{CROSS}:{h}" for h in range(H)] + [
            "",
            "forbid:encoder.0.self_attn:1-2",
            "no_residual:decoder.1.add3",
        ]
        rows = [as_listener(parse_edits(text, PLAN), MODEL, None, None) for text in texts]
        source, target = (torch.tensor([ids] * len(texts)) for ids in (SOURCE_IDS, TARGET_IDS))
        with torch.inference_mode(), listening(BatchListener(rows)):
            logits = MODEL(source, target).numpy()
        for row, text in enumerate(texts):
            np.testing.assert_allclose(logits[row], edited(text)["head.logits"], err_msg=text, **CLOSE)

    @pytest.mark.slow
    def test_threads_that_share_a_model_never_see_each_others_edits(self):
        texts = ["", f"off:{CROSS}:0", f"off:{CROSS}:1;freeze:decoder.1.out:2", "mask:decoder.*.self_attn:none"] * 6
        expected = {text: edited(text)["head.logits"] for text in set(texts)}
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda text: edited(text)["head.logits"], texts))
        for text, logits in zip(texts, found, strict=True):
            np.testing.assert_array_equal(logits, expected[text])
