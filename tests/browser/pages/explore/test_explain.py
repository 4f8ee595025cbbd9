"""Every number explains itself, in a real Chromium: click a cell, follow its numbers to their inputs, and come back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.maps import click_cell, heatmap, middle
from tests.ui.opened import ONE_LANGUAGE
from transformer_core.glass.formulas import find_formula
from ui.frame.text import t
from ui.state.models import DEFAULT_MODEL, Asked, get_model, get_trace

CHINESE = "我有一只猫"
# For each page a stop, the value that it shows first, and a cell of its map.
STOPS = [
    ("embedding", {"stage": "out", "stack": "encoder"}, "src_embed.out", (2, 7)),
    ("attention", {"stage": "scores_raw", "layer": 1, "head": 2}, "decoder.1.cross_attn.scores_raw", (2, 1)),
    ("layer", {"stage": "ffn", "layer": 0}, "decoder.0.ffn.out", (3, 40)),
    ("output", {"stage": "end"}, "decoder.out", (1, 90)),
]
_FOCUSED = """() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element?.dataset?.name ?? "";
}"""


def place(page: Page) -> Locator:
    return page.locator(".explain .place")


def total(page: Page) -> Locator:
    return page.locator(".explain tr.total td").filter(has_text=re.compile(r"\d"))


def shown(page: Page) -> list[str]:
    """What a reader sees of the panel."""
    return page.locator(".explain").inner_text().splitlines()


def number_of(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-"))


def follow(page: Page) -> str:
    """Click the first number that has a place of its own; return that place."""
    link = page.locator(".explain td button").first
    there = str(link.get_attribute("title")).replace(", ", ",")
    link.click()
    expect(place(page)).to_have_text([there])  # once the page before has gone
    return there


@pytest.mark.parametrize(("path", "query", "key", "cell"), STOPS, ids=[stop[0] for stop in STOPS])
def test_a_cell_is_explained_its_inputs_are_links_and_the_way_back_is_one(
    visit: Visit, path: str, query: dict[str, Any], key: str, cell: tuple[int, int]
) -> None:
    page = visit.go(path, source=CHINESE, lang="en", **query)
    trace = get_model(DEFAULT_MODEL).trace(CHINESE)
    click_cell(page, *cell)
    index = (query["head"], *cell) if "head" in query else cell
    first = f"{key}[{','.join(str(i) for i in index)}]"
    expect(place(page)).to_have_text(first)
    expect(total(page)).to_have_text(re.compile(r"\d"))
    assert number_of(total(page).inner_text()) == pytest.approx(float(trace[key][index]), abs=2e-4)
    says = [t("explain.recomputed", "en", difference="DIFFERENCE").split("DIFFERENCE")[0]]
    says += [t("explain.recomputed_exactly", "en")]
    expect(page.locator(".badge")).to_contain_text(re.compile("|".join(map(re.escape, says))))
    visit.expect_query(site=key, cell=",".join(str(i) for i in cell))
    before = shown(page)
    ways = [follow(page), follow(page)]
    assert ways[0].partition("[")[0] in {
        *find_formula(trace.plan, key).sites,
        *find_formula(trace.plan, key).parameters,
    }
    expect(page.locator(".crumbs button")).to_have_text([first, ways[0]])
    visit.expect_query(trail=f"{first}>{ways[0]}")
    there = shown(page)
    page.reload()
    settle(page, PATIENCE)
    expect(place(page)).to_have_text(ways[1])
    assert shown(page) == there
    page.locator(".crumbs button").first.click()
    expect(place(page)).to_have_text(first)
    expect(page.locator(".crumbs")).to_have_count(0)
    assert shown(page) == before


def test_a_click_leaves_the_map_and_its_zoom_alone_and_frames_the_cell(visit: Visit) -> None:
    page = visit.go("attention", source=CHINESE, lang="en", stage="scores_raw")
    cells = heatmap(page)
    cells.evaluate("(cells) => { cells.mine = true; }")
    whole = cells.get_attribute("data-seen")
    cells.hover(position=middle(page, 1, 1))  # type: ignore[arg-type]
    expect(page.locator(".st-key-map0 .tip")).to_contain_text("scores_raw = ")
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    expect(cells).not_to_have_attribute("data-seen", str(whole))
    zoom = cells.get_attribute("data-seen")
    click_cell(page, 2, 2)
    expect(place(page)).to_contain_text(",2,2]")
    expect(page.locator(".st-key-map0 .gf-frame")).to_have_count(1)
    assert cells.evaluate("(cells) => cells.mine") is True
    assert cells.get_attribute("data-seen") == zoom
    page.keyboard.press("0")
    expect(cells).to_have_attribute("data-seen", str(whole))
    # Who does not see it finds the numbers in a table behind the map.
    table = page.locator(".st-key-map0 .numbers table")
    scores = get_trace(Asked(DEFAULT_MODEL, CHINESE, ""))["decoder.2.cross_attn.scores_raw"].mean(axis=0)
    expect(table.locator("tbody tr")).to_have_count(len(scores))
    expect(table.locator("thead th")).to_have_count(1 + scores.shape[1])
    expect(table.locator("tbody tr").nth(2).locator("td").nth(1)).to_have_text(re.compile(r"^−?\d+\.\d{4}$"))
    # On the map itself the arrows go from cell to cell, and the road takes no step.
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".st-key-map0 .said")).to_contain_text("scores_raw = ")
    page.keyboard.press("Enter")
    expect(place(page)).to_contain_text(",3,2]")
    visit.expect_query(stage="scores_raw", cell="3,2")


def test_a_blocked_cell_is_explained_too(visit: Visit) -> None:
    page = visit.go(
        "attention", source=CHINESE, lang="en", stage="scores", stack="decoder", block="self_attn", layer=0, head=1
    )
    click_cell(page, 0, 2)
    expect(place(page)).to_have_text("decoder.0.self_attn.scores[1,0,2]")
    expect(total(page).or_(page.locator(".explain tr.total td").filter(has_text="∞"))).to_have_text("\N{MINUS SIGN}∞")


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_by_keyboard_alone(visit: Visit, lang: str) -> None:
    page = visit.go("attention", source=CHINESE, lang=lang, stage="weights", layer=2, head=0, cell="0,0")
    row = page.get_by_label(t("explain_words.row", lang), exact=True)
    row.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(place(page)).to_have_text("decoder.2.cross_attn.weights[0,1,0]")
    row.focus()
    for _ in range(30):
        page.keyboard.press("Tab")
        name = page.evaluate(_FOCUSED)
        if name.startswith("number"):
            break
    page.keyboard.press("Enter")
    expect(place(page)).to_contain_text("decoder.2.cross_attn.scores[0,1,")
    expect(page.locator(".crumbs button")).to_have_count(1)
    page.locator(".crumbs button").focus()
    page.keyboard.press("Enter")
    expect(place(page)).to_have_text("decoder.2.cross_attn.weights[0,1,0]")
    expect(page.locator(".where")).to_contain_text(t("axis_name.H", lang, i=0))


def test_another_head_of_all_heads_is_chosen_by_its_cell(visit: Visit) -> None:
    page = visit.go("attention", source=CHINESE, lang="en", stage="heads", layer=2, head=0)
    click_cell(page, 2, 1, "map0:3")
    expect(place(page)).to_have_text("decoder.2.cross_attn.weights[3,2,1]")
    heads = page.get_by_role("radiogroup", name=t("choose.head", "en"))
    expect(heads.get_by_role("radio", checked=True)).to_have_text("3")
    visit.expect_query(head="3", stage="heads", cell="2,1")


@pytest.mark.parametrize("lang", ["en"])
def test_a_picture_leads_to_the_numbers_it_is_made_of_and_back(visit: Visit, lang: str) -> None:
    page = visit.go("attention", source=CHINESE, lang=lang, stage="out", layer=1, cell="2,7")
    click_cell(page, 3, 50, "writes")  # what head 3 writes into dimension 50 of the chosen row
    expect(place(page)).to_have_text("decoder.1.cross_attn.head_out[3,2,50]")
    page.locator(".crumbs button").last.click()
    expect(place(page)).to_have_text("decoder.1.cross_attn.out[2,7]")
    page = visit.go("layer", source=CHINESE, lang=lang, stage="sizes", stack="encoder")
    click_cell(page, 1, 2, "sizes_words")
    expect(place(page)).to_contain_text("encoder.0.ffn.out[2,")
    page.locator(".crumbs button").last.click()  # a stop without values has a way back, too
    expect(page.locator(".st-key-sizes_words .cells")).to_be_visible()
    page = visit.go("output", source=CHINESE, lang=lang, stage="layers")
    cell = page.locator(".st-key-output-layers [role=gridcell]").first
    cell.focus()
    page.keyboard.press("Enter")
    expect(place(page)).to_contain_text("tgt_embed.out[0,")
    page = visit.go("embedding", source=CHINESE, lang=lang, stage="similar", stack="encoder")
    click_cell(page, 1, 3, "alike_out")
    expect(place(page)).to_have_text("cos(src_embed.out[1], src_embed.out[3])")
    follow(page)
    expect(page.locator(".crumbs button")).to_have_count(1)
    page.locator(".crumbs button").click()
    expect(place(page)).to_have_text("cos(src_embed.out[1], src_embed.out[3])")
    visit.expect_query(alike="out:1,3", stage="similar")


@pytest.mark.parametrize("trail", ["head.probs[0,999999]>nonsense>../..[0]"])
def test_nonsense_in_a_trail_is_left_out(visit: Visit, trail: str) -> None:
    page = visit.go("attention", source=CHINESE, lang="en", trail=trail)
    expect(place(page)).to_contain_text("decoder.2.self_attn.q[")
    expect(page.locator(".crumbs")).to_have_count(0)
