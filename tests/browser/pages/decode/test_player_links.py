"""The player and its surroundings in a real Chromium: links, other heads, sentences and pages, words of any script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.playing import (
    SOURCE,
    TARGET,
    THINNEST,
    data,
    drawn,
    expect_step,
    last_step,
    looks,
    open_menu,
    sentence,
)
from tests.ui.opened import ONE_LANGUAGE
from ui.frame.text import t

DANGEROUS = "<img src=x onerror=hacked=1> שלום مرحبا {word} & <b>x</b>"
DARK = {"color_scheme": "dark"}


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_a_link_opens_at_its_step(visit: Visit, lang: str) -> None:
    page = visit.go("unfold", lang=lang, source=SOURCE, target=TARGET, step=3)
    expect_step(page, 3, lang=lang)
    expect(page.locator(".says")).to_have_text(sentence(data(), 3, lang))
    expect(page.locator(".looks")).to_have_text(looks(data(), 3, lang))
    expect(page.locator(".chip.source, .chip.special").first).to_have_text(SOURCE[0])
    expect(page.locator(".row.own .chip:not(.later)")).to_have_count(5)  # <s>, three read, one being written
    expect(page.locator(".row.own .chip.now")).to_have_text(data()["written"][3]["text"])
    for name in ("play", "back", "next"):
        expect(page.locator(f"button.{name}")).to_contain_text(t(f"player.{name}", lang))
    alt = t("player.mask_alt", lang, step=3, open=4, n=last_step() + 1)
    expect(page.get_by_role("img", name=alt)).to_be_visible()
    visit.expect_query(step="3")


def test_another_head_keeps_the_step_and_another_sentence_begins_at_0(visit: Visit) -> None:
    page = visit.go("unfold", lang="en", source=SOURCE, target=TARGET, step=3)
    page.get_by_role("radiogroup", name=t("choose.heads", "en")).get_by_role("radio", name="1", exact=True).click()
    expect(page).to_have_url(re.compile("average=0"))
    expect_step(page, 3)
    settle(page, PATIENCE)
    wanted = data(head=1)["steps"][3]["cross"]
    assert [weight for weight, _ in drawn(page, "cross")] == [w for w in wanted if w >= THINNEST]
    page.locator(".player .says").click()  # the choice of heads has arrow keys of its own
    page.keyboard.press("End")
    expect_step(page, last_step())
    source = page.locator(f'input[aria-label="{t("bar.source", "en")}"]')
    source.fill("他每天喝茶。")
    source.press("Enter")
    expect(page.locator(".chip").first).to_have_text("他")
    expect_step(page, 0)
    page.reload()
    expect_step(page, 0)


def test_a_word_that_occurs_twice_is_told_by_its_position(visit: Visit) -> None:
    again = {"source": "猫猫猫", "target": "cat cat cat"}
    page = visit.go("unfold", lang="en", step=2, **again)
    wanted = looks(data(**again), 2)
    assert t("player.place_again", "en", word="|", i="|", p="|").split("|")[1] in wanted
    expect(page.locator(".looks")).to_have_text(wanted)


def test_another_page_and_back_keeps_the_step_and_one_key_is_one_step(visit: Visit) -> None:
    page = visit.go("unfold", lang="en", source=SOURCE, target=TARGET, step=1)
    page.keyboard.press("ArrowRight")
    expect_step(page, 2)
    for _ in range(2):
        open_menu(page, "architecture")
        expect(page.locator(".map")).to_be_visible()
        settle(page, PATIENCE)
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(400)  # for what must not happen
        assert "step" not in visit.query()
        open_menu(page, "unfold")
        expect_step(page, 2)
    page.keyboard.press("ArrowRight")
    expect_step(page, 3)


def test_a_step_that_is_not_there_is_said_and_replaced(visit: Visit) -> None:
    page = visit.go("unfold", lang="en", source=SOURCE, target=TARGET, step=99)
    expect_step(page, last_step())
    expect(page.get_by_text("step = 99")).to_be_visible()
    source = page.locator(f'input[aria-label="{t("bar.source", "en")}"]')
    source.fill("他每天喝茶。")
    source.press("Enter")
    expect_step(page, 0)
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("visit", [DARK], indirect=True, ids=["dark"])
def test_words_are_text_in_any_script_and_in_the_dark(visit: Visit) -> None:
    page = visit.go("unfold", lang="en", source=SOURCE, target=DANGEROUS)
    told = data(target=DANGEROUS)
    expect(page.locator(".gf.dark .player")).to_be_visible()
    last = len(told["steps"]) - 1
    page.keyboard.press("End")
    expect_step(page, last, last)
    assert page.locator(".row.own .chip").all_text_contents() == ["<s>", *(word["text"] for word in told["written"])]
    expect(page.locator(".says")).to_have_text(sentence(told, last))
    expect(page.locator(".looks")).to_have_text(looks(told, last))
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=x]").count() == 0
