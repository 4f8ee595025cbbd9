"""What else a notebook does: half precision, autocast, ids of another vocabulary, comparing traces, paths from home."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.cases import crossed
from tests.core.decoding_models import RULES
from tests.core.public_calls import small_glass
from tests.core.tiny import SHAPES, SOURCE, SOURCE_IDS, TARGET_IDS, make_config, make_model, trace_of
from transformer_core import Glass, Tokenizer, Trace, load_model, read_alignments
from transformer_core.decoding.decode import cache_difference, decode, greedy
from transformer_core.decoding.errors import LengthPenaltyError
from transformer_core.decoding.forcing import teacher_forcing
from transformer_core.decoding.rules import LENGTH_PENALTIES, Beam
from transformer_core.edits.parse import parse_edits
from transformer_core.edits.run import run_with_edits
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import ArgumentError, UnknownIdError, UnknownModelError
from transformer_core.glass.formulas import difference
from transformer_core.glass.sites import all_sites
from transformer_core.models.files import save_model
from transformer_core.studies.importance import head_importance
from transformer_core.studies.order import compare_orders
from transformer_core.studies.patching import contrast, patch_map

HALVES = [torch.bfloat16, torch.float16]


class TestHalfPrecision:
    @pytest.mark.parametrize(("dtype", "shape"), crossed({str(dtype): dtype for dtype in HALVES}, SHAPES))
    def test_a_trace_hands_out_float32_and_every_value_can_be_recomputed(self, dtype, shape, tmp_path):
        trace = trace_of(make_model(make_config(**shape), dtype=dtype))
        for key in trace:
            array = trace[key]
            assert array.dtype == (np.float32 if array.dtype.kind == "f" else array.dtype)
            # Half a float has 8 or 11 bits, and a value is rounded to it several times on its way.
            assert difference(trace, key) < 64 * torch.finfo(dtype).eps, key
        assert all(trace.parameters[name].dtype == np.float32 for name in trace.parameters)
        assert 0 < trace.nbytes < trace_of(make_model(make_config(**shape), dtype=torch.float32)).nbytes
        trace.save(tmp_path / "half.npz")
        again = Trace.load(tmp_path / "half.npz")
        assert all(np.array_equal(again[key], trace[key]) for key in trace)

    @pytest.mark.parametrize("dtype", HALVES, ids=str)
    def test_it_decodes_and_is_studied(self, dtype):
        model = make_model(dtype=dtype, seed=1)
        for rule in RULES:
            record = decode(model, SOURCE[:1], rule, max_length=4)[0]
            assert len(record.ids) <= 4
            assert record.logits.dtype == np.float32
            assert cache_difference(model, record) < 64 * torch.finfo(dtype).eps * abs(record.logits).max()
        assert len(greedy(model, SOURCE[:1], max_length=4)[0]) <= 4
        assert np.isfinite(teacher_forcing(model, SOURCE[:1], [[5, 2]])[0].losses).all()
        assert np.isfinite(head_importance(model, SOURCE_IDS, [5, 2]).change).all()
        text = "off:decoder.0.cross_attn:1;mean:encoder.0.out:0,1;temperature:encoder.0.self_attn:0:2"
        edits = parse_edits(text, model.plan)
        assert run_with_edits(model, SOURCE_IDS, TARGET_IDS, edits).changed == (True, True, True)
        patch_map(model, contrast(model, [3, 16, 7, 2], [6, 9, 4, 2], "loss"))

    @pytest.mark.parametrize("dtype", HALVES, ids=str)
    def test_so_it_is_under_autocast(self, dtype):
        model = make_model(dtype=torch.float32)
        plain = trace_of(model)
        with torch.autocast("cpu", dtype):
            trace = trace_of(model)
            records = [decode(model, SOURCE[:1], rule, max_length=4)[0] for rule in RULES]
            greedy(model, SOURCE[:1], max_length=4)
        largest = abs(plain["head.logits"]).max()
        assert 0 < abs(trace["head.logits"] - plain["head.logits"]).max() < 64 * torch.finfo(dtype).eps * largest
        for key in trace:
            assert difference(trace, key) < 64 * torch.finfo(dtype).eps, key
        assert all(np.isfinite(record.logits).all() for record in records)


class TestIds:
    @pytest.mark.parametrize(("place", "wrong"), crossed(range(4), [-1, 17, 999_999, 2**40, -(2**40)]))
    def test_one_that_is_no_word_is_named_with_its_place_and_the_vocabulary(self, place, wrong):
        model, row = make_model(), [3, 16, 7, 2]
        row[place] = wrong
        batch = torch.tensor([SOURCE_IDS[:4], row])
        for call, at in (
            (lambda: model(batch, torch.tensor([[1], [1]])), 1),
            (lambda: greedy(model, batch), 1),
            (lambda: decode(model, batch), 1),
            (lambda: teacher_forcing(model, batch, [[5], [5]]), 1),
            (lambda: run_with_trace(model, row, TARGET_IDS), 0),
            (lambda: head_importance(model, row, [5]), 0),
        ):
            said = f"id {wrong} at position {place} of row {at}; .* 0 to 16"
            with pytest.raises(UnknownIdError, match=said) as caught:
                call()
            fields = caught.value.fields
            assert (fields["side"], fields["id"], fields["place"], fields["last"]) == ("source", wrong, place, 16)

    def test_in_a_step_of_a_decoding_too(self):
        model = make_model(architecture="decoder-only")
        with pytest.raises(UnknownIdError, match="id 13 at position 0 of row 1; ids go from 0 to 12"):
            model.decode(torch.tensor([[5], [13]]), None, None, model.new_caches())

    @pytest.mark.parametrize("wrong", [-1, 10**6])
    def test_no_tokenizer_reads_one_from_the_end(self, english, wrong):
        for read in (english.decode, english.pieces):
            with pytest.raises(UnknownIdError, match=f"holds the id {wrong} at position 1"):
                read([5, wrong])


class TestEquality:
    def test_what_holds_arrays_can_be_compared_and_put_into_a_set(self, chinese, english):
        glass = small_glass(chinese, english)
        trace, other = glass.trace("我有"), small_glass(chinese, english).trace("我有")
        orders = compare_orders(glass, "我有", [1, 0, 2]), compare_orders(glass, "我有", [1, 0, 2])
        for one, two in ((trace, other), (trace.parameters, other.parameters), orders):
            assert one == one
            assert one != two
            assert len({one, two, one}) == 2
        assert trace in [other, trace]


class TestTexts:
    @pytest.mark.parametrize("wrong", [None, ["我"], b"abc", 5, np.array(["我"])], ids=lambda x: type(x).__name__)
    def test_what_is_none_is_refused(self, chinese, english, wrong):
        glass = small_glass(chinese, english)
        for call in (glass.translate, glass.trace, glass.decode, glass.unseen, glass.source_ids, english.encode):
            with pytest.raises(ArgumentError, match=r"text .*str"):
                call(wrong)
        if wrong is not None:
            with pytest.raises(ArgumentError, match=r"target text .*str"):
                glass.trace("我", wrong)


class TestLengthPenalty:
    @pytest.mark.parametrize("wrong", [300, -1000.0, 51, math.nextafter(-50, -51), math.inf, math.nan])
    def test_one_that_no_score_bears_is_refused(self, wrong):
        with pytest.raises(LengthPenaltyError, match="from -50 to 50"):
            Beam(length_penalty=wrong)

    @pytest.mark.parametrize("length_penalty", LENGTH_PENALTIES)
    @pytest.mark.parametrize("early_stop", ["full", "unlikely", "impossible"])
    def test_at_the_ends_every_score_is_a_number(self, length_penalty, early_stop):
        rule = Beam(width=3, length_penalty=length_penalty, early_stop=early_stop)
        tree = decode(make_model(), SOURCE[:1], rule)[0].tree
        assert tree is not None
        assert all(math.isfinite(branch.score) and branch.score < 0 for branch in tree.branches)


class TestPaths:
    @pytest.fixture
    def home(self, tmp_path, monkeypatch) -> Path:
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("USERPROFILE", str(tmp_path))
        return tmp_path

    @pytest.mark.parametrize("kind", [str, Path])
    def test_a_tilde_is_home_wherever_a_path_is_given(self, home, kind, chinese, english):
        glass = small_glass(chinese, english)
        save_model(kind("~/x"), glass.model, chinese, english)
        assert load_model(kind("~/x")).name == "x"
        english.save(kind("~/t.json"))
        assert Tokenizer.load(kind("~/t.json")).vocab_size == english.vocab_size
        trace = glass.trace("我有")
        trace.save(kind("~/t.npz"))
        assert len(Trace.load(kind("~/t.npz"))) == len(all_sites(glass.plan))
        (home / "a.txt").write_text("a\tb\t0-0\n", encoding="utf-8")
        assert len(read_alignments(kind("~/a.txt"))) == 1
        assert sorted(path.name for path in home.iterdir()) == ["a.txt", "t.json", "t.npz", "x"]

    @pytest.mark.parametrize("wrong", [None, b"x", 3, ["x"]])
    def test_what_is_no_path_is_refused(self, wrong):
        with pytest.raises(ArgumentError, match="name must be a path"):
            load_model(wrong)

    def test_a_home_that_nobody_has_is_no_model(self):
        with pytest.raises(UnknownModelError, match="~nobody-of-this-name/x"):
            load_model("~nobody-of-this-name/x")


def test_a_bundled_model_is_found_by_a_path_too():
    assert isinstance(load_model(Path("zh-en")), Glass)
