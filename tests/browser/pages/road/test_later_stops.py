"""Word vectors and chains in a real Chromium: walked by keyboard, with links that come back."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.app import settle
from tests.browser.conftest import PATIENCE, Visit

TEXT = "The little girl had a small brown dog."


def press(page: Page, selector: str, key: str = "Enter") -> None:
    """Press a key on something that has the focus."""
    page.locator(selector).first.focus()
    page.keyboard.press(key)


# Of the words of a plane those that lie on another one.
_UPON = """(words) => {
  const over = (a, b, from, to) => Math.min(a[to], b[to]) - Math.max(a[from], b[from]);
  const meet = (a, b) => over(a, b, "left", "right") > 1 && over(a, b, "top", "bottom") > 3;
  const boxes = words.map((word) => [word.textContent, word.getBoundingClientRect()]);
  const upon = ([text, box], others) => others.filter(([, other]) => meet(box, other)).map(([other]) => [text, other]);
  return boxes.flatMap((one, i) => upon(one, boxes.slice(i + 1)));
}"""


def test_vectors_are_walked_by_keyboard(visit: Visit) -> None:
    page = visit.go("vectors", lang="en", source=TEXT)
    rows = page.locator(".st-key-pull tr.noise")
    expect(rows).to_have_count(5)
    assert page.locator(".st-key-pull .plane text:is(.near, .noise, .read)").evaluate_all(_UPON) == []
    press(page, ".st-key-pull [data-name=word2]")
    visit.expect_query(pair="2,-1", model="word2vec-en")
    press(page, ".st-key-pull [data-name=wider]")
    visit.expect_query(reach="3")
    press(page, ".st-key-pull [data-name=seed]")
    visit.expect_query(noise="2")
    expect(page.locator(".st-key-pull [data-name=seed]")).to_be_focused()
    settle(page, PATIENCE)
    press(page, ".st-key-pull [data-name=moved1]")
    expect(page.locator(".st-key-pull tr.noise.chosen")).to_have_count(1)
    settle(page, PATIENCE)
    press(page, ".st-key-pull [data-name=way-bag]")
    visit.expect_query(model="word2vec-cbow-en", reach="3", noise="2")
    visit.go("vectors", **{**visit.query(), "stage": "map", "site": ""})
    word = page.locator(".st-key-word_map [data-name=point-cat]")
    word.focus()
    page.keyboard.press("Enter")
    visit.expect_query(word="cat")
    expect(page.locator(".st-key-word_map h5")).to_contain_text("cat")
    press(page, ".st-key-word_map [data-name=group-food]")
    expect(page.locator(".st-key-word_map [data-name=point-bread]")).to_have_count(0)
    visit.expect_query(groups="family,numbers,animals")
    visit.go("vectors", **{**visit.query(), "stage": "analogy"})
    expect(page.locator(".st-key-nearest .input").first).to_contain_text("king")


def test_chains_are_walked_by_keyboard(visit: Visit) -> None:
    page = visit.go("chain", lang="zh", source=TEXT)
    expect(page.locator(".st-key-lanes .here .blocks figure")).to_have_count(5)
    press(page, ".st-key-lanes [data-name=lane-gru-en]")
    visit.expect_query(model="gru-en")
    expect(page.locator(".st-key-lanes .here .blocks figure")).to_have_count(3)
    settle(page, PATIENCE)
    press(page, ".st-key-lanes [data-name='gru-en-cell.z']", "ArrowDown")
    visit.expect_query(site="cell.z")
    expect(page.locator(".st-key-lanes rect.chosen")).to_have_count(1)
    settle(page, PATIENCE)
    press(page, ".st-key-close_z button")
    visit.expect_query(edits="zero:cell.z:1")
    expect(page.locator(".st-key-lanes rect.closed")).to_have_count(1)
    settle(page, PATIENCE)
    press(page, ".st-key-open_z button")
    visit.expect_query(edits="one:cell.z:1")
    visit.go("chain", **visit.query())
    expect(page.locator(".st-key-lanes rect.opened")).to_have_count(1)
    expect(page.locator(".st-key-lanes rect.closed")).to_have_count(0)
    press(page, ".st-key-guess-chain button")
    expect(page.locator(".st-key-guess_bars_chain")).to_be_visible()


def test_the_suitcase_is_walked_by_keyboard(visit: Visit) -> None:
    page = visit.go("suitcase", lang="en", source=TEXT)
    visit.expect_query(model="copy-32", stage="told")
    press(page, ".st-key-map1 .cells", "ArrowDown")
    page.keyboard.press("Enter")
    visit.expect_query(site="decoder.suitcase.out")
    settle(page, PATIENCE)
    press(page, ".st-key-empty_told button")
    visit.expect_query(edits="zero:decoder.suitcase.out:0")
    visit.go("suitcase", **{**visit.query(), "model": "copy-attention-32", "edits": "", "stage": "copies", "site": ""})
    press(page, ".st-key-choose_length button")
    visit.expect_query(length="2")
    page.locator(".st-key-copies .js-plotly-plot .points path").first.click(force=True)  # of the first model's curve
    visit.expect_query(length="2", writer="copy-32")
    visit.go("suitcase", **{**visit.query(), "stage": "look_back"})
    expect(page.locator(".katex-display")).to_have_count(6)
    press(page, ".st-key-looks_chain .cells", "ArrowDown")
    page.keyboard.press("Enter")
    visit.expect_query(at="0")
    visit.go("suitcase", **visit.query())
    visit.expect_query(at="0", length="2")
    press(page, ".st-key-guess-suitcase button")
    expect(page.locator(".st-key-guess_bars_suitcase")).to_be_visible()
    press(page, ".st-key-lives button")
    visit.expect_query(model="en-fr", source=TEXT, stack="decoder", block="cross_attn")


def test_one_word_gets_two_vectors_by_keyboard(visit: Visit) -> None:
    page = visit.go("context", lang="zh")
    expect(page.locator(".st-key-two_uses .layer")).to_have_count(5)
    visit.expect_query(model="bilm-zh", source="明天的会很重要。")
    expect(page.locator(".st-key-two_uses .ring")).to_have_count(1)
    press(page, ".st-key-two_uses [data-name='ahead-ahead.0.h']", "ArrowRight")
    visit.expect_query(site="ahead.0.h", cell="3,1")
    settle(page, PATIENCE)
    press(page, ".st-key-two_uses [data-name=swap]")
    visit.expect_query(source="我会说中文。")
    settle(page, PATIENCE)
    slider = page.locator(".st-key-mix-0 input[type=range]")
    slider.focus()
    page.keyboard.press("End")
    visit.expect_query(model="bilm-zh~mix~5~0~0~1")
    settle(page, PATIENCE)
    visit.go("context", **visit.query())
    expect(page.locator(".st-key-two_uses .mix .apart")).to_contain_text("0.00")
    press(page, ".st-key-guess-context button")
    expect(page.locator(".st-key-guess_bars_context")).to_be_visible()
