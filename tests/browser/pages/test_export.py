"""Numbers and reports taken home, in a real Chromium: the files arrive, and the report opens without a network."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from playwright.sync_api import Browser, Page, expect

from tests.browser.app import Console
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.pages.taking import ASKED, WEIGHTS, WEIGHTS_PAGE, opened, saved, take
from transformer_core import Trace
from ui.frame.text import t
from ui.state.models import get_trace
from ui.take_home.files import csv_file, npz_file

EVIL = "<script>alert(1)</script>"
SAME: dict[str, Any] = {"rtol": 1e-5, "atol": 1e-6}  # the server computes on threads of its own
_WIDTHS = """() => {
  dispatchEvent(new Event("beforeprint"));
  return [...document.querySelectorAll(".js-plotly-plot")].map((plot) => plot._fullLayout.width);
}"""


@pytest.fixture
def offline(browser: Browser) -> Any:
    """A function that opens a file in a browser without a network, which must not miss it."""
    context = browser.new_context(offline=True, viewport={"width": 1000, "height": 900})
    errors: list[str] = []
    asked: list[str] = []

    def show(path: Path) -> Page:
        page = context.new_page()
        console = Console(page)
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: errors.append(f"dialog: {dialog.message}"))
        page.goto(path.as_uri(), timeout=PATIENCE * 1000)
        page.locator(".js-plotly-plot .heatmaplayer image").first.wait_for(timeout=PATIENCE * 1000)
        errors.extend(console.errors)
        return page

    yield show
    context.close()
    assert errors == []
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_numbers_and_the_whole_trace_are_saved(visit: Visit, tmp_path: Path) -> None:
    taken = take(visit, **WEIGHTS_PAGE)
    path = saved(taken, t("export.csv", "en"), tmp_path)
    assert path.name == "glassformer-zh-en-decoder.2.cross_attn.weights-head1.csv"
    found, wanted = (
        list(csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))
        for data in (path.read_bytes(), csv_file(ASKED, WEIGHTS, 1))
    )
    assert (found[0], [row[0] for row in found]) == (wanted[0], [row[0] for row in wanted])
    values = (np.array([row[1:] for row in rows[1:]], float) for rows in (found, wanted))
    assert_allclose(*values, **SAME)
    path = saved(taken, t("export.npz", "en"), tmp_path)
    assert path.name == "glassformer-zh-en-decoder.2.cross_attn.weights.npz"
    with np.load(path) as found, np.load(BytesIO(npz_file(ASKED, WEIGHTS))) as wanted:
        assert found.files == wanted.files
        assert_allclose(found["values"], wanted["values"], **SAME)
    path = saved(taken, t("export.trace", "en"), tmp_path)
    assert path.name == "glassformer-zh-en-trace.npz"
    trace = Trace.load(path)
    assert trace.source_tokens == get_trace(ASKED).source_tokens
    assert_allclose(trace["head.logits"], get_trace(ASKED)["head.logits"], rtol=1e-5, atol=1e-4)


def test_a_cell_chosen_afterwards_is_the_one_that_is_taken(visit: Visit) -> None:
    visit.go("attention", **WEIGHTS_PAGE)
    row = visit.page.locator(".explain input[data-name=row]")
    row.fill("1")
    row.press("Enter")
    visit.expect_query(cell="1,4")
    expect(opened(visit.page).locator("code")).to_contain_text("cell = (1, 1, 4)")


def test_the_report_opens_without_a_network(visit: Visit, offline: Callable[[Path], Page], tmp_path: Path) -> None:
    body = take(visit, **{**WEIGHTS_PAGE, "lang": "zh"})
    path = saved(body, t("export.report", "zh"), tmp_path)
    assert path.name == "glassformer-zh-en-attention-weights.html"
    page = offline(path)
    assert page.locator("html").get_attribute("lang") == "zh"
    expect(page.locator(".explain")).to_contain_text(f"{WEIGHTS}[1,3,4]")
    expect(page.locator("bdi").first).to_have_text("我")
    expect(page.locator("math").first).to_be_visible()
    expect(page.locator(".js-plotly-plot .ytick text").first).to_contain_text("→")
    page.locator(".js-plotly-plot .nsewdrag").hover()
    expect(page.locator(".js-plotly-plot .hovertext")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(_WIDTHS) == [660]
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_a_report_of_evil_words_is_harmless(visit: Visit, offline: Callable[[Path], Page], tmp_path: Path) -> None:
    body = take(visit, lang="en", source=EVIL, target=EVIL, stage="q")
    page = offline(saved(body, t("export.report", "en"), tmp_path))
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    expect(page.locator("pre").first).to_contain_text(f"trace({EVIL!r}, target={EVIL!r})")
    assert page.locator("script").count() == 2 + 3  # the library, what prints, and one for each map
