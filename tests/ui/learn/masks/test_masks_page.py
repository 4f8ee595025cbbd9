"""The mask laboratory as a session sees it: presets, the drawn mask, what is measured, and links that make no sense."""

from __future__ import annotations

import math

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from figures.learn.mask_lab import effect
from figures.learn.peeking import CURVES
from tests.ui.drawn import drawn, maps
from tests.ui.drawn import told as said
from tests.ui.opened import ONE_LANGUAGE, components, notes, open_page, sound, type_source, warnings
from ui.frame.text import dotted, escape, t
from ui.learn.masks.choice import MaskChoice, as_rows, write
from ui.learn.masks.runs import masked_run
from ui.state.models import DEFAULT_MODEL, Asked, get_trace

PAGE, SOURCE = "learn/masks.py", "他每天喝茶。"
SELF = {"stack": "decoder", "block": "self_attn", "layer": 0}
OWN = ("1000000", "0100000", "1110000", "1010000", "1111111", "1111110", "1111111")
OWN_AS_EDITS = "allow:decoder.*.self_attn:4-5,4-6;forbid:decoder.*.self_attn:1-0,3-1,3-3"
ASKED, PATH = Asked(DEFAULT_MODEL, SOURCE, ""), "decoder.0.self_attn"


def grid(at: AppTest) -> list[str]:
    return list(components(at)["mask_grid"]["allowed"])


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_nothing_changes_until_the_mask_does(lang: str) -> None:
    at = open_page(PAGE, lang=lang, source=SOURCE, **SELF)
    assert dotted("masks.untouched", lang) in [caption.value for caption in at.caption]
    assert grid(at) == list(as_rows(get_trace(ASKED)[f"{PATH}.mask"]))
    assert dotted("masks.leak_title", lang) not in said(at)
    assert not maps(at)["masks_difference"]["cells"].any()
    assert "mask" not in components(at)["address"]["query"]
    assert dotted("padding.title", lang) in said(at)
    assert dotted("mask_leak.title", lang) in said(at)


