"""Components as modules in a real Chromium: what travels, the newest data, a module that is not there, a base path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.app import Console, running_server, settle
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.wire import Wire
from ui.frame.text import LANGUAGES, t
from ui.parts.modules import PLACE, version

SENTENCE = "汤姆昨天买了一本书。"
VIEW = {"lang": "en", "source": SENTENCE, "layer": 2, "head": 0}
TEXT, WHOLE = 1000, 15 * 1024  # bytes, of what draws components and of all messages


def place(page: Page, name: str) -> Any:
    """Where a component of the page stands, by a part of its key."""
    return page.locator(f"[class*=st-key-{name}] [data-testid=stBidiComponentIsolated]").first


@contextmanager
def held(page: Page, pattern: str) -> Iterator[list[Route]]:
    """Keep what is asked for waiting, until the end of the block."""
    waiting: list[Route] = []
    page.route(pattern, lambda route: waiting.append(route))
    yield waiting
    for route in waiting:
        route.continue_()
    page.unroute(pattern)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_stage_of_a_head_costs_few_bytes_the_first_time(visit: Visit, lang: str) -> None:
    wire = Wire(visit.page)
    page = visit.go(**{**VIEW, "lang": lang}, stage="q")
    for stage in ("scores_raw", "scores_scaled", "mask", "scores", "weights", "heads", "z", "head_out", "out"):
        page.wait_for_timeout(200)
        wire.forget()
        page.get_by_role("button", name=t("stage.next", lang)).click()
        visit.expect_query(stage=stage)
        settle(page, PATIENCE)
        assert 0 < wire.text <= TEXT, stage
        assert wire.received <= WHOLE, stage


def test_a_browser_keeps_the_modules(visit: Visit) -> None:
    asked: list[str] = []
    visit.page.on(
        "response",
        lambda answer: asked.append(answer.headers.get("cache-control", "")) if f"/{PLACE}/" in answer.url else None,
    )
    visit.go(**VIEW)
    assert len(asked) > 10
    assert set(asked) == {"public, max-age=31536000, immutable"}


@pytest.mark.parametrize(
    "late", [f"**/{PLACE}/*/heatmap/heatmap.js", f"**/{PLACE}/*/heatmap/heatmap.css"], ids=["module", "styles"]
)
def test_what_arrives_late_draws_the_newest_data_once(visits: Callable[..., Visit], first: Visit, late: str) -> None:
    visit = visits(color_scheme="dark")
    page = visit.page
    with held(page, late) as waiting:
        page.goto(visit.server.link("attention", **VIEW, stage="scores"), timeout=PATIENCE * 1000)
        page.wait_for_function(
            "() => document.querySelectorAll('[class*=st-key-map0] [data-testid=stBidiComponentIsolated]').length"
        )
        page.get_by_role("button", name=t("stage.next", "en")).click()
        visit.expect_query(stage="weights")
        assert page.locator(".st-key-map0 .cells").count() == 0
        assert waiting
    settle(page, PATIENCE)
    expect(page.locator(".st-key-map0 .cells")).to_have_attribute(
        "aria-label", re.compile(r": decoder\.2\.cross_attn\.weights$")
    )
    visit.leave()
    assert visit.errors == []


def test_what_left_the_page_before_its_module_came_is_never_drawn(visits: Callable[..., Visit], first: Visit) -> None:
    visit = visits(fresh=True)  # nobody after it shall have its script
    page = visit.page
    page.add_init_script("addEventListener('gf-drawn', () => { window.drawn = (window.drawn ?? 0) + 1; });")
    with held(page, f"**/{PLACE}/*/heatmap/heatmap.js"):
        page.goto(visit.server.link("attention", **VIEW, stage="scores"), timeout=PATIENCE * 1000)
        expect(page.locator(".road")).to_be_visible()
        page.get_by_test_id("stTopNavSection").filter(has_text=t("menu.decode", "en")).click()
        page.get_by_test_id("stTopNavDropdownLink").filter(has_text=t("page.unfold", "en")).click()
        expect(page.locator(".player")).to_be_visible()
        expect(page.locator(".st-key-map0")).to_have_count(0)
    settle(page, PATIENCE)
    page.wait_for_timeout(300)
    assert page.evaluate("window.drawn ?? 0") == 0
    visit.leave()
    assert visit.errors == []


@pytest.mark.parametrize("missing", ["explain/explain.js", "explain/explain.css", "shared/draw/numbers.js"])
def test_what_is_not_there_says_so(visits: Callable[..., Visit], first: Visit, missing: str) -> None:
    """In the reader's language, and in another as soon as it is chosen."""
    visit = visits()
    page = visit.page
    page.route(f"**/{PLACE}/*/{missing}", lambda route: route.fulfill(status=404, body="not found"))
    page.goto(visit.server.link("attention", **VIEW), timeout=PATIENCE * 1000)
    expect(place(page, "attention-explain")).to_have_text(t("component.lost", "en"))
    page.get_by_role("radio", name=t("language.zh", "en"), exact=True).click()
    expect(place(page, "attention-explain")).to_have_text(t("component.lost", "zh"))
    visit.leave()


def test_another_version_is_not_there(visit: Visit) -> None:
    visit.go(**VIEW)
    base = f"{visit.server.url}/{PLACE}"
    for address, status in (
        (f"{version()}/shared/draw/dom.js", 200),
        (f"{version()}/theme.css", 200),
        ("0/shared/draw/dom.js", 404),
    ):
        assert visit.page.request.get(f"{base}/{address}").status == status


def test_it_works_below_a_base_path(browser: Browser, tmp_path: Path) -> None:
    with running_server(tmp_path, STREAMLIT_SERVER_BASE_URL_PATH="glass") as server:
        page = browser.new_page()
        console = Console(page)
        page.goto(server.link("attention", **VIEW), timeout=PATIENCE * 1000)
        settle(page, PATIENCE)
        expect(page.locator(".st-key-map0 .cells")).to_be_visible()
        page.close()
        assert console.errors == []
