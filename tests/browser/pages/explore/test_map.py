"""The map in a real Chromium: every pixel is the trace's, every piece can be reached, named and opened."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from figures.explore.architecture import architecture
from tests.browser.app import fold, settle, unfold
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.pixels import expect_pixels, expect_rows, pictures
from tests.browser.wire import Wire
from ui.frame.text import t, texts
from ui.state.models import DEFAULT_MODEL, Asked, get_model, get_trace

SOURCE = "我有一只猫"
LONG = ("我昨天晚上在图书馆看了一本很有意思的书，今天早上没有按时起床，所以妈妈非常生气。" * 2)[:63]
WIDE = {"viewport": {"width": 1440, "height": 900}}
PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True}
DARK = {"color_scheme": "dark", **WIDE}
MOST_BYTES = 300_000  # of opening the page for a sentence that is already traced

_RIBBONS = """async (map) => {
  const fits = () => map.querySelector("svg").width.baseVal.value === map.scrollWidth; // a busy browser is late with it
  for (let i = 0; i < 600 && !fits(); i++) await new Promise(requestAnimationFrame);
  const begin = map.getBoundingClientRect().left - map.scrollLeft;
  const boxes = [...map.querySelectorAll(".picture, .words, .written")].map((one) => one.getBoundingClientRect());
  const edges = boxes.map(({ left, right }) => [left - begin, right - begin]);
  const numbers = (path) => path.getAttribute("d").match(/-?[\\d.]+(e-?\\d+)?|NaN/g).map(Number);
  return { edges, ribbons: [...map.querySelectorAll("path")].map(numbers), fits: fits() };
}"""
_FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return [element?.dataset?.name ?? null, element?.getAttribute("aria-label") ?? ""];
}"""


@pytest.fixture(scope="module")
def kept(visits: Callable[..., Visit], first: Visit) -> Iterator[tuple[Visit, Wire]]:
    """A visitor who stays for several tests."""
    visit = visits(**WIDE)
    wire = Wire(visit.page)
    visit.go("", lang="en", source=SOURCE)
    yield visit, wire
    visit.leave()
    assert visit.errors == []
    assert visit.strangers == []


@pytest.fixture
def page(kept: tuple[Visit, Wire]) -> Page:
    """The kept visitor's page."""
    return kept[0].page


def told(source: str = SOURCE) -> Any:
    """What the map is made of, worked out without a browser."""
    return architecture(get_trace(Asked(DEFAULT_MODEL, source, "")))


def piece(page: Page, key: str) -> Locator:
    return page.locator(f'.map [data-name="{key}"]')


def facts(key: str) -> re.Pattern[str]:
    """What is said of a piece: some name, then its key, shape and range."""
    picture = pictures(told())[key]
    said = texts("en")["map.facts"].format(name="NAME", **picture)
    return re.compile(f"^{re.escape(said).replace('NAME', '[^.]+')}")


def test_words_go_in_and_the_written_ones_come_out_with_their_probabilities(page: Page) -> None:
    trace = get_trace(Asked(DEFAULT_MODEL, SOURCE, ""))
    assert page.locator(".lane.encoder .words span").all_text_contents() == list(trace.source_tokens)
    assert page.locator(".lane.decoder .words span").all_text_contents() == list(trace.target_tokens)
    assert page.locator(".written b").all_text_contents() == list(trace.written_tokens)
    probs = [float(trace["head.probs"][i, written]) for i, written in enumerate(trace.written_ids)]
    widths = page.locator(".written .fill").evaluate_all("(bars) => bars.map((bar) => parseFloat(bar.style.width))")
    assert widths == pytest.approx([100 * p for p in probs], abs=1e-3)
    said = page.locator(".written > span:not(.track)").all_text_contents()
    assert [float(p.strip("<% ")) for p in said] == pytest.approx([max(100 * p, 0.1) for p in probs], abs=0.06)


def test_every_pixel_is_the_traces(page: Page) -> None:
    expect_pixels(page, told())


