"""Watch it decode in a real Chromium: every step is the trace's, nothing moves, and the server is not asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from figures.unfold import unfold
from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.wire import Wire
from ui.models import DEFAULT_MODEL, Asked, get_model, get_trace
from ui.text import LANGUAGES, t

SOURCE = "我有一只猫"
TARGET = "I have a small cat and two dogs."  # a given text: the number of steps does not hang on the weights
LONG = "我昨天晚上在图书馆看了一本很有意思的书，今天早上没有按时起床，所以妈妈非常生气。" * 2
LONG = LONG[:63]
DANGEROUS = "<img src=x onerror=hacked=1> שלום مرحبا {word} & <b>x</b>"
THINNEST = 0.005  # weights below are not drawn
PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True, "reduced_motion": "reduce"}
DARK = {"color_scheme": "dark"}

# Everything but the lines and the bars' inside, measured from the player's own corner.
_PLACES = """(player) => {
  const corner = player.getBoundingClientRect();
  const parts = player.querySelectorAll(".chip, button, input, select, .count, canvas, .legend, .side, .telling");
  return [player, ...parts].map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x - corner.x, y - corner.y, width, height];
  });
}"""
_FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element?.dataset?.name ?? null;
}"""


def data(source: str = SOURCE, target: str = TARGET, layer: int | None = None, head: int | None = None) -> Any:
    """What the player is made of, worked out without a browser."""
    glass = get_model(DEFAULT_MODEL)
    tokenizer = glass.target_tokenizer
    assert tokenizer is not None
    layer = glass.config.n_decoder_layers - 1 if layer is None else layer
    trace = get_trace(Asked(DEFAULT_MODEL, source, target))
    return unfold(trace, layer, head, lambda i: tokenizer.pieces([i])[0])


STEPS = data()["steps"]
LAST = len(STEPS) - 1


@pytest.fixture(scope="module")
def kept(visits: Callable[..., Visit], first: Visit) -> Iterator[tuple[Visit, Wire]]:
    """A visitor who stays for several tests."""
    yield from staying(visits())


@pytest.fixture(scope="module")
def phone(visits: Callable[..., Visit], first: Visit) -> Iterator[tuple[Visit, Wire]]:
    """The same on a narrow screen, by someone who asked for less motion."""
    yield from staying(visits(**PHONE), source=LONG)


@pytest.fixture
def page(kept: tuple[Visit, Wire]) -> Page:
    """The kept visitor's page, at step 0."""
    page = kept[0].page
    page.locator(".player .says").click()
    page.keyboard.press("Home")
    expect_step(page, 0)
    return page


def staying(visit: Visit, source: str = SOURCE) -> Iterator[tuple[Visit, Wire]]:
    wire = Wire(visit.page)
    visit.go("unfold", lang="en", source=source, target=TARGET)
    yield visit, wire
    visit.page.context.close()
    assert visit.errors == []
    assert visit.strangers == []


def expect_step(page: Page, step: int, last: int = LAST, lang: str = "en") -> None:
    """The player stands at a step and, once it has rested there, so does the address."""
    expect(page.locator(".count")).to_have_text(f"{t('player.step', lang)} {step} / {last}")
    expect(page).to_have_url(re.compile(rf"[?&]step={step}(&|$)"))


def shown_step(page: Page) -> int:
    return int((page.locator(".count").text_content() or "").split()[1])


def percent(p: float) -> str:
    digits = Decimal("1") if p >= 0.9995 else Decimal("0.1")
    return "< 0.1 %" if p < 0.001 else f"{Decimal(100 * p).quantize(digits, ROUND_HALF_UP)} %"


def isolated(text: str) -> str:
    return f"\u2068{text}\u2069"


def sentence(told: Any, step: int, lang: str = "en") -> str:
    chosen = told["steps"][step]["chosen"]
    seen = " ".join(isolated(word["text"]) for word in told["read"][: step + 1])
    ranked = "first" if chosen["rank"] == 1 else "ranked"
    sees, writes = "sees" if step else "sees_first", isolated(told["written"][step]["text"])
    ranked = t(f"player.{ranked}", lang, rank=chosen["rank"])
    return " ".join(
        [
            t(f"player.{sees}", lang, step=step, seen=seen),
            t("player.writes", lang, word=writes, p=percent(chosen["p"]), ranked=ranked),
        ]
    )


