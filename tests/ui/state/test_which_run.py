"""Every page says which run it shows: both ways to mask of both runs, decodings of one, and what no edit changes."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from figures.learn.mask_leak import mask_both_ways
from tests.ui.drawn import maps, told
from tests.ui.opened import components
from tests.ui.state.test_both_runs import ASKED, PATH, SOURCE, both, captions, opened
from ui.frame.text import dotted, t
from ui.state.models import Asked, get_trace

pytestmark = pytest.mark.slow


class TestMaskLeak:
    @pytest.mark.parametrize("page", ["explore/attention", "learn/masks"])
    def test_both_ways_are_subtracted_and_told_of_both_runs(self, page: str) -> None:
        edits = "temperature:decoder.0.self_attn:1:3;zero:tgt_embed.pos:2"
        at = opened(page, edits=edits, stage="scores", stack="decoder", block="self_attn", head=1)
        asked = Asked("zh-en", SOURCE, "", edits)
        ways = [
            mask_both_ways(get_trace(run)[f"{PATH}.scores_scaled"][1], get_trace(run)[f"{PATH}.mask"])
            for run in (asked, asked.plain)
        ]
        for key, way in (("mask_added", "added"), ("mask_multiplied", "multiplied")):
            edited, original = (getattr(run, way) for run in ways)
            shown, allowed = maps(at)[key], ways[0].allowed
            assert_allclose(shown["cells"][allowed], (edited - original)[allowed], atol=1e-6)
            assert np.isinf(shown["cells"][~allowed]).all()
            assert_allclose(shown["totals"]["shares"], edited.sum(axis=1), atol=1e-6)
            assert_allclose(shown["totals"]["before"], original.sum(axis=1), atol=1e-6)
        assert_allclose(ways[0].added, get_trace(asked)[f"{PATH}.weights"][1], atol=1e-5)
        assert dotted("mask_leak.not_the_model", "en") not in captions(at)
        for run in ("edited", "original"):
            assert told(at).count(t(f"edit_told.{run}", "en", said="")) == 2

    def test_what_an_edit_makes_untrue_is_not_said(self) -> None:
        query = {"run": "edited", "stage": "scores", "stack": "decoder", "block": "self_attn", "head": 1}
        at = opened("explore/attention", edits=f"attend:{PATH}:1:3:0", **query)
        assert dotted("mask_leak.not_the_model", "en") in captions(at)
        at = opened("explore/attention", edits=f"mask:{PATH}:none", **query)
        assert dotted("mask_leak.nothing_edited", "en") in told(at)
        ahead = t("mask_leak.leaked_ahead", "en").partition("{")[0]
        assert ahead in told(opened("explore/attention", edits=f"allow:{PATH}:0-2", **query))
        # A closed first column is no place where another word could change what came before.
        assert ahead not in told(opened("explore/attention", edits=f"forbid:{PATH}:1-0,2-0,3-0,4-0,5-0", **query))


class TestOneRun:
    """Where only one run can be shown, the page says which."""

    @pytest.mark.parametrize(
        ("page", "lang", "run", "says"),
        [
            ("unfold", "zh", "edited", "decoding"),
            ("unfold", "en", "original", ""),
            ("forcing", "en", "edited", "decoding"),
            ("search", "zh", "difference", "decoding_difference"),
        ],
    )
    def test_decodings_are_those_of_the_edited_model(self, page: str, lang: str, run: str, says: str) -> None:
        found = captions(opened(f"decode/{page}", run, lang=lang))
        for key in ("decoding", "decoding_difference"):
            assert (dotted(f"edit_run.{key}", lang) in found) is (key == says)
        assert (dotted("edit_run.without", lang) in found) is (page == "forcing")

    def test_the_player_says_where_the_words_part(self) -> None:
        at = opened("decode/unfold", edits="no_residual:encoder.0.add1")
        edited, original = components(at)["player"]["written"], get_trace(ASKED.plain).written_tokens
        step = next(i for i, words in enumerate(zip(edited, original, strict=False)) if words[0] != words[1])
        words = {"edited": edited[step], "original": original[step]}
        assert dotted("edit_run.parting", "en", step=step, **words) in captions(at)
        at = opened("decode/unfold", edits="temperature:decoder.2.cross_attn:0:1.01")
        assert dotted("edit_run.same_words", "en") in captions(at)
        parting = t("edit_run.parting", "en", step="", edited="", original="")[:20]
        assert not any(parting in said for said in captions(opened("decode/unfold", target="I have a cat .")))

    def test_what_runs_without_edits_says_so(self) -> None:
        assert captions(opened("learn/masks")).count(t("edit_run.without", "en")) == 1
        assert captions(opened("learn/what_if")).count(t("edit_run.without", "en")) == 2
        assert dotted("edit_run.without", "en") not in captions(opened("learn/masks", edits=""))

    def test_what_no_edit_changes_is_shown_as_it_is(self) -> None:
        at = opened("explore/embedding", stage="tokens", stack="encoder")
        assert_array_equal(maps(at)["map0"]["cells"][:, 0], both()[0]["src_embed.tokens"])
        same = t("edit_run.same", "en")
        assert same in components(at)["heading"]["lines"][0]["look"]
        assert same in captions(opened("explore/layer", stage="ln1", stack="encoder"))

    def test_measures_of_heads_and_points_of_positions(self) -> None:
        assert dotted("edit_run.heads", "en") in captions(opened("explore/heads"))
        assert dotted("curve.edited", "en") in captions(opened("explore/embedding", stage="pos", stack="encoder"))
