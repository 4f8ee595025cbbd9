"""Edits on every page: the bar, the three runs, the words the edited model writes, and nothing at all without edits."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.ui.drawn import TOLD, maps
from tests.ui.opened import ONE_LANGUAGE, components, notes, open_page, sound, warnings, words
from transformer_core.edits.parse import SwitchOff, parse_edit
from transformer_core.glass.formulas import row_difference
from transformer_core.glass.trace import Trace
from transformer_core.snippets.cell import snippet
from ui.bar.edit_words import describe
from ui.frame.text import escape, t
from ui.state.edit_list import added, entries, in_effect, switched, without
from ui.state.models import Asked, edits_of, get_model, get_trace
from ui.take_home.files import npz_file, trace_file

SOURCE = "我有一只猫"
MODEL = "zh-en"
CROSS = "decoder.2.cross_attn"
OFF = f"off:{CROSS}:0,1,2,3"
LOUD = "no_residual:encoder.0.add1"  # another sentence
PLAIN = Asked(MODEL, SOURCE, "")
ALL = [
    OFF,
    "keep:encoder.0.self_attn:1",
    "temperature:encoder.0.self_attn:1:2.5",
    f"attend:{CROSS}:1:2:0",
    f"weights:{CROSS}:1:2:0.5,0.5",
    "zero:decoder.0.ffn.out:2,3",
    "one:encoder.0.ffn.act:1",
    "mean:encoder.0.self_attn.z:*",
    "freeze:decoder.1.cross_attn.weights:0",
    "patch:encoder.0.out:2:他有一只狗",
    "row:src_embed.lookup:40:41",
    "drop:source:1",
    "drop:target:2",
    "no_residual:decoder.0.add2",
    "no_norm:encoder.1.ln2",
    "allow:decoder.*.self_attn:0-3,1-2,1-3,2-3,2-4",
    f"forbid:{CROSS}:2-1",
    "mask:decoder.*.self_attn:causal",
    "mask:encoder.0.self_attn:window:2",
]


def opened(page: str = "explore/attention.py", **query: Any) -> Any:
    return open_page(page, **({"lang": "en", "model": MODEL, "source": SOURCE, "layer": 2} | query))


def bar(at: Any) -> dict[str, Any]:
    return components(at)["edits"]


def test_a_list_is_switched_and_shortened_by_its_text() -> None:
    text = "a:b;-c:d"
    assert [(e.text, e.on) for e in entries(text)] == [("a:b", True), ("c:d", False)]
    assert switched(text, 1) == "a:b;c:d"
    assert switched(text, 0) == "-a:b;-c:d"
    assert (without(text, 0), without(text, -1)) == ("-c:d", "")
    edit = SwitchOff(CROSS, (0,))
    assert added(f"-{edit.to_text()};a:b", edit) == f"a:b;{edit.to_text()}"


def test_only_what_is_on_and_fits_is_carried_out() -> None:
    found = in_effect(PLAIN, f"-{OFF};drop:source:1;off:nowhere:1;drop:source:40;zzz")
    assert (found.text, found.entries, found.refused) == ("drop:source:1", (1,), None)
    assert {number: error.code for number, error in found.problems.items()} == {
        2: "edit_block",
        3: "edit_position",
        4: "edit_text",
    }


def test_what_cannot_be_carried_out_together_is_refused_as_a_whole() -> None:
    found = in_effect(PLAIN, "drop:target:0")
    assert found.text == ""
    assert found.refused is not None
    assert found.refused.code == "blocked_row"
    assert in_effect(Asked(MODEL, "", ""), OFF).text == ""  # the page itself says what is wrong


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_every_edit_is_said_in_words(lang: str) -> None:
    trace = get_trace(PLAIN)
    said = [describe(parse_edit(text, trace.plan), trace, MODEL, lang) for text in ALL]
    assert len(set(said)) == len(ALL)
    assert "1 有" in said[ALL.index("drop:source:1")]
    assert "他有一只狗" in said[ALL.index("patch:encoder.0.out:2:他有一只狗")]


def test_traces_of_one_sentence_are_kept_apart_by_their_edits() -> None:
    asked = Asked(MODEL, SOURCE, "", OFF)
    assert get_trace(asked) is get_trace(Asked(MODEL, SOURCE, "", OFF, difference=True)) is not get_trace(PLAIN)
    assert asked.plain == PLAIN
    assert get_trace(asked).edited == (f"{CROSS}.z",)
    assert edits_of(PLAIN) == ()


def test_without_edits_there_is_no_bar() -> None:
    at = opened()
    assert "edits" not in components(at)
    assert len(words(at)) == 2


class TestBar:
    @pytest.mark.slow
    @pytest.mark.parametrize("lang", ONE_LANGUAGE)
    def test_it_lists_the_edits_and_what_the_edited_model_writes(self, lang: str) -> None:
        at = opened(edits=f"{LOUD};-drop:source:1;off:nowhere:1;temperature:encoder.0.self_attn:0:1", lang=lang)
        first, second, third, fourth = bar(at)["chips"]
        assert (first["on"], first["bad"], first["note"]) == (True, False, "")
        assert (second["on"], third["bad"], fourth["on"]) == (False, True, True)
        assert "nowhere" in third["note"]
        assert fourth["note"] == t("edit_bar_said.neutral", lang)
        assert bar(at)["run"] == "edited"
        asked = Asked(MODEL, SOURCE, "", LOUD)
        glass = get_model(MODEL)
        tokens = glass.target_tokenizer.pieces(list(glass.decode(SOURCE, edits=edits_of(asked)).ids))
        assert words(at)[1] == list(get_trace(PLAIN).written_tokens)
        assert words(at)[2] == list(tokens) != words(at)[1]
        assert warnings(at) == []

    @pytest.mark.slow
    def test_what_is_refused_is_said_and_the_original_shown(self) -> None:
        at = opened(edits="drop:target:0")
        assert len(warnings(at)) == 1
        assert t("error.blocked_row", "en", row=0) in warnings(at)[0]
        assert not components(at)["explain"]["edited"]

    @pytest.mark.slow
    def test_a_value_that_cannot_be_averaged_is_said_by_its_name(self) -> None:
        at = opened(edits=f"mean:{CROSS}.mask:*;{LOUD}")
        bad, good = bar(at)["chips"]
        assert (bad["bad"], good["bad"]) == (True, False)
        assert f"{CROSS}.mask" in bad["note"]

    @pytest.mark.slow
    def test_broken_causality_is_said_and_leaves_no_steps(self) -> None:
        edits = "mask:decoder.*.self_attn:none"
        assert warnings(opened(edits=edits)) == [t("edit_bar_said.causality", "en")]
        for page in ("unfold", "forcing"):
            at = opened(f"decode/{page}.py", edits=edits)
            assert warnings(at) == [t("edit_bar_said.causality", "en"), t("edit_bar_said.no_steps", "en")]
            assert not {"player", "forcing"} & set(components(at))

    @pytest.mark.slow
    def test_a_bad_run_in_a_link_is_named(self) -> None:
        assert escape("backwards") in notes(opened(edits=OFF, run="backwards"))[0]


class TestRuns:
    @staticmethod
    def map_of(at: Any) -> Any:
        return maps(at)["map0"]["cells"]

    @pytest.mark.slow
    def test_each_run_is_drawn_and_the_panel_tells_all_three(self) -> None:
        edited, original = get_trace(Asked(MODEL, SOURCE, "", OFF)), get_trace(PLAIN)
        key = f"{CROSS}.out"
        link = {"edits": OFF, "stage": "out", "site": key, "cell": "1,0"}
        at = opened(run="difference", **link)
        np.testing.assert_allclose(self.map_of(at), edited[key] - original[key], atol=TOLD)
        panel = components(at)["explain"]["compared"]
        assert f"{edited[key][1, 0]:.4f}".replace("-", "−") in panel
        assert f"{original[key][1, 0]:.4f}".replace("-", "−") in panel
        np.testing.assert_allclose(self.map_of(opened(run="edited", **link)), edited[key], atol=TOLD)
        at = opened(run="original", **link)
        np.testing.assert_allclose(self.map_of(at), original[key], atol=TOLD)
        assert components(at)["explain"]["compared"] == ""
        assert bar(at)["run"] == "original"

    @pytest.mark.slow
    def test_the_badge_tells_what_was_edited_from_what_follows_from_it(self) -> None:
        trace = get_trace(Asked(MODEL, SOURCE, "", OFF))
        for name in ("z", "out"):
            key = f"{CROSS}.{name}"
            badge = components(opened(edits=OFF, stage=name, site=key, cell="1,0", lang="en"))["explain"]["badge"]
            if name == "z":
                assert badge == t("explain.edited", "en")
            else:
                off = row_difference(trace, key, (1, 0))
                name = "explain.recomputed" if off else "explain.recomputed_exactly"
                assert badge == t(name, "en", difference=f"{off:.0e}")

    @pytest.mark.slow
    def test_a_blocked_score_has_no_difference(self) -> None:
        at = opened(edits="forbid:decoder.2.self_attn:2-1", run="difference", block="self_attn", stage="scores")
        z = self.map_of(at)
        assert np.isinf(z[2, 1])
        assert np.isinf(z[0, 1])
        assert z[2, 0] == 0
        at = opened(edits="forbid:decoder.2.self_attn:2-1", run="difference", block="self_attn", stage="weights")
        assert self.map_of(at)[2, 1] < 0

    @pytest.mark.slow
    @pytest.mark.parametrize("page", ["unfold", "forcing", "search"])
    def test_the_decode_pages_play_the_edited_model(self, page: str) -> None:
        at = opened(f"decode/{page}.py", edits=LOUD)
        assert warnings(at) == []
        written = words(at)[2]
        if page == "unfold":
            assert components(at)["player"]["written"] == written
            assert components(at)["player"]["run"]["difference"] is None


@pytest.mark.slow
def test_what_is_taken_home_is_the_edited_run(tmp_path: Path) -> None:
    """The snippet computes the edited value again, and files name the edits."""
    asked, key = Asked(MODEL, SOURCE, "", LOUD), "encoder.1.out"
    found: dict[str, Any] = {}
    exec(snippet(get_model(MODEL).plan, MODEL, SOURCE, "", key, (1, 2), asked.edits), found)
    np.testing.assert_array_equal(found["value"], get_trace(asked)[key])
    assert found["trace"].edits == (LOUD,)
    np.testing.assert_allclose(found["recomputed"], found["value"], atol=1e-5)
    with np.load(BytesIO(npz_file(asked, key))) as file:
        assert str(file["edits"]) == LOUD
    (tmp_path / "trace.npz").write_bytes(trace_file(get_trace(asked)))
    assert Trace.load(tmp_path / "trace.npz").edits == (LOUD,)
    at = opened("explore/layer.py", edits=LOUD, layer=1)
    at.session_state["layer.export"] = True
    assert LOUD in sound(at.run()).code[0].value
