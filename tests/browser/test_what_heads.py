"""What each head matters and the patching walk in a real Chromium: a head by keyboard, the examples, stop, a pair."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit
from ui.text import t

SOURCE = "他每天喝茶。"


def test_a_head_is_chosen_by_keyboard_and_switched_off(visit: Visit) -> None:
    page = visit.go("what_if", lang="en", source=SOURCE)
    cells = page.locator(".st-key-importance_map .cells")
    expect(cells).to_have_attribute("aria-label", t("importance.title", "en"))
    cells.focus()
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    off = page.get_by_role("button", name=t("importance.switch_off", "en"))
    expect(off).to_be_visible()
    expect(page).to_have_url(re.compile(r"[?&]importance_head="))
    chosen = visit.query()["importance_head"]
    path, _, number = chosen.rpartition(".")
    off.click()
    visit.expect_query(edits=f"off:{path}:{number}", importance_head=chosen)
    settle(page, PATIENCE)


def test_the_examples_are_computed_and_a_pair_is_typed(visit: Visit) -> None:
    page = visit.go("what_if", lang="zh", source=SOURCE, importance_on="set")
    page.get_by_role("button", name="例句上计算").click()
    expect(page.locator(".st-key-importance_spread .cells")).to_be_visible()
    second = page.get_by_label(t("patching.second", "zh"))
    second.fill("猫")
    second.press("Enter")
    expect(page.get_by_text(t("error.pair_length", "zh", n_first=6, n_second=2))).to_be_visible()
    second.fill("我有一只狗")
    second.press("Enter")
    expect(page.locator(".st-key-patching_source .cells")).to_have_attribute("data-columns", "6")
    visit.expect_query(pair_second="我有一只狗", importance_on="set")
