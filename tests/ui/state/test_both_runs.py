"""Pictures that follow from a run, of the edited run, the original, and their difference: numbers of two traces."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from figures.base.labels import number
from figures.explore.norm_story import spread
from figures.explore.positions import cosine_similarity
from figures.explore.stream_sizes import additions
from tests.ui.drawn import TOLD, drawn, maps, numbers, told
from tests.ui.opened import components, open_page
from transformer_core.glass.trace import Trace
from transformer_core.studies.logit_lens import lens_keys, read_early
from transformer_core.studies.order import compare_orders, words_reversed
from ui.frame.text import dotted, t
from ui.state.models import Asked, edits_of, get_model, get_trace

pytestmark = pytest.mark.slow

SOURCE = "我有一只猫"
EDITS = "zero:src_embed.pos:2;off:decoder.0.self_attn:1;no_residual:encoder.0.add1"
ASKED = Asked("zh-en", SOURCE, "", EDITS)
PATH = "decoder.0.self_attn"


def opened(page: str, run: str = "difference", **query: object) -> AppTest:
    return open_page(f"{page}.py", **{"lang": "en", "source": SOURCE, "layer": 0, "edits": EDITS, "run": run, **query})


def both() -> tuple[Trace, Trace]:
    """The edited run and the original."""
    return get_trace(ASKED), get_trace(ASKED.plain)


def captions(at: AppTest) -> list[str]:
    return [text.value for text in at.caption]


def is_difference(shown: dict[str, Any], edited: NDArray[Any], original: NDArray[Any]) -> None:
    assert_allclose(shown["cells"], edited - original, atol=TOLD)
    assert shown["low"] == -shown["high"] < 0
    assert shown["value"].endswith(t("edit_run.subtracted", "en"))


def test_what_heads_write_is_subtracted_and_one_run_is_drawn_alone() -> None:
    query = {"stack": "decoder", "block": "self_attn", "cell": "1,0"}
    edited, original = both()
    parts = [np.vstack([run[f"{PATH}.head_out"][:, 1], run.parameters[f"{PATH}.b_O"]]) for run in (edited, original)]
    lengths = [np.linalg.norm(run[f"{PATH}.head_out"].astype(float), axis=2) for run in (edited, original)]
    at = opened("explore/attention", **query, stage="out")
    shown = maps(at)["writes"]["cells"]
    assert_allclose(shown[: len(parts[0])], parts[0] - parts[1], atol=TOLD)
    assert np.isnan(shown[-2]).all()
    assert_allclose(shown[-1], edited[f"{PATH}.out"][1] - original[f"{PATH}.out"][1], atol=TOLD)
    at = opened("explore/attention", **query, stage="head_out")
    is_difference(maps(at)["writes_sizes"], *lengths)
    largest = number(float(np.abs(lengths[0] - lengths[1]).max()))
    assert dotted("edit_run.look", "en", largest=largest) in captions(at)
    at = opened("explore/attention", "edited", **query, stage="head_out")
    assert_allclose(maps(at)["writes_sizes"]["cells"], lengths[0], atol=1e-5)
    assert not any(t("edit_run.look", "en", largest="")[:20] in text.value for text in at.caption)


def test_cosines_are_subtracted_and_the_panel_tells_all_three() -> None:
    at = opened("explore/embedding", stage="similar", stack="encoder", alike="pos:2,3")
    cosines = [[cosine_similarity(run[f"src_embed.{name}"]) for run in both()] for name in ("pos", "out")]
    is_difference(maps(at)["alike_pos"], *cosines[0])
    is_difference(maps(at)["alike_out"], *cosines[1])
    one, other = (float(cosine[2, 3]) for cosine in cosines[0])
    fields = {"edited": number(one, 4), "original": number(other, 4), "difference": number(one - other, 4)}
    assert components(at)["explain"]["compared"] == t("edit_run.compared", "en", **fields)
    for run in ("edited", "original"):
        assert told(at).count(t(f"edit_told.{run}", "en", said="")) == 1


def test_a_cosine_of_nothing_is_said_not_to_be_defined() -> None:
    at = open_page("explore/embedding.py", lang="en", stack="encoder", stage="similar", edits="zero:src_embed.pos:1")
    panel, none = components(at)["explain"], t("similar.no_length", "en")  # of the pair 0, 1
    assert panel["badge"] == none
    assert "<mfrac>" not in panel["numbers"]
    assert none in told(at)
    at = open_page("explore/embedding.py", lang="en", stack="encoder", stage="similar", edits="zero:src_embed.pos:*")
    assert dotted("similar.twice", "en") not in told(at)


def test_sizes_of_both_runs_are_drawn_and_those_of_the_words_subtracted() -> None:
    lang = "zh"
    at = opened("explore/layer", stage="sizes", stack="encoder", lang=lang)
    sums = [additions(run, "encoder") for run in both()]
    bars = drawn(at)["sizes_mean"]["data"]
    for bar, run, what in zip(bars, (0, 0, 1, 1), ("before", "added") * 2, strict=True):
        assert_allclose(numbers(bar["x"]), [getattr(one, what).mean() for one in sums[run]], rtol=1e-5)
        assert (t("edit_run.original", lang) in bar["name"]) is bool(run)
    assert [bar["offsetgroup"] for bar in bars] == ["0", "1", "0", "1"]
    added = [np.stack([one.added for one in run]) for run in sums]
    assert_allclose(maps(at)["sizes_words"]["cells"], added[0] - added[1], atol=1e-5)
    assert dotted("edit_run.outlined", lang) in captions(at)
    assert len(drawn(opened("explore/layer", "edited", stage="sizes", stack="encoder"))["sizes_mean"]["data"]) == 2


def test_a_norm_shows_the_rows_of_both_runs() -> None:
    at = opened("explore/layer", stage="ln1", stack="encoder")
    strokes = drawn(at)["norm_spread"]["data"]
    keys = ("add1", "ln1.normalized", "ln1.out")
    rows = [spread(run[f"encoder.0.{key}"]) for run in both() for key in keys]
    for stroke, row in zip(strokes, rows, strict=True):
        assert_allclose(numbers(stroke["x"]), row.mean, atol=1e-6)
        assert_allclose(numbers(stroke["error_x"]["array"]), np.sqrt(row.var), rtol=1e-5)
    assert strokes[0]["opacity"] > strokes[3]["opacity"]


def test_units_are_those_of_the_edited_run_in_both() -> None:
    shown = maps(opened("explore/layer", stage="act", stack="encoder"))["units"]
    key = "encoder.0.ffn.act"
    lengths = np.linalg.norm(both()[0].parameters["encoder.0.ffn.W_2"].astype(float), axis=1)
    edited, original = (np.abs(run[key].astype(float)) * lengths for run in both())
    ids = np.argsort(-edited, axis=1, kind="stable")[:, :5]
    assert shown["texts"] == ids.astype(str).tolist()
    is_difference(
        {**shown, "value": t("edit_run.subtracted", "en")},
        *(np.take_along_axis(run, ids, 1) for run in (edited, original)),
    )
    silent = [(run[key] == 0).mean(axis=1) for run in both()]
    assert_allclose(shown["totals"]["shares"], silent[0], atol=1e-6)
    assert_allclose(shown["totals"]["before"], silent[1], atol=1e-6)
    assert shown["totals"]["texts"][0] == " → ".join(f"{100 * one[0]:.0f} %" for one in silent[::-1])
    assert f"{t('edit_run.original', 'en')}: " in shown["says"][0][0]


def test_words_to_come_have_what_the_edits_add_to_their_probability() -> None:
    at = opened("explore/output", stage="probs", cell="1,0")
    edited, original = both()
    grid = components(at)["word_grid"]
    assert grid["signed"]
    for row, probs, before in zip(grid["rows"], edited["head.probs"], original["head.probs"], strict=True):
        best = np.argsort(-probs, kind="stable")[:5]
        assert_allclose([cell["p"] for cell in row["cells"]], (probs - before)[best], atol=6e-6)
    dial = components(at)["temperature"]
    logits = np.frombuffer(base64.b64decode(dial["original"]["logits"]), dtype="<f4")
    assert_array_equal(logits, np.sort(original["head.logits"][1])[::-1])
    at = opened("explore/output", "edited", stage="probs")
    assert (components(at)["temperature"]["original"], components(at)["word_grid"]["signed"]) == (None, False)


def test_after_each_layer_the_word_of_the_original_is_named_where_it_was_another() -> None:
    grid = components(opened("explore/output", stage="layers"))["word_grid"]
    edited, original = both()
    keys, differ = lens_keys(edited.plan), 0
    for j, key in enumerate(keys):
        now, then = read_early(edited, key), read_early(original, key)
        for i, row in enumerate(grid["rows"]):
            best = int(now[i].argmax())
            assert row["cells"][j]["p"] == pytest.approx(now[i, best] - then[i, best], abs=6e-6)
            assert ("was" in row["cells"][j]) is (best != int(then[i].argmax()))
            differ += "was" in row["cells"][j]
    assert 0 < differ < len(keys) * len(grid["rows"])


class TestOrder:
    def test_it_runs_under_the_edits(self) -> None:
        glass = get_model("zh-en")
        order = words_reversed(6)
        edited, original = (compare_orders(glass, SOURCE, order, edits=edits_of(run)) for run in (ASKED, ASKED.plain))
        assert_allclose(edited.with_positions.original, both()[0]["encoder.out"], atol=1e-5)
        at = opened("explore/embedding", stage="order", stack="encoder", positions=1)
        now, then = edited.with_positions, original.with_positions
        changes = {name: getattr(now, name) - getattr(then, name) for name in ("original", "other")}
        changes["difference"] = changes["other"] - changes["original"]
        for name, change in changes.items():
            assert_allclose(maps(at)[f"embedding.{name}"]["cells"], change, atol=TOLD)
        moved = [numbers(bar["x"]) for bar in drawn(at)["embedding.distances"]["data"]]
        for bar, outputs in zip(moved[::2], (now, then), strict=True):
            assert_allclose(bar, outputs.distances, rtol=1e-5)
        assert dotted("order.edited", "en") in captions(at)
        at = opened("explore/embedding", "edited", stage="order", stack="encoder", positions=1)
        assert_allclose(maps(at)["embedding.other"]["cells"], now.other, atol=TOLD)

    def test_edits_of_the_decoder_leave_it_as_it_is_and_it_says_so(self) -> None:
        at = opened("explore/embedding", "edited", stage="order", stack="encoder", edits="drop:target:2")
        assert dotted("order.not_edited", "en") in captions(at)
        assert_allclose(maps(at)["embedding.original"]["cells"], _without_positions(), atol=TOLD)


def _without_positions() -> NDArray[Any]:
    return compare_orders(get_model("zh-en"), SOURCE, words_reversed(6)).without_positions.original
