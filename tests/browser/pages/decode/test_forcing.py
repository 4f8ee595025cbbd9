"""Teacher forcing beside own words in a real Chromium: one slider, the address, the place where the two part."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from ui.frame.text import t

SOURCE, REFERENCE = "汤姆昨天买了一本书。", "Yesterday, Tom bought a book."
LAST = 7


def expect_step(page: Page, step: int, lang: str = "en") -> None:
    expect(page.locator(".count")).to_have_text(t("forcing_words.count", lang, step=step, last=LAST))
    expect(page).to_have_url(re.compile(rf"[?&]step={step}(&|$)"))
    for side in ("forced", "own"):
        expect(page.locator(f".{side} tr.now .at")).to_have_text(str(step))


def test_one_slider_moves_both_and_marks_where_they_part(visit: Visit) -> None:
    page = visit.go("forcing", lang="en", source=SOURCE, target=REFERENCE)
    expect_step(page, 0)
    heights = page.locator(".sides").evaluate(
        "(sides) => [...sides.querySelectorAll('tr')].map((row) => row.offsetTop)"
    )
    mark = page.locator(".own .mark")
    expect(page.locator(".says")).to_contain_text("Yesterday")
    assert mark.evaluate("(row) => getComputedStyle(row).visibility") == "hidden"
    page.locator("button.next").click()
    expect_step(page, 1)
    expect(mark).to_have_text(t("forcing_words.mark_own", "en"))
    assert mark.evaluate("(row) => getComputedStyle(row).visibility") == "visible"
    page.keyboard.press("End")
    expect_step(page, LAST)
    page.keyboard.press("ArrowLeft")
    expect_step(page, LAST - 1)
    expect(page.locator(".own tr.now .nats")).to_have_count(1)
    slider = page.locator("input[type=range]")
    slider.fill("2")
    expect_step(page, 2)
    expect(page.locator(".own tr.later .chip").first).to_have_css("color", "rgba(0, 0, 0, 0)")
    after = page.locator(".sides").evaluate("(sides) => [...sides.querySelectorAll('tr')].map((row) => row.offsetTop)")
    assert after == heights
    # A right word is a handle of the word on top of the page: where it is the answer, and where it is read.
    right = page.locator(".forced tr.now td").nth(2).locator(".chip")
    right.hover()
    expect(page.locator(".st-key-words .lit")).to_have_text([right.inner_text()])
    expect(page.locator(".forced .chip.lit")).to_have_text([right.inner_text()] * 2)


def test_it_plays_to_its_end_and_a_link_opens_at_its_step_in_chinese(visit: Visit) -> None:
    page = visit.go("forcing", lang="zh", source=SOURCE, target=REFERENCE, step=6)
    expect_step(page, 6, "zh")
    play = page.locator("button.play")
    expect(play).to_have_text(t("forcing_words.play", "zh"))
    play.click()
    expect(play).to_have_text(t("forcing_words.pause", "zh"))
    expect_step(page, LAST, "zh")
    expect(play).to_have_text(t("forcing_words.play", "zh"))


def test_an_example_that_parts_is_one_click_away(visit: Visit) -> None:
    page = visit.go("forcing", lang="en", source="我有一只猫")
    expect(page.locator(".mark")).to_have_count(0)
    page.get_by_role("button", name=t("bar.examples", "en")).click()
    page.get_by_text(f"{SOURCE} → {REFERENCE}").click()
    expect(page.locator(".own .mark")).to_have_count(1)
    expect_step(page, 0)
    visit.expect_query(source=SOURCE, target=REFERENCE)


def test_a_training_that_one_starts_is_seen_and_stopped_by_another(visit: Visit, visits: Callable[..., Visit]) -> None:
    mine = visit.go("forcing", lang="en", source="猫")
    expect(mine.get_by_text(t("training_ways.recorded", "en").split("**")[1])).to_be_visible()
    mine.get_by_role("button", name=t("live_training.start", "en")).click()
    bar = mine.get_by_test_id("stProgress")
    expect(bar).to_contain_text(re.compile(r"update [1-9]\d* of"))  # it goes on without a click
    other = visits()
    theirs = other.go("forcing", lang="zh", source="我有一只猫")
    expect(theirs.get_by_test_id("stProgress")).to_be_visible()
    expect(theirs.get_by_role("button", name=t("live_training.start", "zh"))).to_have_count(0)
    theirs.get_by_role("button", name=t("live_training.stop", "zh")).click()
    expect(theirs.get_by_role("button", name=t("live_training.start", "zh"))).to_be_visible()
    expect(mine.get_by_role("button", name=t("live_training.start", "en"))).to_be_visible()
    expect(mine.get_by_text(t("live_training.stopped", "en").replace("**", ""))).to_be_visible()
    assert other.errors == []
    other.leave()
