"""Where components put what they draw, in a real Chromium: words of a tree, labels, a table of what is seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.units import given, page_of_modules


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    with page_of_modules(browser) as page:
        yield page


BRANCHES = [
    {"text": "I", "step": 0, "rank": 1, "fate": "kept", "parent": -1},
    {"text": "You", "step": 0, "rank": 2, "fate": "kept", "parent": -1},
    {"text": "have", "step": 1, "rank": 1, "fate": "finished", "parent": 0},
    {"text": 2 * "incomprehensibilities", "step": 1, "rank": 2, "fate": "dropped", "parent": 1},
]


def test_a_tree_has_room_for_every_word_or_shrinks(page: Page) -> None:
    body = """
      const data = { branches: x.branches, n_steps: 2, root: { text: "<s>" } };
      const tree = new m.Layout(data, x.look, x.room, "sans-serif");
      return { width: tree.width, height: tree.height, font: tree.font, whole: tree.whole,
        spots: [0, 1, 2, 3].map((i) => tree.spot(tree.nodes.get(i), x.newest)) };
    """
    wide, narrow = (
        given(page, "beam/layout", body, {"branches": BRANCHES, "look": "whole", "room": room, "newest": 1})
        for room in (2000, 250)
    )
    assert not wide["whole"]
    assert narrow["whole"]
    assert narrow["width"] < wide["width"]
    assert narrow["font"] < wide["font"]
    for tree in (wide, narrow):
        xs, ys = ([spot[axis] for spot in tree["spots"]] for axis in "xy")
        assert xs[0] == xs[1] < xs[2] == xs[3]
        assert ys[0] == ys[2] < ys[1] == ys[3]
        assert all(spot["y"] + spot["height"] / 2 <= tree["height"] for spot in tree["spots"])
    assert narrow["spots"][3]["text"].endswith("…")


def test_labels_are_cut_and_shown_where_there_is_room(page: Page) -> None:
    body = """
      const labels = Array(x.n).fill([["a word", "b"]]);
      const map = { rows: x.n, columns: x.n, row_labels: labels, column_labels: labels, row_title: "", column_title: "",
        square: x.square, digits: 2, totals: null, texts: null, bar: false };
      const view = { map, width: x.width, seen: { x: [0, x.n], y: [0, x.n] }, font: "sans-serif" };
      const { box, height, style } = m.layOut(view);
      return { box, height, style, numbered: m.numbered({ ...view, box }) };
    """
    few, many, square = (
        given(page, "heatmap/labels", body, {"n": n, "width": 800, "square": square})
        for n, square in ((4, False), (64, False), (4, True))
    )
    assert few["style"] == "line"
    assert few["numbered"]
    assert many["style"] == "standing"
    assert not many["numbered"]
    assert many["box"]["height"] == 600
    for one in (few, many):
        assert one["box"]["left"] + one["box"]["width"] == pytest.approx(790)
        assert one["height"] > one["box"]["top"] + one["box"]["height"]
    assert square["box"]["width"] == square["box"]["height"] == 4 * 56


def test_a_table_tells_what_is_in_sight_and_no_more_than_can_be_read(page: Page) -> None:
    body = """
      const names = Array.from({ length: 200 }, (_, i) => [[`r${i}`, "b"]]);
      const map = { alt: "weights", rows: 200, columns: 3, row_labels: names, column_labels: [], row_title: "Query",
        column_title: "Key" };
      const table = m.tableOf(map, { x: [1, 3], y: [9.5, 200] }, (row, column) => `${row}:${column}`);
      const said = (cell) => `${cell.tagName} ${cell.scope ?? ""} ${cell.textContent}`;
      return [...table.rows].map((row) => [...row.cells].map(said));
    """
    rows = given(page, "heatmap/table", body)
    assert rows[0] == ["TH col Query / Key", "TH col 1", "TH col 2"]
    assert rows[1] == ["TH row r9", "TD  9:1", "TD  9:2"]
    assert len(rows) == 51
