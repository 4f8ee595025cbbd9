"""A word that is pointed at, in the sentence or at a label of a picture, lights up in every picture of the page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.maps import heatmap
from tests.browser.wire import Wire
from ui.frame.text import t
from ui.state.models import DEFAULT_MODEL, Asked, get_trace

_INSIDE = "document.querySelector('.st-key-map0 [data-testid=stBidiComponentIsolated]').shadowRoot"
SOURCE = "汤姆昨天买了一本书。"


def chip(page: Page, word: str) -> Locator:
    return page.locator(".st-key-words .word", has_text=re.compile(f"^{re.escape(word)}$")).first


def place(page: Page, kind: str, key: str = "map0") -> tuple[float, float]:
    """Where the frame of the lit row or column lies on its heatmap: its middle, in rows or columns."""
    frame = page.locator(f".st-key-{key} .frames .word.{kind}")
    expect(frame).to_have_count(1)
    box, cells = frame.bounding_box(), heatmap(page, key).bounding_box()
    assert box is not None
    assert cells is not None
    return (box["x"] + box["width"] / 2 - cells["x"]) / cells["width"], (
        box["y"] + box["height"] / 2 - cells["y"]
    ) / cells["height"]


def words() -> tuple[list[str], list[str]]:
    """What the encoder reads, and what the decoder writes."""
    trace = get_trace(Asked(DEFAULT_MODEL, SOURCE, ""))
    return [word.text for word in trace.words_of("source").read], [word.text for word in trace.writing.written]


def test_a_word_of_the_sentence_lights_its_row_and_its_column(visit: Visit) -> None:
    wire = Wire(visit.page)
    page = visit.go("attention", lang="en", source=SOURCE, stage="weights", stack="decoder", block="cross_attn")
    wire.forget()
    read, written = words()
    chip(page, "买").hover()
    assert int(place(page, "column")[0] * len(read)) == read.index("买")
    expect(page.locator(".st-key-map0 .frames .word")).to_have_count(1)
    chip(page, "book").hover()
    assert int(place(page, "row")[1] * len(written)) == written.index("book")
    page.mouse.move(640, 700)
    expect(page.locator(".st-key-map0 .frames .word")).to_have_count(0)
    assert wire.sent == 0
    # Where words look back a word has both: the row that writes it, and the column in which it is read, one later.
    page = visit.go("attention", lang="en", source=SOURCE, stage="weights", stack="decoder", block="self_attn")
    chip(page, "book").hover()
    n = len(written)
    assert int(place(page, "row")[1] * n) == written.index("book")
    assert int(place(page, "column")[0] * n) == written.index("book") + 1


def test_the_label_of_a_row_lights_the_word_in_the_sentence(visit: Visit) -> None:
    page = visit.go("attention", lang="en", source=SOURCE, stage="scores", stack="encoder", block="self_attn")
    read, _ = words()
    box = heatmap(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] - 20, box["y"] + box["height"] * (read.index("书") + 0.5) / len(read))
    lit = page.locator(".st-key-words .lit")
    expect(lit).to_have_text(["书"])
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    expect(lit).to_have_count(0)


def test_by_keyboard_the_words_are_gone_through(visit: Visit) -> None:
    page = visit.go("", lang="zh", source=SOURCE)
    read, _ = words()
    chip(page, read[0]).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".st-key-words .lit")).to_have_text([read[2]])
    expect(page.locator(".map .words .lit")).to_have_text([read[2]])
    rows = page.locator(".lane.encoder .lit-row")
    assert rows.count() > 3
    tops = {str(row.get_attribute("style")).partition("top: ")[2].partition("%")[0] for row in rows.all()}
    assert {round(float(top) / 100 * len(read)) for top in tops} == {2}
    expect(page.get_by_label(t("bar.source", "zh"))).to_have_value(SOURCE)  # and nothing was typed


@pytest.mark.parametrize("visit", [{"has_touch": True, "viewport": {"width": 1280, "height": 900}}], indirect=True)
def test_a_tap_lights_a_word_until_the_next_one(visit: Visit) -> None:
    page = visit.go("attention", lang="en", source=SOURCE, stage="weights", block="cross_attn")
    chip(page, "买").tap()
    expect(page.locator(".st-key-words .lit")).to_have_text(["买"])
    expect(page.locator(".st-key-map0 .frames .word.column")).to_have_count(1)
    chip(page, "买").tap()
    expect(page.locator(".st-key-words .lit")).to_have_count(0)


def test_weights_are_seen_as_lines_and_a_word_keeps_only_its_own(visit: Visit) -> None:
    page = visit.go("attention", lang="en", source=SOURCE, stage="weights", layer=2, head=0)
    weights = get_trace(Asked(DEFAULT_MODEL, SOURCE, ""))["decoder.2.cross_attn.weights"][0]
    read, written = words()
    page.get_by_role("button", name=t("lines_words.lines", "en"), exact=True).click()
    visit.expect_query(look="lines")
    drawn = f"() => {_INSIDE}.querySelector('.lines canvas').drawn"
    every = page.evaluate(drawn)
    assert {(row, column) for row, column, _ in every} == {
        (row, column) for row, line in enumerate(weights) for column, weight in enumerate(line) if weight >= 0.004
    }
    widths = {(row, column): width for row, column, width in every}
    strongest = max(widths, key=lambda cell: widths[cell])
    assert strongest == tuple(int(i) for i in divmod(int(weights.argmax()), weights.shape[1]))
    chip(page, "book").hover()
    row = written.index("book")
    assert {one for one, _, _ in page.evaluate(drawn)} == {row}
    shares = page.locator(".st-key-map0 .answers .share").all_text_contents()
    assert [float(share) for share in shares] == pytest.approx(weights[row].tolist(), abs=6e-4)
    chip(page, "买").hover()
    column = read.index("买")
    assert {one for _, one, _ in page.evaluate(drawn)} == {column}
    shares = page.locator(".st-key-map0 .asks .share").all_text_contents()
    assert [float(share) for share in shares] == pytest.approx(weights[:, column].tolist(), abs=6e-4)
    page.reload()
    settle(page, PATIENCE)
    expect(page.locator(".st-key-map0 .lines")).to_be_visible()
    expect(heatmap(page)).to_be_hidden()


# What lies over the cells while they change, and for how long, from the next change on.
_WATCH = (
    f"() => {{ const cells = {_INSIDE}.querySelector('.cells');"
    """
  window.faded = [];
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes) for (const node of addedNodes)
      for (const animation of node.getAnimations?.() ?? []) window.faded.push(animation.effect.getTiming().duration);
  }).observe(cells, { childList: true });
}"""
)


@pytest.mark.parametrize(("motion", "fades"), [("no-preference", True), ("reduce", False)])
def test_a_stage_fades_into_the_next_unless_motion_is_unwanted(visit: Visit, motion: str, fades: bool) -> None:
    visit.page.emulate_media(reduced_motion=motion)  # type: ignore[arg-type]
    page = visit.go("attention", lang="en", source=SOURCE, stage="scores")
    page.evaluate(_WATCH)
    page.get_by_role("button", name=t("stage.next", "en")).click()
    visit.expect_query(stage="weights")
    settle(page, PATIENCE)
    found = page.evaluate("window.faded")
    assert bool(found) == fades
    assert all(0 < duration <= 300 for duration in found)
    expect(page.locator(".st-key-map0 .cells .before")).to_have_count(0)
    visit.page.emulate_media(reduced_motion="no-preference")
