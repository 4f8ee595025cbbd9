"""The mask laboratory in a real Chromium: a mask drawn by mouse and keyboard, presets, a refused row, a link."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit
from ui.frame.text import t
from ui.learn.masks.choice import MaskChoice, write
from ui.state.models import DEFAULT_MODEL, Asked, get_trace

PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True, "is_mobile": True}
SOURCE = "他每天喝茶。"
SELF = {"source": SOURCE, "stack": "decoder", "block": "self_attn", "layer": 0}
N = 7
CAUSAL = tuple("1" * (i + 1) + "0" * (N - i - 1) for i in range(N))


def cell(page: Page, row: int, column: int) -> Locator:
    return page.locator(f"td[data-row='{row}'][data-column='{column}']")


def drawn(*changes: tuple[int, int]) -> str:
    """The link's text for the causal mask with these cells turned over."""
    rows = [list(row) for row in CAUSAL]
    for i, j in changes:
        rows[i][j] = "0" if rows[i][j] == "1" else "1"
    return write(MaskChoice("own", drawn=tuple("".join(row) for row in rows)))


def test_a_mask_is_drawn_by_mouse_and_keyboard_and_the_words_follow(visit: Visit) -> None:
    page = visit.go("masks", lang="en", **SELF)
    expect(page.get_by_text(t("masks.untouched", "en"))).to_be_visible()
    cell(page, 2, 4).click()
    expect(cell(page, 2, 4)).to_have_class("open other")
    visit.expect_query(mask=drawn((2, 4)))
    expect(page.get_by_text(t("masks.leak_title", "en"))).to_be_visible()
    expect(page.get_by_text(t("masks.untouched", "en"))).to_have_count(0)
    # Dragged over a column: each cell becomes what the first did.
    cell(page, 4, 0).hover()
    page.mouse.down()
    for row in (5, 6):
        cell(page, row, 0).hover()
    page.mouse.up()
    visit.expect_query(mask=drawn((2, 4), (4, 0), (5, 0), (6, 0)))
    settle(page, PATIENCE)
    # By keyboard: from (6, 0) up and right, and two cells turned over.
    cell(page, 6, 0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(cell(page, 5, 1)).to_be_focused()
    expect(cell(page, 5, 1)).to_have_attribute("aria-label", re.compile(re.escape(t("mask_grid.changed", "en"))))
    visit.expect_query(mask=drawn((2, 4), (4, 0), (5, 0), (6, 0), (6, 1), (5, 1)))
    expect(cell(page, 5, 1)).to_be_focused()  # the run that followed took nothing away
    # A word on top of the page is a handle of its row and its column.
    page.locator(".st-key-words .line").nth(1).locator(".word").nth(1).hover()
    expect(page.locator(".st-key-mask_drawing th.lit")).to_have_count(2)
    expect(page.locator("td.lit[data-row='2']")).to_have_count(N)
    expect(page.locator("td.lit[data-column='2']")).to_have_count(N)


def test_a_row_that_would_see_nothing_is_refused_and_the_drawing_stays(visit: Visit) -> None:
    page = visit.go("masks", lang="zh", mask=drawn((1, 0)), **SELF)
    last = cell(page, 1, 1)
    expect(last).to_have_class("open")
    expect(cell(page, 1, 0)).to_have_class("shut other")
    last.click()
    expect(page.locator(".told")).to_have_class("told no")
    expect(page.locator(".told")).to_have_text(t("mask_grid.refused", "zh", row="1 He"))
    expect(last).to_have_class("open")
    page.get_by_role("radio", name=t("mask_preset.none", "zh")).click()
    visit.expect_query(mask="none")
    expect(page.locator("td.shut")).to_have_count(0)
    rows = page.locator("td.note")
    expect(rows).to_have_count(N)
    assert any(len(set(text.split(" → "))) == 2 for text in rows.all_text_contents())
    page.get_by_role("radio", name=t("mask_preset.own", "zh")).click()
    visit.expect_query(mask=drawn((1, 0)))
    expect(cell(page, 1, 0)).to_have_class("shut other")


@pytest.mark.parametrize("visit", [PHONE], indirect=True, ids=["phone"])
def test_a_finger_reads_a_number_before_it_leads_on(visit: Visit) -> None:
    page = visit.go("masks", lang="zh", **SELF)
    untouched = page.locator(".st-key-masks_before")
    expect(untouched.locator(".hint")).to_have_text(t("heatmap_words.tap_twice", "zh"))
    cells = untouched.locator(".cells")
    cells.scroll_into_view_if_needed()
    size = cells.bounding_box()
    assert size is not None
    place = {"x": size["width"] * 2.5 / N, "y": size["height"] * 4.5 / N}
    cells.tap(position=place)
    weight = get_trace(Asked(DEFAULT_MODEL, SOURCE, ""))["decoder.0.self_attn.weights"][0, 4, 2]
    expect(untouched.locator(".tip")).to_contain_text(f"= {weight:.4f}")
    cells.tap(position=place)
    page.wait_for_url(re.compile(r"/attention\?"))
    visit.expect_query(cell="4,2", site="decoder.0.self_attn.weights")
    settle(page, PATIENCE)
