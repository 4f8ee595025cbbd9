"""What the player shows, in a real Chromium: every step is the trace's, and nothing moves from one to the next."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visit
from tests.browser.playing import (
    SOURCE,
    TARGET,
    THINNEST,
    data,
    drawn,
    expect_step,
    last_step,
    looks,
    percent,
    sentence,
    staying,
    weight,
)
from tests.browser.wire import Wire
from ui.state.models import DEFAULT_MODEL, Asked, get_trace

LONG = ("我昨天晚上在图书馆看了一本很有意思的书，今天早上没有按时起床，所以妈妈非常生气。" * 2)[:63]
PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True, "reduced_motion": "reduce"}

# Everything but the lines and the bars' inside, measured from the player's own corner.
_PLACES = """(player) => {
  const corner = player.getBoundingClientRect();
  const names = ".chip, button, input, select, .count, canvas, .legend, .side, .telling, .says, .looks";
  const parts = player.querySelectorAll(names);
  return [player, ...parts].map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x - corner.x, y - corner.y, width, height];
  });
}"""
# Which words a line crosses that begins or ends at another: the words, and how many rows they stand in.
_CROSSED = """(stage) => {
  const corner = stage.getBoundingClientRect();
  const rows = [...stage.querySelectorAll(".row:not(.gap)")].map((row) => [...row.children]);
  const boxes = rows.flat().map((chip) => [chip, chip.getBoundingClientRect()]);
  const crossed = [...stage.querySelectorAll("path[d]")].flatMap((path) => {
    const length = path.getTotalLength(), points = [];
    for (let at = 0; at <= length; at += 1.5) points.push(path.getPointAtLength(at));
    const within = (at, from, to) => at > from + 0.5 && at < to - 0.5;
    const crosses = ([, box]) => points.some(({ x, y }) =>
      within(x + corner.x, box.left, box.right) && within(y + corner.y, box.top, box.bottom));
    return boxes.filter(crosses).map(([chip]) => chip.textContent);
  });
  return [crossed, rows.map((row) => new Set(row.map((chip) => chip.getBoundingClientRect().top)).size)];
}"""
# Plays to the last step but one, with a mark as the first step and that one are drawn.
_PLAY = """() => new Promise((resolve) => {
  const player = [...document.querySelectorAll("*")].map((e) => e.shadowRoot?.querySelector(".player")).find(Boolean);
  let marked = 0;
  const look = () => {
    const [step, last] = player.querySelector(".count").textContent.match(/\\d+/g).map(Number);
    if (step >= 1 && marked++ === 0) performance.mark("glassformer step");
    if (step < last - 1) return requestAnimationFrame(look);
    performance.mark("glassformer step");
    resolve();
  };
  player.querySelector("button.play").click();
  requestAnimationFrame(look);
})"""


@pytest.fixture(scope="module")
def phone(visits: Callable[..., Visit], first: Visit) -> Iterator[tuple[Visit, Wire]]:
    """The same on a narrow screen, by someone who asked for less motion."""
    yield from staying(visits(**PHONE), source=LONG)


def test_every_step_is_the_traces(page: Page) -> None:
    told = data()
    for step, wanted in enumerate(told["steps"]):
        expect(page.locator(".says")).to_have_text(sentence(told, step))
        expect(page.locator(".looks")).to_have_text(looks(told, step))
        for kind, row in (("cross", wanted["cross"]), ("own", wanted["own"][: step + 1])):
            lines = drawn(page, kind)
            assert [weight for weight, _ in lines] == [w for w in row if w >= THINNEST]
            assert all(thick == pytest.approx(max(14 * weight, 0.4)) for weight, thick in lines)
        given = {"word": told["written"][step]["text"], "p": wanted["chosen"]["p"], "id": wanted["chosen"]["id"]}
        rows = wanted["candidates"]
        rows = rows if given["id"] in [row["id"] for row in rows] else [*rows, given]
        bars = page.locator(".bars .bar:visible")
        assert bars.locator(".name").all_text_contents() == [row["word"] for row in rows]
        assert bars.locator(".share").all_text_contents() == [percent(row["p"]) for row in rows]
        widths = bars.locator(".fill").evaluate_all("(bars) => bars.map((bar) => parseFloat(bar.style.width))")
        assert widths == pytest.approx([100 * row["p"] for row in rows], abs=1e-3)
        assert page.locator(".bar.chosen .name").all_text_contents() == [given["word"]]
        page.keyboard.press("ArrowRight")
    assert any(step["chosen"]["rank"] > 10 for step in told["steps"]), "no given word needs a row of its own"


def test_where_it_looks_is_told_in_the_traces_own_numbers(page: Page) -> None:
    trace = get_trace(Asked(DEFAULT_MODEL, SOURCE, TARGET))
    cross, own = (trace[f"decoder.2.{block}_attn.weights"].mean(axis=0) for block in ("cross", "self"))
    for step in range(last_step() + 1):
        expect_step(page, step)
        best = []
        for words, weights in ((trace.source_tokens, cross[step]), (trace.target_tokens[: step + 1], own[step])):
            best += sorted(zip(100 * weights, words, strict=False), reverse=True)[:2]
        said = page.locator(".looks").text_content() or ""
        assert re.findall("\u2068(.+?)\u2069", said) == [word for _, word in best]
        shares = [float(p) for p in re.findall(r"([\d.]+)\s%", said)]
        assert shares == pytest.approx([max(p, 0.1) for p, _ in best], abs=0.051)  # of numbers sent with five digits
        page.keyboard.press("ArrowRight")


def test_a_word_says_its_weight_to_who_points_at_it(page: Page) -> None:
    told, step = data(), 3
    for _ in range(step):
        page.keyboard.press("ArrowRight")
    expect_step(page, step)
    chips = page.locator(".player .chip")
    for chip in (chips.nth(1), page.locator(".row.own .chip").nth(step)):
        chip.hover()  # nothing lies over it that would take the mouse
    wanted = [weight(word["text"], p) for word, p in zip(told["source"], told["steps"][step]["cross"], strict=True)]
    seen = told["read"][: step + 1]
    wanted += [weight(word["text"], p) for word, p in zip(seen, told["steps"][step]["own"], strict=False)]
    unread: list[str | None] = [None] * (last_step() + 1 - step)  # the word being written, too: it is not read yet
    titles = chips.evaluate_all(
        "(chips) => chips.map((chip) => chip.getAttribute('title')?.replaceAll('\\u00a0', ' '))"
    )
    assert titles == [*wanted, *unread]
    page.keyboard.press("Home")
    expect(chips.nth(len(told["source"]) + 1)).not_to_have_attribute("title", re.compile("."))


def test_a_step_that_plays_lays_out_only_what_it_changes(page: Page, browser: Browser) -> None:
    """The page around it, and the player's own parts, keep their places: none of their boxes is laid out anew."""
    page.locator(".player select").select_option("4")
    browser.start_tracing(page=page, categories=["devtools.timeline", "blink.user_timing"])
    page.evaluate(_PLAY)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    page.keyboard.press("Home")
    start, end = sorted(event["ts"] for event in events if event["name"] == "glassformer step")
    layouts = [event for event in events if event["name"] == "Layout" and start < event["ts"] < end]
    roots = {root["nodeName"].split()[0] for one in layouts for root in one["args"]["endData"]["layoutRoots"]}
    assert roots >= {"svg", "INPUT", "P"}
    assert roots <= {"svg", "INPUT", "P", "SPAN", "BDI"}


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_nothing_moves_from_step_to_step(width: str, request: pytest.FixtureRequest) -> None:
    visit, _ = request.getfixturevalue("kept" if width == "wide" else "phone")
    page = visit.page
    page.locator(".player .says").click()
    page.keyboard.press("Home")
    expect_step(page, 0)
    before = page.locator(".player").evaluate(_PLACES)
    assert len(before) > 20
    for step in range(1, last_step() + 1):
        page.keyboard.press("ArrowRight")
        expect(page.locator(".count")).to_have_text(re.compile(f" {step} /"))
        after = page.locator(".player").evaluate(_PLACES)
        assert np.abs(np.array(after) - np.array(before)).max() < 0.1, step


