"""Edits in a real Chromium: an experiment, its switch by keys, the three runs, a deep link, both languages."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.app import OFTEN, fold, settle, unfold
from tests.browser.conftest import Visit
from ui.frame.text import t

SOURCE = "我有一只猫"
PATCH = "patch:encoder.out:4:我有一只狗"
RESIDUAL = "no_residual:encoder.0.add1"

# Wait until an element has stood still for a while.
RESTS = """(element) => new Promise((done) => {
  let last = "", frames = 0;
  const look = () => {
    const { x, y } = element.getBoundingClientRect(), now = `${x} ${y}`;
    frames = now === last ? frames + 1 : 0;
    last = now;
    if (frames > 20) done(); else requestAnimationFrame(look);
  };
  look();
})"""


def written(page: Page) -> list[str]:
    """The words of the last line: what the model, or the edited model, writes."""
    return page.locator(".line").last.locator(".word").all_inner_texts()


def runs(page: Page, lang: str, run: str) -> None:
    chosen = page.locator(".edits .run[aria-pressed=true]")
    expect(chosen).to_have_text(t(f"edit_run.{run}", lang))


def test_an_experiment_is_switched_off_and_on_and_followed_to_the_difference(visit: Visit) -> None:
    page = visit.go("what_if", lang="en", source=SOURCE)
    expect(page.locator(".edits")).to_have_count(0)
    page.get_by_text(t("experiment.patch", "en"), exact=True).click()
    expect(page.locator(".line")).to_have_count(3)
    assert written(page) == ["I", "have", "a", "dog", ".", "</s>"]
    visit.expect_query(edits=PATCH)
    unfold(page, "edits_chip")
    box = page.locator(".chip input")
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator(".chip.off")).to_have_count(1)
    expect(page.locator(".line")).to_have_count(2)
    assert written(page)[3] == "cat"
    visit.expect_query(edits=f"-{PATCH}")
    expect(box).to_be_focused()  # the bar was drawn anew, and the keys go on where they were
    page.keyboard.press("Space")
    expect(page.locator(".line")).to_have_count(3)
    fold(page)
    page.locator("[class*=st-key-what_if_encoder]").scroll_into_view_if_needed()
    last = page.locator("[class*=st-key-what_if_encoder] canvas").first
    size = last.bounding_box()
    assert size is not None
    last.click(position={"x": size["width"] * 4.5 / 6, "y": size["height"] - 12})  # encoder.out at the copied word
    page.wait_for_url(re.compile(r"/(output|layer)\?"))
    visit.expect_query(run="difference", site="encoder.out")
    unfold(page, "edits_chip")
    runs(page, "en", "difference")
    compared = page.locator(".compared")
    expect(compared).to_contain_text(re.compile(r"^Edited .+; original .+; difference .+\.$"))
    expect(page.locator(".badge.edited")).to_have_text(t("explain.edited", "en"))
    page.locator(".run", has_text=t("edit_run.original", "en")).click()
    runs(page, "en", "original")
    expect(compared).to_have_count(0)
    expect(page.locator(".badge.edited")).to_have_count(0)
    page.locator(".clear").click()
    expect(page.locator(".edits")).to_have_count(0)
    expect(page.locator(".line")).to_have_count(2)
    page.wait_for_function("() => !new URLSearchParams(location.search).has('edits')", polling=OFTEN)


def test_a_deep_link_opens_the_difference_in_chinese_and_an_edit_is_put_together(visit: Visit) -> None:
    page = visit.go("what_if", lang="zh", source=SOURCE, edits=f"{RESIDUAL};-drop:source:1", run="difference")
    unfold(page, "edits_chip")
    runs(page, "zh", "difference")
    expect(page.locator(".chip")).to_have_count(2)
    expect(page.locator(".chip.off")).to_contain_text("1 有")
    expect(page.locator(".line .title").last).to_have_text(t("edit_bar_said.writes", "zh"))
    page.locator(".remove").last.click()
    expect(page.locator(".chip")).to_have_count(1)
    visit.expect_query(edits=RESIDUAL)
    fold(page)
    settle(page)  # a run that is still under way would draw the choices below anew
    page.get_by_text(t("what_if.own", "zh")).click()
    heads = page.get_by_role("combobox", name=t("compose.heads", "zh"))
    heads.scroll_into_view_if_needed()
    heads.evaluate(RESTS)  # a list closes when the page scrolls below it, as it does while the box unfolds
    heads.click()
    options = page.get_by_role("option")
    expect(options).to_have_count(1 + 4)  # all of them, and each head
    page.keyboard.type("2")
    expect(options).to_have_text(["2"])
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.get_by_role("button", name=t("compose.add", "zh")).click()
    unfold(page, "edits_chip")
    expect(page.locator(".chip")).to_have_count(2)
    visit.expect_query(edits=f"{RESIDUAL};off:encoder.0.self_attn:2")
