"""Formulas in a real Chromium: drawn by our own copy of KaTeX with its fonts, and never cut before their result."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import OFTEN, settle
from tests.browser.conftest import PATIENCE, Visit
from ui.frame.text import t
from ui.parts.modules import PLACE

SOURCE = "汤姆昨天买了一本书。"
STAGES = ("q", "scores_raw", "scores_scaled", "scores", "weights", "z", "head_out", "out")
_CUT = """() => {
  const panel = [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
    .map((place) => place.shadowRoot.querySelector(".explain")).find(Boolean);
  return [...panel.querySelectorAll(".formula")].filter((line) => line.scrollWidth > line.clientWidth + 1)
    .map((line) => line.textContent.slice(0, 60));
}"""


@pytest.mark.parametrize("visit", [{"viewport": {"width": 1280, "height": 720}}], indirect=True)
def test_no_formula_is_cut_and_its_result_is_in_sight(visit: Visit) -> None:
    fonts: set[str] = set()
    visit.page.on("response", lambda answer: fonts.add(answer.url) if f"/{PLACE}/" in answer.url else None)
    cut, page = {}, visit.go("attention", lang="en", source=SOURCE, stage=STAGES[0], layer=2, head=0)
    for stage in STAGES:
        while visit.query()["stage"] != stage:  # two stops between have no formula
            before = visit.query()["stage"]
            page.get_by_role("button", name=t("stage.next", "en")).click()
            page.wait_for_function(
                "(old) => new URLSearchParams(location.search).get('stage') !== old", arg=before, polling=OFTEN
            )
        settle(page, PATIENCE)
        line = page.locator(".explain .formula.numbers .katex")
        expect(line).to_have_count(1)
        total = page.locator(".explain tr.total td").filter(has_text=re.compile(r"\d|∞"))
        shown = str(line.locator(".katex-html").text_content()).rpartition("=")[2]
        assert shown.strip("\u200b \u2009")[:4] in str(total.text_content()).replace("\N{MINUS SIGN}", "−"), stage
        if found := page.evaluate(_CUT):
            cut[stage] = found
    assert cut == {}
    assert any("KaTeX_Main-Regular" in url for url in fonts)
    assert page.evaluate("[...document.fonts].filter((face) => face.status === 'error').length") == 0


def test_the_sentence_stands_above_the_formula_and_the_key_is_small_print(visit: Visit) -> None:
    page = visit.go("attention", lang="zh", source=SOURCE, stage="weights", layer=2, head=0)
    sentence, formula, key = (page.locator(f".explain .{name}").first for name in ("sentence", "formula", "place"))
    above, below = sentence.bounding_box(), formula.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] <= below["y"]
    sizes = [float(one.evaluate("(e) => parseFloat(getComputedStyle(e).fontSize)")) for one in (sentence, key)]
    assert sizes[0] > 1.3 * sizes[1]
