"""Hidden words in a real Chromium: a word is hidden, looked at and shown again, and a candidate put in its place."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit
from transformer_core.models.files import load_model
from ui.frame.text import t

MODEL, WHOLE = "words-en", "She put a book on the table."


def test_words_are_hidden_shown_and_replaced(visit: Visit) -> None:
    page = visit.go("fill", lang="en", model=MODEL, source=WHOLE)
    expect(page.get_by_text(t("fill_words.hint", "en"))).to_be_visible()
    page.get_by_role("button", name="put", exact=True).click()
    visit.expect_query(source="She [MASK] a book on the table.", whole=WHOLE)
    table = page.locator("[data-name=word6]")
    table.focus()
    page.keyboard.press("Enter")
    visit.expect_query(source="She [MASK] a book on the [MASK].", whole=WHOLE)
    settle(page, PATIENCE)
    first, second = load_model(MODEL).fill("She [MASK] a book on the [MASK].")
    columns = page.locator("section")
    expect(columns).to_have_count(2)
    for column, guesses in zip(columns.all(), (first, second), strict=True):
        shown = [text.removesuffix(" ✓") for text in column.locator(".put").all_text_contents()]
        assert shown[:10] == [guess.text for guess in guesses]
    # a word is a handle: of the chip in the bar and of the slot below it
    page.locator(".slot", has_text="book").hover()
    expect(page.locator(".st-key-words .lit")).to_have_text(["book"])
    page.locator(".st-key-words .word", has_text="on").first.hover()
    expect(page.locator(".slot.lit")).to_have_text(["on"])
    # the gap that is looked at changes without a trip to the server
    expect(columns.first).to_have_class("chosen")
    page.locator("[data-name=word6]").click()
    expect(columns.nth(1)).to_have_class("chosen")
    expect(page.locator(".ways .said")).to_have_count(2)
    page.get_by_role("button", name=t("fill_words.show", "en", word="put")).click()
    visit.expect_query(source="She put a book on the [MASK].", whole=WHOLE)
    settle(page, PATIENCE)
    expect(columns).to_have_count(1)
    alone, place = columns.first.bounding_box(), page.locator(".st-key-filling").bounding_box()
    assert alone
    assert place
    assert alone["width"] > 0.9 * place["width"]  # it leaves no half of the page empty
    expect(page.locator(".before").first).to_be_attached()
    best = load_model(MODEL).fill("She put a book on the [MASK].")[0][1].text
    page.locator("section .put").nth(1).click()
    visit.expect_query(source=f"She put a book on the {best}.")
    settle(page, PATIENCE)
    expect(page.get_by_text(t("fill_words.hint", "en"))).to_be_visible()


def test_a_bar_leads_to_the_number_behind_it(visit: Visit) -> None:
    page = visit.go("fill", lang="zh", model=MODEL, source="She put a book on the [MASK].", whole=WHOLE)
    page.locator("section .track").nth(2).click()
    visit.expect_query(stage="probs", site="head.probs")
    settle(page, PATIENCE)
    guess = load_model(MODEL).fill("She put a book on the [MASK].")[0][2]
    assert visit.query()["cell"] == f"6,{guess.id}"