@pytest.mark.slow
def test_an_open_future_is_told_with_what_the_model_makes_of_it() -> None:
    at = open_page(PAGE, lang="en", source=SOURCE, **SELF)
    sound(at.button_group(key="masks.preset").set_value("none").run())
    n = len(grid(at))
    assert grid(at) == ["1" * n] * n
    found = effect(get_trace(ASKED), masked_run(ASKED, (PATH,), tuple(grid(at))))
    assert dotted("masks.leak_look", "en", n=n * (n - 1) // 2) in said(at)
    up = found.after.mean() > found.before.mean()
    p = {"p": f"{100 * found.before.mean():.1f} %", "p_then": f"{100 * found.after.mean():.1f} %"}
    assert dotted("masks.leak_up" if up else "masks.leak_down", "en", **p) in said(at)
    assert components(at)["address"]["query"]["mask"] == "none"
    weights = maps(at)["masks_after"]["cells"]
    np.testing.assert_allclose(weights, masked_run(ASKED, (PATH,), tuple(grid(at)))[f"{PATH}.weights"][0], rtol=1e-5)
    sound(at.button_group(key="choose_mask_layers").set_value("all").run())
    assert components(at)["address"]["query"]["mask_layers"] == "all"
    assert masked_run(ASKED, tuple(f"decoder.{i}.self_attn" for i in range(3)), tuple(grid(at))).edited == tuple(
        f"decoder.{i}.self_attn.mask" for i in range(3)
    )


@pytest.mark.slow
def test_a_window_has_a_width_and_what_was_drawn_is_kept() -> None:
    at = open_page(PAGE, lang="en", source=SOURCE, mask=write(MaskChoice("own", drawn=OWN)), **SELF)
    assert (notes(at), grid(at)) == ([], list(OWN))
    sound(at.button_group(key="masks.preset").set_value("window").run())
    sound(at.number_input(key="masks.width").set_value(0).run())
    assert grid(at) == ["".join("1" if i == j else "0" for j in range(7)) for i in range(7)]
    assert components(at)["address"]["query"]["mask"] == "window-0"
    sound(at.button_group(key="masks.preset").set_value("own").run())
    assert grid(at) == list(OWN)
    assert components(at)["address"]["query"]["mask"] == write(MaskChoice("own", drawn=OWN))
    sound(at.button_group(key="masks.preset").set_value("causal").run())
    assert "mask" not in components(at)["address"]["query"]


@pytest.mark.slow
@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_a_row_that_would_see_nothing_is_refused_and_the_run_goes_on(lang: str) -> None:
    at = open_page(PAGE, lang=lang, source="猫", target="I have a small cat and two dogs.", mask="window-0", layer=1)
    assert warnings(at) == [f"{t('error.blocked_row', lang, row=2)} {t('masks.refused', lang)}"]
    assert set("".join(grid(at))) == {"1"}
    type_source(at, "我有一只猫和两只很小的狗")
    assert warnings(at) == []


@pytest.mark.slow
@pytest.mark.parametrize("mask", ["all", "own-2x2-AAAA", "<b>", "window-99"])
def test_a_mask_that_makes_no_sense_is_said_once(mask: str) -> None:
    at = open_page(PAGE, lang="en", source=SOURCE, mask=mask, mask_layers="some", **SELF)
    used = {"mask": t("link.default", "en"), "mask_layers": "one"}
    given = {"mask": mask, "mask_layers": "some"}
    assert notes(at)[:2] == [
        t("link.bad", "en", name=name, value=escape(given[name]), used=escape(used[name])) for name in given
    ]
    assert grid(at)[0].startswith("10")
    sound(at.button_group(key="masks.preset").set_value("none").run())
    assert notes(at) == []


@pytest.mark.slow
def test_the_longest_sentences_are_drawn_and_have_no_room_for_padding() -> None:
    at = open_page(
        PAGE, lang="en", source="猫" * 63, target=" ".join(["cat"] * 63), mask="none", mask_value="z", **SELF
    )
    assert warnings(at) == []
    assert len(grid(at)) == 64
    assert dotted("padding.no_room", "en", limit=64) in said(at)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_two_models_are_trained_when_the_reader_asks(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.learn.masks.peeking.N_STEPS", 20)  # what they learn has its own test in the core
    at = open_page(PAGE, lang=lang, source=SOURCE, **SELF)
    assert "peeking_curves" not in drawn(at)
    sound(at.button(key="peeking_start").click().run())
    curves = drawn(at)["peeking_curves"]["data"]
    assert [len(curve["x"]) for curve in curves] == [2, 2, 2]
    last = [math.exp(-curve["y"][-1]) for curve in curves]
    shares = {name: f"{100 * p:.1f} %" for name, p in zip(CURVES, last, strict=True)}
    assert dotted("peeking.told", lang, steps=20, chance="12.5 %", **shares) in said(at)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mask", "text"),
    [
        ("none", "mask:decoder.*.self_attn:none"),
        ("window-1", "mask:decoder.*.self_attn:window:1"),
        (write(MaskChoice("own", drawn=OWN)), OWN_AS_EDITS),
    ],
)
def test_the_mask_becomes_an_edit_of_all_pages(mask: str, text: str) -> None:
    at = open_page(PAGE, lang="en", source=SOURCE, mask=mask, mask_layers="all", **SELF)
    before = grid(at)
    sound(at.button(key="mask_everywhere").click().run())
    edits = at.session_state["edits"]
    assert edits == text
    paths = tuple(f"decoder.{i}.self_attn" for i in range(3))
    edited, drawn_here = get_trace(Asked(DEFAULT_MODEL, SOURCE, "", edits)), masked_run(ASKED, paths, tuple(before))
    assert edited.edited == drawn_here.edited
    for path in paths:
        np.testing.assert_array_equal(edited[f"{path}.mask"], drawn_here[f"{path}.mask"])
    assert grid(at) == before  # the laboratory goes on from the run without edits


@pytest.mark.slow
def test_its_own_mask_is_no_edit() -> None:
    at = open_page(PAGE, lang="en", source=SOURCE, **SELF)
    assert at.button(key="mask_everywhere").disabled
