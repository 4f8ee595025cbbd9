"""A lecture without any preparation, counted: ten things are shown in few clicks and without a scroll."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit
from ui.frame.text import t
from ui.state.examples import parting_pairs

MODEL, SENTENCE = "en-fr", "My sister drinks a glass of milk ."
MOST = 14  # clicks and keys; steps with the arrows are apart
_SCROLLED = "Math.max(scrollY, ...[...document.querySelectorAll('[data-testid=stMain]')].map((all) => all.scrollTop))"


@dataclass
class Lecturer:
    """Who shows the app to a class: each click and key counts, and what is clicked has to be in sight already."""

    page: Page
    did: list[str] = field(default_factory=list)

    def click(self, what: Locator, told: str = "", position: tuple[float, float] | None = None) -> None:
        box = what.bounding_box()
        assert box is not None, told
        size = self.page.viewport_size
        assert size is not None
        assert 0 <= box["y"], told
        assert box["y"] + (box["height"] if position is None else position[1]) <= size["height"], told
        what.click(position=None if position is None else {"x": position[0], "y": position[1]})
        self._have(told)

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self._have(key)

    def step(self, visit: Visit, *stages: str) -> None:
        """Go on with the arrow, one stage after the other."""
        for stage in stages:
            self.page.keyboard.press("ArrowRight")
            visit.expect_query(stage=stage)
            settle(self.page, PATIENCE)

    def menu(self, section: str, name: str) -> None:
        self.click(self.page.get_by_test_id("stTopNavSection").filter(has_text=t(f"menu.{section}", "en")), section)
        link = self.page.get_by_test_id("stTopNavDropdownLink").get_by_text(t(f"page.{name}", "en"), exact=True)
        expect(link).to_be_visible()
        self.click(link, name)
        self.page.wait_for_url(re.compile(rf"/{name}\?"))
        settle(self.page, PATIENCE)

    def go_on(self, name: str) -> None:
        """Take the way on at the foot of the page."""
        self.click(self.page.locator(".st-key-path .next"), f"next: {name}")
        self.page.wait_for_url(re.compile(rf"/{name}\?"))
        settle(self.page, PATIENCE)

    def _have(self, told: str) -> None:
        settle(self.page, PATIENCE)
        self.did.append(told)
        assert self.page.evaluate(_SCROLLED) == 0, f"scrolled by {self.did}"


def in_sight(page: Page, what: Locator) -> None:
    """Its top and at least 40 of its pixels are on the screen."""
    expect(what).to_be_visible()
    box, size = what.bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    assert 0 <= box["y"] <= size["height"] - 44 - min(box["height"], 40)


@pytest.mark.parametrize("visit", [{"viewport": {"width": 1280, "height": 720}}], indirect=True)
def test_ten_things_are_shown_in_few_clicks_without_a_scroll(visit: Visit) -> None:
    page = visit.go("", lang="en", model=MODEL)
    lecturer = Lecturer(page)
    # 1: a sentence is typed
    lecturer.click(page.locator(".st-key-words .word").first, "the sentence")
    page.keyboard.type(SENTENCE)
    lecturer.press("Enter")
    visit.expect_query(source=SENTENCE)
    # 2: inside attention, at Q, K and V
    lecturer.click(page.locator(".st-key-path ol a").nth(3), "stop 4")
    page.wait_for_url(re.compile(r"/attention\?"))
    settle(page, PATIENCE)
    visit.expect_query(stage="q", source=SENTENCE)
    pictures = page.locator(".st-key-stacked [data-picture]")
    expect(pictures).to_have_count(3)
    for number in range(3):
        in_sight(page, pictures.nth(number))
    # 3, 4 and 6: q times k, the mask of the decoder, and the softmax, step by step
    lecturer.step(visit, "scores_raw")
    in_sight(page, page.locator("[data-picture] canvas").first)
    lecturer.step(visit, "scores_scaled", "mask")
    expect(page.locator(".st-key-choosers")).to_contain_text(t("choose.decoder_self_attn", "en"))
    in_sight(page, page.locator("[data-picture] canvas").first)
    lecturer.step(visit, "scores", "weights")
    # 5: a cell is explained
    cells = page.locator("[data-picture] .cells").first
    box = cells.bounding_box()
    assert box is not None
    rows, columns = (int(cells.get_attribute(f"data-{name}") or 0) for name in ("rows", "columns"))
    lecturer.click(cells, "a cell", (box["width"] / columns / 2, box["height"] * (rows - 0.5) / rows))
    visit.expect_query(cell=f"{rows - 1},0")
    # 7: the decoding plays
    lecturer.click(page.locator(".st-key-path ol a").nth(6), "stop 7")
    page.wait_for_url(re.compile(r"/unfold\?"))
    settle(page, PATIENCE)
    lecturer.click(page.locator("button.play"), "play")
    expect(page.locator("button.play")).to_have_text(t("player.pause", "en"))
    # 8: where teacher forcing and the model's own words part
    lecturer.go_on("forcing")
    lecturer.click(page.get_by_role("button", name=t("bar.examples", "en")), "examples")
    lecturer.click(page.get_by_text(" → ".join(parting_pairs(MODEL)[0])), "an example that parts")
    expect(page.locator(".own .mark.unseen")).to_have_count(1)
    while page.locator(".own .mark.unseen").count():
        page.keyboard.press("ArrowRight")
    in_sight(page, page.locator(".own .mark"))
    # 9: the beam at its first step
    lecturer.go_on("search")
    expect(page.locator(".count")).to_have_text(re.compile(r"\b1 / "))
    in_sight(page, page.locator("svg .node").first)
    # 10: a cross-attention off, and what that does on the map
    lecturer.menu("learn", "what_if")
    lecturer.click(page.get_by_text(t("experiment.block", "en"), exact=True), "cross-attention off")
    visit.expect_query(edits="off:decoder.2.cross_attn:0,1,2,3")  # the way on leads to what is drawn
    lecturer.go_on("")
    visit.expect_query(edits="off:decoder.2.cross_attn:0,1,2,3", run="difference")
    in_sight(page, page.locator("[data-picture]").first)
    assert len(lecturer.did) <= MOST, lecturer.did