def test_pointing_at_a_piece_shows_its_key_shape_and_range(page: Page) -> None:
    expect(page.locator(".tip")).to_have_text(t("map.hint", "en"))
    for key in ("encoder.0.self_attn.q", "encoder.0.ffn.act", "encoder.0.self_attn.weights", "src_embed.out"):
        piece(page, key).hover()
        expect(page.locator(".tip")).to_have_text(facts(key))
        expect(page.locator(".tip")).to_be_in_viewport(ratio=1)  # beside what is pointed at, however tall the map


def test_a_layer_opens_and_closes_and_the_server_is_not_asked(page: Page, kept: tuple[Visit, Wire]) -> None:
    fold = piece(page, "encoder.1")
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(piece(page, "encoder.1.self_attn.q")).to_have_count(0)
    kept[1].forget()
    fold.focus()
    page.keyboard.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    for key in ("self_attn.q", "self_attn.k", "self_attn.v", "self_attn.weights", "ffn.act"):
        expect(piece(page, f"encoder.1.{key}")).to_be_visible()
    expect(piece(page, "encoder.0.self_attn.q")).to_have_count(0)  # one at a time: the map stays in sight
    assert page.evaluate(_FOCUSED)[0] == "encoder.1"
    expect_ribbons(page)
    page.keyboard.press("Space")
    expect(fold).to_have_attribute("aria-expanded", "false")
    piece(page, "encoder.0").click()
    expect(piece(page, "encoder.0.self_attn.q")).to_be_visible()
    assert kept[1].sent == kept[1].received == 0


def expect_ribbons(page: Page) -> None:
    """Every ribbon begins at the right edge of a piece or below the encoder's output, and ends at the next piece."""
    expect(page.locator(".map path").nth(100)).to_be_attached()  # they are drawn behind the pieces, a moment later
    found = page.locator(".map").evaluate(_RIBBONS)
    lefts, rights = (np.array(side) for side in zip(*found["edges"], strict=True))
    assert len(found["ribbons"]) > 100
    for numbers in found["ribbons"]:
        assert np.isfinite(numbers).all()
        first, last = numbers[0], numbers[-2]
        assert (np.abs(rights - first) < 1).any() or ((lefts < first) & (first < rights)).any()
        assert (np.abs(lefts - last) < 1).any() or (np.abs((lefts + rights) / 2 - last) < 1).any()
    assert found["fits"]


def test_rows_run_from_edge_to_edge(page: Page) -> None:
    expect_rows(page, 17)


@pytest.mark.parametrize("visit", [WIDE], indirect=True, ids=["wide"])
@pytest.mark.parametrize("target", ["cat " * 60, ""], ids=["long", "short"])
def test_words_of_60_tokens_can_be_read_and_their_rows_run_from_edge_to_edge(visit: Visit, target: str) -> None:
    page = visit.go("", lang="en", source=LONG[:60], target=target)
    expect(page.locator(".lane.encoder .words span")).to_have_count(61)
    expect_rows(page, 11)
    expect_ribbons(page)
    assert page.locator(".map").evaluate("(map) => map.scrollWidth <= map.clientWidth")


