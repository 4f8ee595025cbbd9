"""Picking another word in a real Chromium: by mouse and keyboard, from there on and back, at the same step."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.playing import SOURCE, data
from tests.ui.opened import ONE_LANGUAGE
from ui.frame.text import t
from ui.state.models import DEFAULT_MODEL, get_model

STEP = 1


def pieces(ids: list[int]) -> list[str]:
    tokenizer = get_model(DEFAULT_MODEL).target_tokenizer
    assert tokenizer is not None
    return ["<s>", *tokenizer.pieces(ids)]


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_a_picked_word_goes_on_from_its_step_and_back(visit: Visit, lang: str) -> None:
    page = visit.go("unfold", lang=lang, source=SOURCE, step=STEP)
    own = data(target="")
    count, chips = page.locator(".count"), page.locator(".row.own .chip")
    expect(count).to_have_text(re.compile(f" {STEP} /"))
    before = [word["text"] for word in own["written"]]
    expect(chips).to_have_text(["<s>", *before])
    other = own["steps"][STEP]["candidates"][3]
    ids = [step["chosen"]["id"] for step in own["steps"][:STEP]] + [other["id"]]
    wanted = pieces(list(get_model(DEFAULT_MODEL).decode(SOURCE, prefix=ids).ids))
    page.locator(".bars button.bar").nth(3).click()
    expect(chips).to_have_text(wanted)
    expect(count).to_have_text(re.compile(f" {STEP} /"))
    picked = t("player.reason_picked", lang, rank=4)
    expect(page.locator(".says")).to_contain_text(picked)
    settle(page, PATIENCE)
    page.get_by_role("button", name=t("player.undo", lang)).click()
    expect(chips).to_have_text(["<s>", *before])
    expect(count).to_have_text(re.compile(f" {STEP} /"))
    page.locator(".bars button.chosen").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(chips).to_have_text(wanted)
    expect(page.locator(".bars button.chosen")).to_be_focused()
    for further in (1, 2):  # the word picked is read in one pass with those before it; the next row finds them
        page.keyboard.press("ArrowRight")
        expect(count).to_have_text(re.compile(f" {STEP + further} /"))
        reused, new = (0, STEP + 2) if further == 1 else (STEP + 2, 1)
        alt = t("player.cache_alt", lang, step=STEP + further, reused=reused, new=new)
        expect(page.get_by_role("img", name=alt)).to_be_visible()
    expect(page.locator(".proof")).to_be_visible()
