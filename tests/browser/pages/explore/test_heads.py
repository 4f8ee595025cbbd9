"""All heads at once in a real Chromium: pictures, keys, search, lines, crop, and the way to the explanation."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import OFTEN, settle
from tests.browser.conftest import PATIENCE, Visit
from tests.browser.wire import Wire
from transformer_core.glass.trace import Trace
from transformer_core.studies.heads.attention_blocks import transfer
from transformer_core.studies.heads.head_table import measures_of
from ui.frame.text import t
from ui.state.models import DEFAULT_MODEL, Asked, get_trace

CHINESE = "汤姆昨天买了一本书。"
LINE = 14  # pixels of a weight of 1


def trace() -> Trace:
    return get_trace(Asked(DEFAULT_MODEL, CHINESE, ""))


def thumb(page: Page, layer: int, head: int) -> Locator:
    return page.locator(f"[data-name='head{layer}.{head}']")


def expect_head(page: Page, layer: int, head: int, lang: str = "en") -> None:
    expect(page.locator(".large h5")).to_have_text(t("heads_words.one", lang, layer=layer, head=head))
    expect(thumb(page, layer, head)).to_have_attribute("aria-selected", "true")
    expect(page.locator(".thumb[aria-selected=true]")).to_have_count(1)


def told(row: int, column: int, layer: int, head: int, lang: str = "en") -> str:
    """What the page tells of a cell of cross-attention, without the length."""
    run = trace()
    weight = run[f"decoder.{layer}.cross_attn.weights"][head, row, column]
    asks = f"{row} {run.target_tokens[row]} → {run.written_tokens[row]}"
    words = t(
        "heads_words.cell", lang, asks=asks, answers=f"{column} {run.source_tokens[column]}", weight="W", carried="C"
    )
    return words.partition("W")[0] + f"{weight:.4f}"


def test_heads_are_opened_by_mouse_and_keys_searched_sorted_and_explained(visit: Visit) -> None:
    page = visit.go("heads", lang="en", source=CHINESE)
    expect(page.locator(".thumb")).to_have_count(12)
    expect_head(page, 2, 0)
    thumb(page, 1, 3).click()
    expect_head(page, 1, 3)
    for key, place in (("ArrowUp", (0, 3)), ("ArrowUp", (0, 3)), ("ArrowLeft", (0, 2)), ("ArrowDown", (1, 2))):
        page.keyboard.press(key)
        expect_head(page, *place)
    expect(thumb(page, 1, 2)).to_be_focused()
    visit.expect_query(layer="1", head="2")
    # The measures: search fades the others, a title sorts.
    table = measures_of(trace())
    cross = [i for i, head in enumerate(table.heads) if head.block.endswith("cross_attn")]
    entropy = table.values["entropy_normalised"][cross]
    page.locator("[data-name=find]").select_option("entropy_normalised")
    page.locator("[data-name=sign]").select_option("<=")
    page.locator("[data-name=bar]").fill("0.3")
    page.keyboard.press("Enter")
    n_found = int((entropy <= 0.3).sum())
    assert 0 < n_found < 12
    expect(page.locator(".thumb.dim")).to_have_count(12 - n_found)
    expect(page.locator("tr[data-head]")).to_have_count(n_found)
    page.locator("[data-name=sort_entropy_normalised]").click()
    order = sorted(np.flatnonzero(entropy <= 0.3), key=lambda i: -entropy[i])
    names = page.locator("tr[data-head]").evaluate_all("(rows) => rows.map((row) => row.dataset.head)")
    assert names == [f"{i // 4}.{i % 4}" for i in order]
    visit.expect_query(find="entropy_normalised<=0.3", sort="-entropy_normalised")
    # The large view: the number of a cell, a crop, and the way to its explanation.
    cells, tip = page.locator(".heatmap .cells"), page.locator(".large > .tip")
    cells.focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(tip).to_contain_text(told(2, 1, 1, 2))
    page.keyboard.press("+")
    whole, cropped = page.locator("[data-name=whole]"), page.locator(".large .tools .note")
    expect(whole).to_have_attribute("aria-disabled", "false")
    page.keyboard.press("0")
    expect(whole).to_have_attribute("aria-disabled", "true")
    # A drag over cells crops to them, and 0 shows everything again.
    box = cells.bounding_box()
    assert box is not None
    n_rows, n_columns = trace()["decoder.1.cross_attn.weights"].shape[1:]
    wide, tall = box["width"] / n_columns, box["height"] / n_rows
    page.mouse.move(box["x"] + 1.5 * wide, box["y"] + 2.5 * tall)
    page.mouse.down()
    page.mouse.move(box["x"] + 3.5 * wide, box["y"] + 4.5 * tall, steps=4)
    page.mouse.up()
    expect(cropped).to_have_text(t("heads_words.cropped", "en", r0=2, r1=4, c0=1, c1=3))
    expect(cells).to_have_attribute("data-seen", "1,4,2,5")
    page.keyboard.press("0")
    expect(whole).to_have_attribute("aria-disabled", "true")
    page.mouse.move(box["x"] + 1.5 * wide, box["y"] + 2.5 * tall)
    expect(tip).to_contain_text(told(2, 1, 1, 2))
    box = page.locator(".heatmap .mark").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 1.5, box["y"] + box["height"] / 2)
    settle(page, PATIENCE)
    visit.expect_query(layer="1", head="2", site="decoder.1.cross_attn.weights", cell="2,2")


@pytest.mark.parametrize("visit", [{"viewport": {"width": 390, "height": 844}}], indirect=True, ids=["phone"])
def test_a_link_opens_lines_in_chinese_and_a_word_is_pinned(visit: Visit) -> None:
    link = {
        "stack": "decoder",
        "block": "self_attn",
        "layer": "0",
        "head": "1",
        "look": "lines",
        "find": "previous>=0.3",
    }
    page = visit.go("heads", lang="zh", source=CHINESE, **link)
    expect_head(page, 0, 1, "zh")
    weights, mask = trace()["decoder.0.self_attn.weights"][1], trace()["decoder.0.self_attn.mask"]

    def drawn() -> dict[tuple[int, int], float]:
        return {(r, c): w for r, c, w in page.locator(".lines canvas").evaluate("(canvas) => canvas.drawn")}

    everything = drawn()
    assert set(everything) == set(zip(*np.nonzero(mask & (weights >= 0.004)), strict=True))
    assert all(width == pytest.approx(LINE * weights[place], rel=1e-6) for place, width in everything.items())
    words = page.locator(".ask")
    expect(words).to_have_count(len(weights))
    words.nth(3).hover()
    expect(page.locator(".word.shut")).to_have_count(int((~mask[3]).sum()))
    assert drawn() == {place: width for place, width in everything.items() if place[0] == 3}
    words.nth(2).click()
    expect(words.nth(2)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(words.nth(2)).to_have_attribute("aria-pressed", "false")
    page.locator("[data-name=look_heatmap]").click()
    expect(page.locator(".heatmap canvas")).to_be_visible()
    page.wait_for_function("() => !new URLSearchParams(location.search).has('look')", polling=OFTEN)
    visit.expect_query(**{name: value for name, value in link.items() if name != "look"})


def test_two_heads_are_compared_cell_by_cell_and_the_open_one_may_change(visit: Visit) -> None:
    page = visit.go("heads", lang="en", source=CHINESE, compare="head", beside="0.1")
    maps = page.locator(".compared section")
    expect(maps).to_have_count(3)
    thumb(page, 1, 2).click()
    expect(maps.first.locator("h5")).to_contain_text(t("heads.title", "en", model="", layer=1, head=2, source="")[3:-1])
    maps.nth(2).locator(".cells").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    keys = (("decoder.1.cross_attn.weights", 2), ("decoder.0.cross_attn.weights", 1))
    a, b = (float(trace()[key][head, 1, 1]) for key, head in keys)
    numbers = [f"{x:.4f}".replace("-", "−") for x in (a, b, b - a)]
    expect(page.locator(".compared + .tip")).to_contain_text(f"first {numbers[0]}, second {numbers[1]}")
    expect(page.locator(".compared + .tip")).to_contain_text(numbers[2])
    visit.expect_query(compare="head", beside="0.1", layer="1", head="2")


def test_another_head_of_a_long_text_brings_its_own_numbers_alone(visit: Visit) -> None:
    model, text = "stories-llama", "Once upon a time there was a little cat. " * 12
    wire = Wire(visit.page)
    page = visit.go("heads", lang="en", model=model, source=text)
    run = get_trace(Asked(model, text.strip(), ""))
    whole = wire.received
    thumb(page, 1, 3).click()
    expect_head(page, 1, 3)
    expect(page.locator(".large")).to_have_attribute("aria-busy", "false")
    settle(page, PATIENCE)
    visit.expect_query(layer="1", head="3")
    cells, tip = page.locator(".heatmap .cells"), page.locator(".large > .tip")
    cells.focus()
    page.keyboard.press("ArrowDown")
    path = "decoder.1.self_attn"
    numbers = [float(x[1, 0]) for x in (run[f"{path}.weights"][3], transfer(run, path, 3))]
    for number in numbers:
        expect(tip).to_contain_text(f"{number:.4f}")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    expect(tip).to_contain_text(t("heads_words.blocked", "en", asks="", answers="").split()[-1])
    assert wire.received - whole < whole / 2
