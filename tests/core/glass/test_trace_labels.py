"""The words that label a trace's axes, and what `run_with_trace` refuses to read."""

import re

import pytest
import torch

from tests.core.tiny import SHAPES, SOURCE_IDS, TARGET_IDS, make_model, trace_of
from transformer_core.glass import capture
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import ShapeError, TargetError
from transformer_core.glass.sites import all_sites, sites_by_key
from transformer_core.glass.words import as_words

SOURCE_WORDS = ("我", "有", "一", "只", "</s>")
TARGET_WORDS = ("<s>", "I", "have", "a", "cat", ".", "I")
WRITTEN_WORDS = ("I", "have", "a", "cat", ".", "I", "</s>")


def labelled_trace(model):
    return trace_of(
        model,
        source_tokens=SOURCE_WORDS if model.config.has_encoder else (),
        target_tokens=TARGET_WORDS if model.config.has_decoder else (),
        written_tokens=WRITTEN_WORDS if model.config.has_decoder else (),
        written_ids=[*TARGET_IDS[1:], 2] if model.config.has_decoder else (),
    )


class TestLabels:
    def test_each_axis_of_positions_is_labelled_with_its_words(self):
        trace = labelled_trace(make_model())
        for site in all_sites(trace.plan):
            for length, labels in zip(trace[site.key].shape, trace.tokens_of(site.key), strict=True):
                assert labels is None or len(labels) == length, site.key
        assert trace.tokens_of("decoder.0.cross_attn.weights") == (None, TARGET_WORDS, SOURCE_WORDS)
        assert trace.tokens_of("decoder.0.self_attn.weights") == (None, TARGET_WORDS, TARGET_WORDS)
        assert trace.tokens_of("encoder.0.self_attn.k") == (None, SOURCE_WORDS, None)
        assert trace.site("encoder.0.self_attn.k") is sites_by_key(trace.plan)["encoder.0.self_attn.k"]

    def test_read_and_written_words_are_kept_apart(self):
        trace = labelled_trace(make_model())
        assert trace.source_tokens == SOURCE_WORDS
        assert trace.target_tokens == TARGET_WORDS
        assert trace.written_tokens == WRITTEN_WORDS
        assert trace.written_ids == (*TARGET_IDS[1:], 2)

    def test_without_words_the_ids_are_the_labels(self):
        trace = trace_of(make_model())
        assert trace.source_tokens == ("3", "16", "7", "16", "2")
        assert trace.target_tokens == tuple(str(i) for i in TARGET_IDS)
        assert trace.written_tokens == ()

    @pytest.mark.parametrize(
        ("labels", "message"),
        [
            ({"source_tokens": SOURCE_WORDS[1:]}, "4 labels for 5 ids"),
            ({"target_tokens": (*TARGET_WORDS, "</s>")}, "8 labels for 7 ids"),
            ({"written_tokens": WRITTEN_WORDS[1:]}, "6 labels for 7 ids"),
            ({"written_ids": (2,)}, "1 labels for 7 ids"),
        ],
        ids=str,
    )
    def test_as_many_labels_as_ids_or_none(self, labels, message):
        """A list of words that is one short would stand beside the wrong rows."""
        with pytest.raises(ShapeError, match=message):
            trace_of(make_model(), **labels)

    def test_labels_for_a_side_that_is_not_there_are_refused(self):
        with pytest.raises(ShapeError, match="7 labels for 0 ids"):
            trace_of(make_model(architecture="encoder-only"), target_tokens=TARGET_WORDS)


class TestRefusals:
    @pytest.mark.parametrize(
        ("architecture", "source", "target", "message"),
        [
            ("encoder-decoder", SOURCE_IDS, None, "no target was given, and this encoder-decoder model needs one"),
            ("encoder-decoder", None, TARGET_IDS, "no source was given, and this encoder-decoder model needs one"),
            ("encoder-only", SOURCE_IDS, TARGET_IDS, "a target was given, and this encoder-only model has none"),
            ("decoder-only", SOURCE_IDS, TARGET_IDS, "a source was given, and this decoder-only model has none"),
            ("decoder-only", None, None, "no target was given"),
        ],
    )
    def test_the_sides_must_be_those_of_the_model(self, architecture, source, target, message):
        with pytest.raises(TargetError, match=message):
            run_with_trace(make_model(architecture=architecture), source, target)

    @pytest.mark.parametrize("n_ids", [0, 20])
    @pytest.mark.parametrize("side", ["source", "target"])
    def test_no_ids_or_too_many_are_refused_with_the_limit(self, side, n_ids):
        ids = {"source": SOURCE_IDS, "target": TARGET_IDS} | {side: [3] * n_ids}
        message = f"{side} must be integer ids of shape [B, 1..19], not torch.int64 of shape (1, {n_ids})"
        with pytest.raises(ShapeError, match=re.escape(message)):
            run_with_trace(make_model(), ids["source"], ids["target"])

    def test_the_limit_itself_is_allowed(self):
        trace = run_with_trace(make_model(), [3] * 19, [1] * 19)
        assert trace["decoder.1.cross_attn.weights"].shape == (3, 19, 19)

    @pytest.mark.parametrize("ids", [torch.tensor([3, 4]), torch.tensor([[0.5, 1.0]]), torch.tensor([[[3]]])])
    def test_ids_must_be_an_integer_matrix(self, ids):
        with pytest.raises(ShapeError, match="source must be integer ids of shape"):
            make_model()(ids, torch.tensor([TARGET_IDS]))


def test_no_label_is_made_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(capture, "as_words", lambda texts, *more: made.append(texts) or as_words(texts, *more))
    trace = run_with_trace(make_model(**SHAPES[0]), SOURCE_IDS, TARGET_IDS)
    assert made == []
    assert trace.source_tokens == tuple(map(str, SOURCE_IDS))
    assert made