def drawn(page: Page, kind: str) -> list[tuple[float, float]]:
    """(weight, thickness) of the lines of a kind."""
    read = "(paths) => paths.map((path) => [Number(path.dataset.weight), Number(path.getAttribute('stroke-width'))])"
    return [tuple(pair) for pair in page.locator(f".player path[data-kind={kind}]").evaluate_all(read)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_link_opens_at_its_step(visit: Visit, lang: str) -> None:
    page = visit.go("unfold", lang=lang, source=SOURCE, target=TARGET, step=3)
    expect_step(page, 3, lang=lang)
    expect(page.locator(".says")).to_have_text(sentence(data(), 3, lang))
    expect(page.locator(".chip.source, .chip.special").first).to_have_text(SOURCE[0])
    expect(page.locator(".row.own .chip:not(.later)")).to_have_count(5)  # <s>, three read, one being written
    expect(page.locator(".row.own .chip.now")).to_have_text(data()["written"][3]["text"])
    for name in ("play", "back", "next"):
        expect(page.locator(f"button.{name}")).to_contain_text(t(f"player.{name}", lang))
    alt = t("player.mask_alt", lang, step=3, open=4, n=LAST + 1)
    expect(page.get_by_role("img", name=alt)).to_be_visible()
    assert visit.query()["step"] == "3"


def test_buttons_keys_and_slider_step_without_asking_the_server(page: Page, kept: tuple[Visit, Wire]) -> None:
    history = page.evaluate("history.length")
    kept[1].forget()
    for act, step in [
        (lambda: page.locator("button.next").click(), 1),
        (lambda: page.keyboard.press("ArrowRight"), 2),
        (lambda: page.locator("button.back").click(), 1),
        (lambda: page.keyboard.press("End"), LAST),
        (lambda: page.locator("button.next").click(force=True), LAST),
        (lambda: page.keyboard.press("ArrowLeft"), LAST - 1),
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
    assert 1 <= step < LAST
    expect_step(page, step)
    page.wait_for_timeout(1000)  # for what must not happen
    assert shown_step(page) == step
    page.locator(".player select").select_option("2")
    page.locator(".player .says").click()
    page.keyboard.press(" ")
    expect(play).to_have_text(t("player.pause", "en"))
    expect(play).to_have_text(t("player.play", "en"))  # it ends by itself
    expect_step(page, LAST)
    page.keyboard.press(" ")  # and begins again
    page.keyboard.press(" ")
    expect(play).to_have_text(t("player.play", "en"))
    assert shown_step(page) < LAST
    assert kept[1].sent == 0
    assert page.evaluate("history.length") == history


def test_every_step_is_the_traces(page: Page) -> None:
    told = data()
    for step, wanted in enumerate(told["steps"]):
        expect(page.locator(".says")).to_have_text(sentence(told, step))
        for kind, row in (("cross", wanted["cross"]), ("own", wanted["own"][: step + 1])):
            lines = drawn(page, kind)
            assert [weight for weight, _ in lines] == [w for w in row if w >= THINNEST]
            assert all(thick == pytest.approx(max(14 * weight, 0.4)) for weight, thick in lines)
        given = {"word": told["written"][step]["text"], "p": wanted["chosen"]["p"], "id": wanted["chosen"]["id"]}
        rows = wanted["candidates"]
        rows = rows if given["id"] in [row["id"] for row in rows] else [*rows, given]
        bars = page.locator(".bars .bar:visible")
        assert bars.locator(".name").all_text_contents() == [row["word"] for row in rows]
        assert bars.locator("span:last-child").all_text_contents()[1::2] == [percent(row["p"]) for row in rows]
        widths = bars.locator(".fill").evaluate_all("(bars) => bars.map((bar) => parseFloat(bar.style.width))")
        assert widths == pytest.approx([100 * row["p"] for row in rows], abs=1e-3)
        assert page.locator(".bar.chosen .name").all_text_contents() == [given["word"]]
        page.keyboard.press("ArrowRight")
    assert any(step["chosen"]["rank"] > 10 for step in told["steps"]), "no given word needs a row of its own"


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_nothing_moves_from_step_to_step(width: str, request: pytest.FixtureRequest) -> None:
    visit, _ = request.getfixturevalue("kept" if width == "wide" else "phone")
    page = visit.page
    page.locator(".player .says").click()
    page.keyboard.press("Home")
    expect_step(page, 0)
    before = page.locator(".player").evaluate(_PLACES)
    assert len(before) > 20
    for step in range(1, LAST + 1):
        page.keyboard.press("ArrowRight")
        expect(page.locator(".count")).to_have_text(re.compile(f" {step} /"))
        after = page.locator(".player").evaluate(_PLACES)
        assert np.abs(np.array(after) - np.array(before)).max() < 0.1, step


def test_the_keyboard_alone_is_enough_and_keeps_its_place(page: Page) -> None:
    page.get_by_role("radiogroup", name=t("unfold.heads", "en")).get_by_role("radio", checked=True).focus()
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
    for step in [*range(1, LAST + 1), LAST]:
        page.keyboard.press("Enter")
        expect(page.locator(".count")).to_have_text(f"{t('player.step', 'en')} {step} / {LAST}")
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
    source.click()
    for key in ("End", "ArrowLeft", "ArrowRight", "Home", " ", "Backspace"):
        source.press(key)
    page.wait_for_timeout(400)  # for what must not happen
    expect(source).to_have_value(SOURCE)
    assert shown_step(page) == 0
    expect(page.locator("button.play")).to_have_text(t("player.play", "en"))


def test_a_phone_never_scrolls_sideways_and_less_motion_is_slower(phone: tuple[Visit, Wire]) -> None:
    page = phone[0].page
    expect(page.locator(".row .chip").first).to_have_text(LONG[0])
    widths = "[document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth]"
    assert max(page.evaluate(widths)) <= 375
    inside = "(player) => Math.max(...[...player.querySelectorAll('*')].map((e) => e.getBoundingClientRect().right))"
    assert page.locator(".player").evaluate(inside) <= 375
    expect(page.locator(".player select")).to_have_value("0.5")


def test_another_head_keeps_the_step_and_another_sentence_begins_at_0(visit: Visit) -> None:
    page = visit.go("unfold", lang="en", source=SOURCE, target=TARGET, step=3)
    page.get_by_role("radiogroup", name=t("unfold.heads", "en")).get_by_role("radio", name="1", exact=True).click()
    expect(page).to_have_url(re.compile("average=0"))
    expect_step(page, 3)
    settle(page, PATIENCE)
    wanted = data(head=1)["steps"][3]["cross"]
    assert [weight for weight, _ in drawn(page, "cross")] == [w for w in wanted if w >= THINNEST]
    page.locator(".player .says").click()  # the choice of heads has arrow keys of its own
    page.keyboard.press("End")
    expect_step(page, LAST)
    source = page.locator(f'input[aria-label="{t("bar.source", "en")}"]')
    source.fill("他每天喝茶。")
    source.press("Enter")
    expect(page.locator(".chip").first).to_have_text("他")
    expect_step(page, 0)
    page.reload()
    expect_step(page, 0)


def test_another_page_and_back_keeps_the_step_and_one_key_is_one_step(visit: Visit) -> None:
    page = visit.go("unfold", lang="en", source=SOURCE, target=TARGET, step=1)
    page.keyboard.press("ArrowRight")
    expect_step(page, 2)
    for _ in range(2):
        open_menu(page, "explore", "architecture")
        expect(page.locator(".map")).to_be_visible()
        settle(page, PATIENCE)
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(400)  # for what must not happen
        assert "step" not in visit.query()
        open_menu(page, "decode", "unfold")
        expect_step(page, 2)
    page.keyboard.press("ArrowRight")
    expect_step(page, 3)


def test_a_step_that_is_not_there_is_said_and_replaced(visit: Visit) -> None:
    page = visit.go("unfold", lang="en", source=SOURCE, target=TARGET, step=99)
    expect_step(page, LAST)
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
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src=x]").count() == 0


def open_menu(page: Page, menu: str, name: str) -> None:
    page.get_by_test_id("stTopNavSection").filter(has_text=t(f"menu.{menu}", "en")).click()
    page.get_by_test_id("stTopNavDropdownLink").filter(has_text=t(f"page.{name}", "en")).click()
    settle(page, PATIENCE)