def test_a_phone_never_scrolls_sideways_and_less_motion_is_slower(phone: tuple[Visit, Wire]) -> None:
    page = phone[0].page
    expect(page.locator(".row .chip").first).to_have_text(LONG[0])
    widths = "[document.documentElement.scrollWidth, document.querySelector('[data-testid=stMain]').scrollWidth]"
    assert max(page.evaluate(widths)) <= 375
    inside = "(player) => Math.max(...[...player.querySelectorAll('*')].map((e) => e.getBoundingClientRect().right))"
    assert page.locator(".player").evaluate(inside) <= 375
    expect(page.locator(".player select")).to_have_value("0.5")


def test_no_line_crosses_a_word_however_the_rows_wrap(phone: tuple[Visit, Wire]) -> None:
    page = phone[0].page
    for width in (375, 720, 1280):
        page.set_viewport_size({"width": width, "height": 812})
        for step in range(last_step() + 1):
            page.locator(".player input[type=range]").fill(str(step))
            expect(page.locator(".count")).to_have_text(re.compile(f" {step} /"))
            page.wait_for_timeout(100 if step == 0 else 0)  # until the new places are known
            crossed, rows = page.locator(".player .stage").evaluate(_CROSSED)
            assert crossed == [], (width, step)
            if step == 0:
                assert rows[0] > 2
                assert rows[1] > 1 or width > 375
    page.set_viewport_size(PHONE["viewport"])
