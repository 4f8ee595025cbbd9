"""What the embedding and output pages show beside their maps, in a real Chromium: sliders, buttons, clicks, keys."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from figures.explore.positions import one_turn
from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.maps import click_cell
from tests.browser.pages.explore.test_explain import place
from transformer_core.glass.formula.operations import softmax
from transformer_core.glass.trace import Trace
from transformer_core.studies.logit_lens import read_early
from ui.frame.text import t
from ui.state.models import DEFAULT_MODEL, Asked, get_model, get_trace

CHINESE = "我昨天看书"
PHONE = {"viewport": {"width": 375, "height": 812}, "has_touch": True}
_SHARES = "(bars) => [...bars.querySelectorAll('.bar:not(.head)')].map((bar) => Number(bar.dataset.p))"


def trace() -> Trace:
    return get_trace(Asked(DEFAULT_MODEL, CHINESE, ""))


def shares(page: Page) -> np.ndarray:
    return np.array(page.locator(".bars").evaluate(_SHARES))


def dial(page: Page) -> Locator:
    return page.locator(".dial input")


def wanted(position: int, degree: float) -> np.ndarray:
    """The ten largest shares at a temperature."""
    logits = trace()["head.logits"][position].astype(np.float64)
    return np.sort(softmax(logits / degree))[::-1][:10]


def chosen(page: Page) -> Locator:
    return page.locator(".places button[aria-pressed=true]")


def test_at_1_the_shares_are_the_models_and_at_any_temperature_exact(visit: Visit) -> None:
    page = visit.go("output", source=CHINESE, cell="1", lang="en")
    probs = np.sort(trace()["head.probs"][1].astype(np.float64))[::-1][:10]
    np.testing.assert_allclose(shares(page), probs, rtol=1e-5)
    np.testing.assert_allclose(shares(page), wanted(1, 1), rtol=1e-6)
    for degree, text in ((3, "T = 3.00"), (0.1, "T = 0.10"), (0.85, "T = 0.85")):
        dial(page).fill(str(degree))
        expect(page.locator(".dial output")).to_have_text(text)
        np.testing.assert_allclose(shares(page), wanted(1, degree), rtol=1e-6)
    page.locator("[data-name=reset]").click()
    np.testing.assert_allclose(shares(page), probs, rtol=1e-5)


def test_a_word_chooses_the_position_and_the_temperature_stays(visit: Visit) -> None:
    page = visit.go("output", source=CHINESE, cell="1", lang="en")
    dial(page).fill("2")
    page.locator("[data-name=place3]").click()
    expect(chosen(page)).to_contain_text("3 ")
    visit.expect_query(cell=f"3,{trace()['head.probs'][3].argmax()}")
    settle(page, PATIENCE)
    np.testing.assert_allclose(shares(page), wanted(3, 2), rtol=1e-6)
    expect(place(page)).to_have_text(f"head.probs[3,{trace()['head.probs'][3].argmax()}]")


def test_a_click_on_the_map_chooses_the_position_and_keeps_its_cell(visit: Visit) -> None:
    page = visit.go("output", source=CHINESE, cell="1", lang="en")
    for row in (2, 0):  # the first column is the best word of the first row
        click_cell(page, row, 0)
        expect(chosen(page)).to_contain_text(f"{row} ")
        expect(place(page)).to_have_text(f"head.probs[{row},{trace()['head.probs'][0].argmax()}]")
        settle(page, PATIENCE)
        np.testing.assert_allclose(shares(page), wanted(row, 1), rtol=1e-6)


def test_the_curve_follows_the_map_and_letting_go_chooses_the_cell(visit: Visit) -> None:
    page = visit.go("embedding", source=CHINESE, stack="encoder", stage="pos", lang="en")
    first, output = one_turn(len(CHINESE) + 1, 192), page.locator(".dial output")
    expect(output).to_have_text(f"d = {first}, {first + 1}")
    click_cell(page, 2, 41)
    expect(output).to_have_text("d = 40, 41")
    expect(place(page)).to_have_text("src_embed.pos[2,41]")
    dial(page).focus()
    page.keyboard.press("ArrowRight")
    expect(output).to_have_text("d = 42, 43")
    visit.expect_query(cell="2,42", stage="pos")
    expect(place(page)).to_have_text("src_embed.pos[2,42]")


def test_points_stand_where_the_values_are(visit: Visit) -> None:
    page = visit.go("embedding", source=CHINESE, stack="encoder", stage="pos", cell="0,10", lang="en")
    values = trace()["src_embed.pos"]
    heights = "(all) => all.map((element) => Number(element.getAttribute('{}')))"
    _, zero, one = page.locator("svg line.axis").evaluate_all(heights.format("y1"))  # the axes are at -1, 0 and 1
    for name, dimension in (("even", 10), ("odd", 11)):
        points = page.locator(f"svg circle.{name}").evaluate_all(heights.format("cy"))
        np.testing.assert_allclose((zero - np.array(points)) / (zero - one), values[:, dimension], atol=1e-3)


def test_arrow_keys_walk_through_the_layers_and_not_along_the_road(visit: Visit) -> None:
    page = visit.go("output", source=CHINESE, stage="layers", lang="en")
    tokenizer = get_model(DEFAULT_MODEL).target_tokenizer
    assert tokenizer is not None
    page.locator("[role=gridcell][tabindex='0']").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    best = np.argsort(-read_early(trace(), "decoder.1.out")[1])[:5]
    more = page.locator(".more")
    expect(more).to_contain_text(t("layers.layer", "en", i=1))
    for i in best:
        expect(more).to_contain_text(f"“{tokenizer.pieces([int(i)])[0]}”")
    expect(page.locator(".road [aria-current=step]")).to_have_text(t("stop.layers", "en"))


@pytest.mark.parametrize("visit", [PHONE], indirect=True, ids=["phone"])
@pytest.mark.parametrize(("path", "stage"), [("embedding", "order"), ("output", "layers")])
def test_on_a_phone_nothing_is_wider_than_the_page(visit: Visit, path: str, stage: str) -> None:
    page = visit.go(path, source=CHINESE, stage=stage, lang="zh")
    main = page.locator("[data-testid=stMain]")
    assert main.evaluate("(element) => element.scrollWidth - element.clientWidth") <= 1
