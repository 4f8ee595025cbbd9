"""The first stops of the road in a real Chromium: walked by keyboard, in both languages, with links that come back."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit
from ui.frame.text import t
from ui.state.models import get_model

WIDTH = get_model("nnlm-en").plan.size("D")  # numbers of a row: the first word of the window stands in front
ENGLISH, CHINESE = "The little girl had a small brown dog.", "我有一只猫"


def press(page: Page, selector: str, key: str) -> None:
    """Press a key on something that has the focus."""
    page.locator(selector).first.focus()
    page.keyboard.press(key)


def test_counts_and_table_are_walked_by_keyboard(visit: Visit) -> None:
    page = visit.go("counts", lang="en", source=ENGLISH)
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
    visit.go("counts", **visit.query())
    visit.expect_query(cell="2,627")
    page.get_by_role("link", name=t("onward.next", "en", page=t("page.table", "en"))).focus()
    page.keyboard.press("Enter")
    visit.expect_query(model="nnlm-en", source=ENGLISH)
    settle(page, PATIENCE)
    press(page, ".st-key-table_strips [data-name=slot1]", "Enter")
    visit.expect_query(cell=f"9,{WIDTH}")
    expect(page.locator(".st-key-table_strips .lit bdi")).to_have_text("dog")
    visit.go("table", **visit.query())
    expect(page.locator(".st-key-table_strips .lit bdi")).to_have_text("dog")


def test_a_chinese_sentence_is_counted_or_kept(visit: Visit) -> None:
    page = visit.go("counts", lang="zh", source=CHINESE)
    visit.expect_query(model="ngram-zh~3~add_k~1", source=CHINESE)
    expect(page.locator("[data-picture]").first).to_be_visible()
    page.get_by_role("link", name=t("onward.next", "zh", page=t("page.table", "zh"))).focus()
    page.keyboard.press("Enter")
    visit.expect_query(model="nnlm-en", source=ENGLISH)
    expect(page.get_by_text(t("road.stands_in", "zh", own=t("foreign.en", "zh"), typed=CHINESE))).to_be_visible()
    expect(page.locator("[data-picture]").first).to_be_visible()
    press(page, ".st-key-lives button", "Enter")
    visit.expect_query(source=CHINESE, model="zh-en", stage="lookup")
