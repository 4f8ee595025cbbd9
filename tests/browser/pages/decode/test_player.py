"""Watch it decode in a real Chromium: buttons, keys and slider step and play, and the server is not asked."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.playing import (
    SOURCE,
    expect_step,
    last_step,
    shown_step,
)
from tests.browser.wire import Wire
from ui.frame.text import t

_FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element?.dataset?.name ?? null;
}"""


def test_buttons_keys_and_slider_step_without_asking_the_server(page: Page, kept: tuple[Visit, Wire]) -> None:
    history = page.evaluate("history.length")
    kept[1].forget()
    for act, step in [
        (lambda: page.locator("button.next").click(), 1),
        (lambda: page.keyboard.press("ArrowRight"), 2),
        (lambda: page.locator("button.back").click(), 1),
        (lambda: page.keyboard.press("End"), last_step()),
        (lambda: page.locator("button.next").click(force=True), last_step()),
        (lambda: page.keyboard.press("ArrowLeft"), last_step() - 1),
        (lambda: page.locator(".player input").fill("2"), 2),
        (lambda: page.locator(".player input").press("ArrowRight"), 3),
        (lambda: page.locator(".player input").press("Home"), 0),
        (lambda: page.keyboard.press("ArrowLeft"), 0),
    ]:
        act()
        expect_step(page, step)
    assert kept[1].sent == kept[1].received == 0
    assert page.evaluate("history.length") == history


def test_it_plays_pauses_and_writes_the_address_once_paused(page: Page, kept: tuple[Visit, Wire]) -> None:
    history = page.evaluate("history.length")
    play = page.locator("button.play")
    page.locator(".player select").select_option("0.5")  # time enough to stop it, on a busy machine too
    kept[1].forget()
    play.click()
    expect(play).to_have_text(t("player.pause", "en"))
    expect(page.locator(".count")).to_have_text(re.compile(" [1-8] /"))
    assert kept[0].query()["step"] == "0"
    play.click()
    expect(play).to_have_text(t("player.play", "en"))
    step = shown_step(page)
    assert 1 <= step < last_step()
    expect_step(page, step)
    page.wait_for_timeout(1000)  # for what must not happen
    assert shown_step(page) == step
    page.locator(".player select").select_option("2")
    page.locator(".player .says").click()
    page.keyboard.press(" ")
    expect(play).to_have_text(t("player.pause", "en"))
    expect(play).to_have_text(t("player.play", "en"))  # it ends by itself
    expect_step(page, last_step())
    page.keyboard.press(" ")  # and begins again
    page.keyboard.press(" ")
    expect(play).to_have_text(t("player.play", "en"))
    assert shown_step(page) < last_step()
    assert kept[1].sent == 0
    assert page.evaluate("history.length") == history


def test_the_keyboard_alone_is_enough_and_keeps_its_place(page: Page) -> None:
    page.get_by_role("button", name=t("bar.examples", "en")).focus()
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        if name := page.evaluate(_FOCUSED):
            reached.append(name)
    assert reached == ["back", "play", "next", "slider", "speed"]
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    while page.evaluate(_FOCUSED) != "next":
        page.keyboard.press("Tab")
    for step in [*range(1, last_step() + 1), last_step()]:
        page.keyboard.press("Enter")
        expect(page.locator(".count")).to_have_text(t("player.count", "en", step=step, last=last_step()))
        assert page.evaluate(_FOCUSED) == "next"
    expect(page.locator("button.next")).to_be_disabled()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    expect(page.locator("button.play")).to_have_text(t("player.pause", "en"))
    page.keyboard.press("Space")
    expect(page.locator("button.play")).to_have_text(t("player.play", "en"))
    assert page.evaluate(_FOCUSED) == "play"


def test_keys_that_belong_to_the_sentence_do_not_step(page: Page) -> None:
    source = page.locator(f'input[aria-label="{t("bar.source", "en")}"]')
    page.locator(".st-key-words .strip").click()
    expect(source).to_be_focused()
    for key in ("End", "ArrowLeft", "ArrowRight", "Home", " ", "Backspace"):
        source.press(key)
    page.wait_for_timeout(400)  # for what must not happen
    expect(source).to_have_value(SOURCE)
    assert shown_step(page) == 0
    expect(page.locator("button.play")).to_have_text(t("player.play", "en"))
