"""The sentence line of a translation that the model is not sure of: said, underlined, found on a phone; bytes open."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from ui.frame.text import t

HEIGHT = 48  # px of the line, at most, whatever it says


def test_a_doubt_is_seen_and_the_bytes_of_a_sign_open(visit: Visit) -> None:
    page = visit.go("heads", lang="en", model="en-fr", source="The knight 你 sharpened his rusty halberd.")
    page.set_viewport_size({"width": 390, "height": 844})
    strip, doubt = page.locator(".st-key-words .strip"), page.locator(".st-key-words .title.doubt")
    page.evaluate("() => new Promise(requestAnimationFrame)")
    expect(doubt).to_have_text(t("bar.doubtful", "en"))
    box = strip.bounding_box()
    assert box is not None
    assert box["height"] <= HEIGHT
    underlined = page.locator(".st-key-words .doubted").first
    assert "wavy" in underlined.evaluate("(chip) => getComputedStyle(chip).textDecoration")
    sign = page.locator(".st-key-words .unsure")
    assert sign.get_attribute("aria-label") == t("bar.doubtful", "en")
    sign.click()
    expect(doubt).to_be_in_viewport()
    unknown = page.locator(".st-key-words details")
    expect(unknown.locator("bdi").first).to_be_hidden()
    unknown.locator("summary").click()
    expect(unknown.locator("bdi")).to_have_text(["<0xE4>", "<0xBD>", "<0xA0>"])
    expect(unknown.locator("bdi").first).to_be_visible()
    assert visit.errors == []
