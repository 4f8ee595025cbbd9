"""The report: one file with everything in it, nothing loaded, and whatever was typed shown as text."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.offline import get_plotlyjs

from figures.base.explain import mathml
from figures.base.heatmaps.matrix import Axes, weights_matrix
from figures.base.heatmaps.matrix_figure import matrix_figure
from figures.base.report import Line, Page, Part, report
from figures.base.theme import theme
from tests.spelled import spelled

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
WORDS = {
    "panel": "How",
    "term": "term",
    "number": "number",
    "total": "total",
    "others": "{n} others",
    "snippet": "In Python",
    "model": "The model",
    "made": "Made",
}
VOID = {"meta", "br", "img"}
CELL: dict[str, Any] = {
    "sentence": "cat & dog",
    "symbols": "w_{i,j}",
    "numbers": "= 0.5",
    "columns": ["m_{i,l}"],
    "last": "",
    "rows": [
        {
            "label": f"0 {EVIL}",
            "numbers": [{"text": "1.5", "key": "a.b", "index": (0, 1)}, {"text": "−2"}],
            "bar": -0.5,
            "mark": True,
        },
        {"others": 7, "numbers": [{"text": ""}, {"text": "3"}], "bar": 1.0},
        {"symbol": "b_d", "numbers": [{"text": ""}, {"text": "4"}], "bar": None},
    ],
    "value": "0.5",
    "told": f"Told {EVIL}",
    "badge": "Recomputed",
    "edited": False,
    "place": "a.weights[0,1]",
    "where": f"head 0 · {EVIL}",
}


class Reader(HTMLParser):
    """Reads a file, and notes its elements, its text outside of scripts and styles, and whether it is well formed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.scripts: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        elif not self.open or self.open[-1] != "style":
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def figure(label: str = "x") -> go.Figure:
    axes = Axes([f"0 {label}"], ["0 y", "1 z"], "Query", "Key", "weights", "blocked")
    return matrix_figure(weights_matrix(np.array([[0.25, 0.75]]), np.array([[True, True]]), axes, theme("light")))


def part(**changes: Any) -> Part:
    heading = {"title": "Weights", "look": "Look here", "shape": "Shape 1 × 2", "key": "a.weights"}
    plain = Part(heading, "head 0", mathml("w_{i,j}"), figure(), (0, 1), CELL, "print(1)")
    return replace(plain, **changes)


def page(**changes: Any) -> Page:
    lines = [Line("Sentence", "source", spelled("猫", "</s>")), Line("Writes", "target", spelled("cat", "</s>"))]
    return replace(Page("en", "light", "Glassformer · Page", lines, {"d_model": "192"}, [part()]), **changes)


def read(**changes: Any) -> Reader:
    return Reader(report(page(**changes), WORDS))


def test_everything_is_in_the_file() -> None:
    found = read()
    texts = (
        "Glassformer · Page",
        "Sentence",
        "猫",
        "cat",
        "Weights",
        "Look here",
        "head 0",
        "Shape 1 × 2",
        "a.weights",
    )
    for text in (*texts, "Told", "Recomputed", "print(1)", "d_model", "192", "7 others", "total", "Made"):
        assert text in found.text, text
    assert found.all("html") == [{"lang": "en"}]
    assert len(found.all("math")) == 4  # the formula, the numbers, a column's head, a row's symbol
    chips = ["word source", "word special", "word target", "word special"]
    assert [chip["class"] for chip in found.all("bdi")] == chips


def test_the_library_is_there_once_and_each_map_is_drawn_once() -> None:
    html = report(page(parts=[part(), part(cell=None, selected=None), part(formula="", cell=None)]), WORDS)
    assert html.count(get_plotlyjs()) == 1
    found = Reader(html)
    assert [div["id"] for div in found.all("div") if div.get("class") == "plotly-graph-div"] == ["map0", "map1", "map2"]
    assert len(found.all("section")) == 3


