"""Queries times keys as one picture in a real Chromium: what is pointed at lights its row and column, and adds up."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.maps import click_cell, heatmap, middle
from ui.frame.text import t
from ui.state.models import DEFAULT_MODEL, Asked, get_trace

SOURCE = "汤姆昨天买了一本书。"
PATH = "decoder.2.cross_attn"
# How much of each row or column of a strip is there, from 0 (background) to 1.
_STRENGTHS = """([strip, n, across]) => {
  const place = document.querySelector(".st-key-map0 [data-testid=stBidiComponentIsolated]").shadowRoot;
  const canvas = place.querySelectorAll(".strip")[strip], { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height), most = Array(n).fill(0);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
    const at = ((across ? x : y) / (across ? width : height)) * n, i = Math.floor(at);
    if (Math.abs(at - i - 0.5) < 0.3) most[i] = Math.max(most[i], data[4 * (y * width + x) + 3] / 255);
  }
  return most;
}"""


def lit(page: Page, strip: int, n: int) -> list[int]:
    """The rows of the left strip (0), or the columns of the upper one (1), that are not faded."""
    strengths = np.array(page.evaluate(_STRENGTHS, [strip, n, strip == 1]))
    return np.flatnonzero(strengths > 0.9).tolist()


def number(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-"))


@pytest.mark.parametrize("visit", [{"viewport": {"width": 1280, "height": 720}}], indirect=True)
def test_a_cell_lights_its_row_its_column_and_its_products(visit: Visit) -> None:
    page = visit.go("attention", lang="en", source=SOURCE, stage="scores_raw", layer=2, head=1, cell="3,7")
    trace = get_trace(Asked(DEFAULT_MODEL, SOURCE, ""))
    scores = trace[f"{PATH}.scores_raw"][1]
    rows, columns = scores.shape
    total = page.locator(".st-key-map0 .sums .sum")
    expect(total).to_have_text(re.compile(r"\d"))
    assert number(str(total.text_content())) == pytest.approx(float(scores[3, 7]), abs=2e-3)
    assert [lit(page, 0, rows), lit(page, 1, columns)] == [[3], [7]]
    expect(page.locator(".st-key-map0 .corner")).to_contain_text(str(total.text_content()))
    # All of it is on the screen.
    box = page.locator(".st-key-map0 .sums svg").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 720
    # Pointing at another one lights that, without a word to the server, and leaving goes back.
    heatmap(page).hover(position=middle(page, 1, 4))  # type: ignore[arg-type]
    assert [lit(page, 0, rows), lit(page, 1, columns)] == [[1], [4]]
    assert number(str(total.text_content())) == pytest.approx(float(scores[1, 4]), abs=2e-3)
    page.mouse.move(1200, 700)
    assert [lit(page, 0, rows), lit(page, 1, columns)] == [[3], [7]]
    click_cell(page, 2, 5)
    expect(page.locator(".explain .place")).to_have_text(f"{PATH}.scores_raw[1,2,5]")
    page.mouse.move(1200, 700)
    assert [lit(page, 0, rows), lit(page, 1, columns)] == [[2], [5]]


def test_by_keyboard_the_products_add_up_one_by_one(visit: Visit) -> None:
    page = visit.go("attention", lang="zh", source=SOURCE, stage="scores_scaled", layer=2, head=0, cell="1,4")
    trace = get_trace(Asked(DEFAULT_MODEL, SOURCE, ""))
    q, k = trace[f"{PATH}.q"][0, 1].astype(float), trace[f"{PATH}.k"][0, 4].astype(float)
    value = page.locator(".st-key-map0 .sums .value")
    expect(value).to_have_text(re.compile(r"\d"))
    assert number(str(value.text_content()).removeprefix("= ")) == pytest.approx(
        float(trace[f"{PATH}.scores_scaled"][0, 1, 4]), abs=2e-3
    )
    page.locator(".st-key-map0 .sums").focus()
    for d in range(3):
        page.keyboard.press("ArrowRight")
        said = page.locator(".st-key-map0 .sums .heard")
        expect(said).to_contain_text(t("product_words.term", "zh", d=d))
        numbers = [number(text) for text in re.findall(r"−?\d+\.\d{3}", said.inner_text())]
        assert numbers == pytest.approx([q[d], k[d], q[d] * k[d], float((q * k)[: d + 1].sum())], abs=2e-3)
    visit.expect_query(stage="scores_scaled")  # the road took no step
    # On the map itself the arrow keys go from cell to cell, and what they reach lights up.
    heatmap(page).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    rows, columns = trace[f"{PATH}.scores_scaled"].shape[1:]
    reached = [lit(page, 0, rows), lit(page, 1, columns)]
    assert reached == [[2], [4]]
