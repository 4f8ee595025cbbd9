"""The ribbons of the map in a real Chromium: as wide as the shares of the run, said in words, and across no name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from figures.explore.architecture import architecture
from tests.browser.conftest import Visit
from ui.frame.text import t
from ui.state.models import DEFAULT_MODEL, Asked, get_trace

SOURCE, EDIT = "我有一只猫", "off:encoder.0.self_attn:0"
LINE = 14  # pixels of a share of 1

# Of each flow that says something, in the order in which they are drawn: kind, word, share and width of its ribbons.
_WIDTHS = """(map) => [...map.querySelectorAll("path[data-share]")].map((path) =>
  [getComputedStyle(path).stroke, path.dataset.word, Number(path.dataset.share), path.getAttribute("stroke-width")])"""
# Ribbons and the words that stand on the map: a ribbon that passes a name would strike it through.
_STRUCK = """(map) => {
  const names = [...map.querySelectorAll(".name, .fold, .words bdi, .written b")].map((name) => {
    const range = document.createRange();
    range.selectNodeContents(name);
    return [name.textContent, range.getBoundingClientRect()];
  });
  const begin = map.querySelector("svg").getBoundingClientRect();
  return [...map.querySelectorAll("path")].flatMap((path) => {
    const length = path.getTotalLength(), half = Number(path.getAttribute("stroke-width")) / 2;
    const points = Array.from({ length: Math.ceil(length / 3) }, (_, i) => path.getPointAtLength(3 * i));
    const struck = (box) => points.some(({ x, y }) => x + begin.left > box.left + 1 && x + begin.left < box.right - 1
      && y + begin.top + half > box.top + 1 && y + begin.top - half < box.bottom - 1);
    return names.filter(([, box]) => struck(box)).map(([name]) => name);
  });
}"""


@pytest.fixture(scope="module")
def kept(visits: Callable[..., Visit], first: Visit) -> Iterator[Visit]:
    """A visitor who stays for several tests."""
    visit = visits(viewport={"width": 1440, "height": 900})
    visit.go("", lang="en", source=SOURCE)
    yield visit
    visit.leave()
    assert visit.errors == []
    assert visit.strangers == []


@pytest.fixture
def page(kept: Visit) -> Page:
    """The kept visitor's page."""
    return kept.page


def told() -> Any:
    """What the map is made of, worked out without a browser."""
    return architecture(get_trace(Asked(DEFAULT_MODEL, SOURCE, "")))


def piece(page: Page, key: str) -> Locator:
    return page.locator(f'.map [data-name="{key}"]')


def expect_widths(page: Page, found: dict[str, Any]) -> None:
    """The ribbons into K and V, and into a sum, are as wide as the shares of the run, and say them."""
    said = []
    for lane in found["lanes"].values():
        for part in lane["layers"][-1 if lane["causal"] else 0]:
            own = lane["list"]
            if "looked" in part:
                source = found["lanes"]["encoder"]["list"] if part["kind"] == "cross_attn" else own
                said += [(f"{source}:{j}", share) for _ in "kv" for j, share in enumerate(part["looked"])]
            said += [(f"{own}:{i}", share) for i, share in enumerate(part.get("added", []))]
    page.locator(".map path[data-share]").nth(len(said) - 1).wait_for(state="attached")
    drawn = page.locator(".map").evaluate(_WIDTHS)
    assert [(word, share) for _, word, share, _ in drawn] == said
    wanted = [max(LINE * min(1, abs(share) / found["full"]), 0.5) for _, share in said]
    assert [float(width) for *_, width in drawn] == pytest.approx(wanted, abs=1e-6)
    assert len({tone for tone, *_ in drawn}) == 4  # K, V, and the streams of both lanes


def test_ribbons_are_as_wide_as_the_weights_and_say_them(page: Page) -> None:
    expect_widths(page, told())
    weights = get_trace(Asked(DEFAULT_MODEL, SOURCE, ""))["decoder.2.cross_attn.weights"]
    looked = weights.mean(axis=(0, 1))
    most = int(looked.argmax())
    line = page.locator(f'.map path[data-word="source:{most}"][data-share="{float(looked[most]):.4f}"]').first
    page.locator(".tip").hover()
    line.dispatch_event("pointerover", {"bubbles": True})
    tip = page.locator(".tip")
    expect(tip).to_contain_text(f"{looked[most]:.1%}".replace("%", " %"))
    expect(tip).to_contain_text([*SOURCE, "</s>"][most])
    expect(page.locator(f".words .lit >> text={[*SOURCE, '</s>'][most]}")).to_be_visible()
    line.dispatch_event("pointerout", {"bubbles": True})
    expect(page.locator(".words .lit")).to_have_count(0)
    label = piece(page, "decoder.2.cross_attn.k").get_attribute("aria-label") or ""
    assert f"{looked[most]:.1%}".replace("%", " %") in label  # for who sees no width
    expect(page.locator(".front .widths")).to_have_text(t("map.widths", "en"))


def test_no_ribbon_passes_a_word_or_a_name(page: Page) -> None:
    for layer in (2, 0, 1, 2):
        if piece(page, f"decoder.{layer}").get_attribute("aria-expanded") == "false":
            piece(page, f"decoder.{layer}").click()
        expect(page.locator(".map path").nth(100)).to_be_attached()
        assert page.locator(".map").evaluate(_STRUCK) == [], layer


def test_widths_follow_an_edit_and_are_of_all_heads(kept: Visit) -> None:
    plain, edited = (get_trace(Asked(DEFAULT_MODEL, SOURCE, "", edits)) for edits in ("", EDIT))
    assert architecture(plain)["lanes"] != architecture(edited)["lanes"]
    page = kept.go("", lang="en", source=SOURCE, edits=EDIT, head=1)
    expect_widths(page, architecture(edited))
    page = kept.go("", lang="en", source=SOURCE, edits=EDIT, run="difference")
    asked = Asked(DEFAULT_MODEL, SOURCE, "", EDIT, difference=True)
    expect_widths(page, architecture(get_trace(asked), get_trace(asked.plain)))
    expect(page.locator(".front .widths")).to_have_text(t("map.widths_difference", "en"))