def test_nothing_is_loaded() -> None:
    html = report(page(), WORDS)
    found = Reader(html)
    assert [a for _, a in found.elements if {"src", "href", "action", "srcset"} & set(a)] == []
    assert {name for name, _ in found.elements} & {"link", "iframe", "object", "embed", "base", "form"} == set()
    styles = "".join(re.findall(r"<style>(.*?)</style>", html, re.DOTALL))
    assert not re.search(r"@import|url\(", styles)
    policy = next(meta["content"] for meta in found.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "http" not in policy
    ours = html.replace(get_plotlyjs(), "").replace('xmlns="http://www.w3.org/1998/Math/MathML"', "")
    assert "http:" not in ours
    assert "https:" not in ours


@pytest.mark.parametrize("place", ["title", "line", "title of a line", "heading", "fact", "snippet", "tick"])
def test_what_was_typed_is_text_wherever_it_stands(place: str) -> None:
    heading = {"title": EVIL, "look": EVIL, "shape": EVIL, "key": EVIL}
    changes: dict[str, dict[str, Any]] = {
        "title": {"title": EVIL},
        "line": {"lines": [Line("Sentence", "source", spelled(EVIL))]},
        "title of a line": {"lines": [Line(EVIL, "source", spelled("a"))]},
        "heading": {"parts": [part(heading=heading, place=EVIL)]},
        "fact": {"facts": {EVIL: EVIL}},
        "snippet": {"parts": [part(snippet=EVIL)]},
        "tick": {"parts": [part(figure=figure(EVIL))]},
    }
    found, plain = read(**changes[place]), read()
    assert len(found.all("script")) == len(plain.all("script"))
    assert found.all("img") == []
    assert EVIL in found.text


def test_a_cell_is_a_table_with_bars() -> None:
    found = read()
    rows = [a.get("class") for a in found.all("tr")]
    assert rows == [None, "mark", None, None, "total"]
    bars = [i for i in found.all("i") if "style" in i]
    assert [(bar.get("class"), bar["style"]) for bar in bars] == [
        ("negative", "left:25.00%;width:25.00%"),
        (None, "left:50.00%;width:50.00%"),
    ]
    assert [td["title"] for td in found.all("td") if "title" in td] == ["a.b[0, 1]"]
    whole = {**CELL, "rows": [{**CELL["rows"][0], "bar": 0.5}]}
    bars = [i for i in read(parts=[part(cell=whole)]).all("i") if "style" in i]
    assert [bar["style"] for bar in bars] == ["left:0.00%;width:50.00%"]


def test_a_cell_without_terms_has_no_table() -> None:
    told = {**CELL, "rows": [], "columns": [], "symbols": "", "numbers": ""}
    found = read(parts=[part(cell=told, formula="")])
    assert found.all("table") == []
    assert found.all("math") == []
    assert "Told" in found.text


def test_an_edited_cell_says_so() -> None:
    badges = [
        next(
            div["class"]
            for div in read(parts=[part(cell={**CELL, "edited": edited})]).all("div")
            if "badge" in (div.get("class") or "")
        )
        for edited in (False, True)
    ]
    assert badges == ["badge", "badge edited"]


def test_the_chosen_cell_is_framed_on_its_own_map_only() -> None:
    script = "".join(read().scripts)
    assert re.search(r'"y0":-0\.5,"y1":0\.5,"x0":0\.5,"x1":1\.5', script)
    assert '"shapes"' not in "".join(read(parts=[part(selected=None)]).scripts).replace(get_plotlyjs(), "")


def test_the_frame_of_a_tiny_cell_leaves_it_in_sight() -> None:
    many = np.zeros((1, 500))
    axes = Axes(["0 x"], [], "Query", "Dimension", "q", "")
    wide = matrix_figure(weights_matrix(many, many == 0, axes, theme("light")))
    script = "".join(read(parts=[part(figure=wide, selected=(0, 100))]).scripts)
    assert '"x0":97.0,"x1":103.0' in script


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_are_the_readers(mode: Any) -> None:
    html = report(page(mode=mode), WORDS).replace(get_plotlyjs(), "")
    assert f"--gf-background: {theme(mode).background}" in html
    assert f'"paper_bgcolor":"{theme(mode).background}"' in html
    assert f'<main class="gf {mode}">' in html
    printed = re.findall(r"@media print \{ :root \{(.*?)\}", html)
    assert [theme("light").background in rule for rule in printed] == [True]
    assert '"template"' not in html


def test_the_figure_is_left_as_it_was() -> None:
    drawn = figure()
    before = drawn.to_json()
    report(page(parts=[part(figure=drawn)]), WORDS)
    assert drawn.to_json() == before
