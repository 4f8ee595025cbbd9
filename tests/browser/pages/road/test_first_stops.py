"""The first stops of the road in a real Chromium: walked by keyboard, in both languages, with links that come back."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit
from ui.frame.text import t
from ui.state.models import get_model
from ui.state.road import END, STOPS, next_stop

WIDTH = get_model("nnlm-en").plan.size("D")  # numbers of a row: the first word of the window stands in front
ENGLISH, CHINESE = "The little girl had a small brown dog.", "我有一只猫"


def press(page: Page, selector: str, key: str) -> None:
    """Press a key on something that has the focus."""
    page.locator(selector).first.focus()
    page.keyboard.press(key)


def onward(page: Page, lang: str, name: str) -> None:
    """Go to the page that comes next, by the link at the foot of this one."""
    page.get_by_role("link", name=t("onward.next", lang, page=t(f"page.{name}", lang))).focus()
    page.keyboard.press("Enter")


def test_the_whole_road_is_walked_by_keyboard(visit: Visit) -> None:
    page = visit.go("road", lang="en", source=ENGLISH, model="en-fr")
    expect(page.locator(".st-key-whole_road .stop")).to_have_count(len(STOPS) + 1)
    press(page, ".st-key-whole_road [data-name=stop0]", "Enter")
    visit.expect_query(stage="count", model="ngram-en~3~add_k~1")
    page.locator(".st-key-counts_map .cells").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    visit.expect_query(site="order3.count")
    press(page, ".st-key-reading-k input", "ArrowLeft")  # k, which is another model
    visit.expect_query(model="ngram-en~3~add_k~0.3")
    settle(page, PATIENCE)
    visit.go("counts", **{**visit.query(), "stage": "chain", "site": ""})
    never = page.locator(".st-key-counts_chain button.never")
    expect(never).to_have_count(1)
    press(page, ".st-key-counts_chain [data-name=factor2]", "Enter")
    visit.expect_query(cell="2,627", site="order3.probs")
    expect(page.locator(".st-key-counts_chain [data-name=factor2]")).to_be_focused()
    expect(page.locator(".st-key-counts_row h5")).to_contain_text("The little")
    press(page, ".st-key-guess-counts button", "Enter")
    expect(page.locator(".st-key-guess_bars_counts")).to_be_visible()
    visit.expect_query(guess="0")
    visit.go("counts", **visit.query())
    visit.expect_query(cell="2,627", guess="0")
    expect(page.locator(".st-key-guess_bars_counts")).to_be_visible()
    onward(page, "en", "table")
    visit.expect_query(model="nnlm-en", source=ENGLISH)
    settle(page, PATIENCE)
    press(page, ".st-key-table_strips [data-name=slot1]", "Enter")
    visit.expect_query(cell=f"9,{WIDTH}")
    expect(page.locator(".st-key-table_strips .lit bdi")).to_have_text("dog")
    visit.go("table", **visit.query())
    expect(page.locator(".st-key-table_strips .lit bdi")).to_have_text("dog")
    walk_on(visit, "en", "table", ENGLISH)


def test_a_chinese_sentence_walks_the_road_and_is_kept(visit: Visit) -> None:
    page = visit.go("road", lang="zh", source=CHINESE)
    expect(page.locator(".st-key-whole_road .line").last).to_contain_text("I have a cat.")
    onward(page, "zh", "counts")
    visit.expect_query(model="ngram-zh~3~add_k~1", source=CHINESE)
    expect(page.locator("[data-picture]").first).to_be_visible()
    onward(page, "zh", "table")
    visit.expect_query(model="nnlm-en", source=ENGLISH)
    expect(page.get_by_text(t("road.stands_in", "zh", own=t("foreign.en", "zh"), typed=CHINESE))).to_be_visible()
    walk_on(visit, "zh", "table", CHINESE)


def walk_on(visit: Visit, lang: str, here: str, source: str) -> None:
    """Go from a stop to all that follow, and on to the map of the Transformer, which has the sentence."""
    page = visit.page
    while here != END:
        settle(page, PATIENCE)
        expect(page.locator("[data-picture]").first).to_be_visible()
        here = next_stop(here)
        onward(page, lang, here)
        expect(page.locator(".st-key-masthead h1")).to_contain_text(t(f"page.{here}", lang))
    visit.expect_query(source=source)