def test_ribbons_join_the_pieces_on_any_screen(page: Page) -> None:
    expect_ribbons(page)
    for width in (700, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        settle(page, PATIENCE)
        page.wait_for_timeout(500)
        expect_ribbons(page)
    fits = "(map) => map.scrollWidth <= map.clientWidth"
    assert page.locator(".map").evaluate(fits), "the drawing of the narrow screen keeps the wide one scrolling"


def test_the_keyboard_reaches_every_piece_and_hears_its_name_shape_and_range(page: Page) -> None:
    wanted = page.locator(".map [data-name]").evaluate_all("(pieces) => pieces.map((piece) => piece.dataset.name)")
    page.get_by_role("button", name=t("bar.examples", "en")).focus()
    reached: list[str] = []
    for _ in range(len(wanted) + 10 + page.locator(".map .term").count()):
        page.keyboard.press("Tab")
        name, label = page.evaluate(_FOCUSED)
        if name is None:
            if reached and page.locator(".map .term:focus").count() == 0:  # a term that explains itself
                break
            continue
        reached.append(name)
        if "." in name.partition(".")[2] or name.endswith(".out"):
            assert facts(name).match(label), name
            expect(page.locator(".tip")).to_have_text(facts(name))
        else:
            expect(piece(page, name)).to_have_accessible_name(re.compile(t("map.layer", "en", i=name[-1])))
    assert reached == wanted
    assert len(wanted) > 25


def test_map_to_head_and_back_keeps_the_sentence(visit: Visit) -> None:
    page = visit.go("", lang="en", source=SOURCE, target="I have two cats.")
    piece(page, "decoder.2.self_attn.k").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/attention.*site=decoder\.2\.self_attn\.k"))
    settle(page, PATIENCE)
    wanted = {"stack": "decoder", "layer": "2", "block": "self_attn", "stage": "q", "source": SOURCE}
    visit.expect_query(**wanted)
    back(page)
    piece(page, "encoder.0.self_attn.weights").click()
    expect(page).to_have_url(re.compile(r"/attention.*site=encoder\.0\.self_attn\.weights"))
    settle(page, PATIENCE)
    visit.expect_query(stack="encoder", stage="weights", target="I have two cats.")
    back(page)
    for key, path in (("src_embed.out", "embedding"), ("encoder.0.ln1.out", "layer"), ("decoder.out", "output")):
        piece(page, key).click()
        expect(page).to_have_url(re.compile(rf"/{path}.*site={re.escape(key)}"))
        expect(page.locator(".explain .place")).to_contain_text(f"{key}[")
        back(page)
    page.go_back()
    expect(page).to_have_url(re.compile("/output"))
    expect(page.locator(".road")).to_be_visible()
    expect(page.locator(f'input[aria-label="{t("bar.source", "en")}"]')).to_have_value(SOURCE)


def back(page: Page) -> None:
    """Go to the map by the menu, and find the sentence there."""
    page.get_by_test_id("stTopNavSection").filter(has_text=t("menu.explore", "en")).click()
    page.get_by_test_id("stTopNavDropdownLink").filter(has_text=t("page.architecture", "en")).click()
    expect(page.locator(".lane.encoder .words span")).to_have_text([*SOURCE, "</s>"])
    settle(page, PATIENCE)
    unfold(page, "own_translation")
    expect(page.locator(f'input[aria-label="{t("bar.target", "en")}"]')).to_have_value("I have two cats.")
    fold(page)


@pytest.mark.parametrize("visit", [DARK], indirect=True, ids=["dark"])
def test_it_speaks_chinese_in_the_dark(visit: Visit) -> None:
    page = visit.go("", lang="zh", source=SOURCE)
    expect(page.locator(".gf.dark .map")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    for side in ("encoder", "decoder"):
        expect(page.locator(f".lane.{side} > .name")).to_have_text(t(f"map.{side}", "zh"))
    expect(page.locator(".tip")).to_have_text(t("map.hint", "zh"))
    expect_pixels(page, told(), "dark")


@pytest.mark.parametrize("visit", [PHONE], indirect=True, ids=["phone"])
def test_on_a_phone_the_map_scrolls_and_the_page_does_not(visit: Visit) -> None:
    page = visit.go("", lang="en", source=LONG)
    expect(page.locator(".lane.encoder .words span")).to_have_count(len(LONG) + 1)
    widths = "[document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth]"
    assert max(page.evaluate(widths)) <= 375
    assert page.locator(".map").evaluate("(map) => map.scrollWidth > map.clientWidth")
    expect(page.locator(".map")).to_have_class("map cut")  # it fades at its edge, and shows that it goes on
    last = page.locator(".written .fill").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()
    expect_ribbons(page)


def test_opening_a_traced_sentence_sends_little(visit: Visit) -> None:
    wire = Wire(visit.page)
    visit.go("", lang="en", source=LONG)
    wire.forget()
    visit.go("", lang="en", source=LONG)
    expect(visit.page.locator(".lane.encoder .words span")).to_have_count(len(LONG) + 1)
    written = len(get_model(DEFAULT_MODEL).translate(LONG).tokens)
    assert 20_000 < wire.received <= MOST_BYTES, f"{len(LONG) + 1} and {written} tokens"
