"""A page as one HTML file that opens without a network: words, formulas, interactive heatmaps, and one cell explained.

What stands in it looks as it does in the app: the components' own CSS draws it. All text is escaped; only MathML, which
`figures.base.explain` makes, and the figures go in as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.io import to_html
from plotly.offline import get_plotlyjs

from figures.base.explain import mathml
from figures.base.styles import sheets
from figures.base.theme import Mode, Theme, css_variables, theme
from transformer_core.glass.words import Word

SMALLEST = 0.006  # half of a frame, as a share of its axis: one around a tiny cell would cover it
STANDOFF = 14  # pixels between the labels of an axis and its title
# The browser itself keeps the promise: whatever a script in the file might ask for, nothing is loaded.
_POLICY = {
    "default-src": "'none'",
    "script-src": "'unsafe-inline'",
    "style-src": "'unsafe-inline'",
    "img-src": "data: blob:",
    "font-src": "data:",
}
# A sheet of paper is narrower than most windows, and Plotly learns of it only when it is told.
_PRINT = """
const fit = (width) => document.querySelectorAll(".js-plotly-plot").forEach((p) => Plotly.relayout(p, { width }));
addEventListener("beforeprint", () => fit(660));
addEventListener("afterprint", () => fit(null));
"""


@dataclass(frozen=True)
class Line:
    """A line of words: its title, its side ("source" or "target"), and the words."""

    title: str
    side: str
    words: Sequence[Word]


@dataclass(frozen=True)
class Part:
    """One map of the page.

    Attributes:
        heading: title, look, shape and key.
        place: what else tells it from the other maps, as its head; "" if nothing does.
        formula: MathML; "" for a parameter.
        figure: the heatmap.
        selected: row and column of the explained cell on the heatmap, if it is on this one.
        cell: how that cell came to be, from the panel that explains cells, if it is this map's.
        snippet: Python that reproduces the value.
    """

    heading: Mapping[str, str]
    place: str
    formula: str
    figure: go.Figure
    selected: tuple[int, int] | None
    cell: Mapping[str, Any] | None
    snippet: str


@dataclass(frozen=True)
class Page:
    """What a report is made of: its language and colours, title, words, facts (name and value), and maps."""

    lang: str
    mode: Mode
    title: str
    lines: Sequence[Line]
    facts: Mapping[str, str]
    parts: Sequence[Part]


def report(page: Page, words: Mapping[str, str]) -> str:
    """Return the page as the text of one HTML file.

    Args:
        page: what it shows.
        words: the texts of the sections "report" and "explain_words".
    """
    body = [
        _element("h1", page.title),
        *(_line(line) for line in page.lines),
        *(_part(part, n, theme(page.mode), words) for n, part in enumerate(page.parts)),
        _element("h2", words["model"]),
        _table(page.facts.items(), "config"),
        _element("p", words["made"], "made"),
    ]
    policy = "; ".join(f"{name} {allowed}" for name, allowed in _POLICY.items())
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="{escape(page.lang)}">',
            '<head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            _element("title", page.title),
            f"<style>{_style(page.mode)}</style>",
            f"<script>{get_plotlyjs()}</script></head>",
            f'<body><main class="gf {page.mode}">',
            *body,
            f"</main><script>{_PRINT}</script></body></html>",
        ]
    )


def _style(mode: Mode) -> str:
    css = sheets("heading/heading", "words/words", "explain/panel", "report/report")
    printed = f"@media print {{ :root {{ {css_variables('light')} color-scheme: light; }} }}"
    return "\n".join([f":root {{ {css_variables(mode)} color-scheme: {mode}; }}", css, printed])


def _part(part: Part, number: int, colours: Theme, words: Mapping[str, str]) -> str:
    heading = part.heading
    facts = [_element("span", text) for text in (part.place, heading["shape"]) if text]
    figure = _figure(part.figure, part.selected, colours)
    inside = [
        _element("h2", heading["title"]),
        _element("p", heading["look"], "look"),
        f'<p class="facts">{"".join(facts)}<code class="key">{escape(heading["key"])}</code></p>',
        f'<div class="formula">{part.formula}</div>' if part.formula else "",
        f'<div class="chart">{_html(figure, number)}</div>',
        _cell(part.cell, words) if part.cell else "",
        f"<details open><summary>{escape(words['snippet'])}</summary>{_element('pre', part.snippet)}</details>",
    ]
    return f"<section>{''.join(inside)}</section>"


def _figure(figure: go.Figure, selected: tuple[int, int] | None, colours: Theme) -> dict[str, Any]:
    """The figure on the page's own background, without the app around it, and the explained cell framed."""
    drawn: dict[str, Any] = figure.to_dict()
    layout = {name: value for name, value in drawn["layout"].items() if name != "template"}
    layout |= {"paper_bgcolor": colours.background, "plot_bgcolor": colours.background}
    layout["font"] = {"color": colours.text, "family": "sans-serif"}
    for axis in ("xaxis", "yaxis"):
        title = {**layout[axis]["title"], "standoff": STANDOFF}
        layout[axis] = {**layout[axis], "title": title, "ticks": "", "automargin": True}
    if selected:
        place: dict[str, float] = {}
        for axis, at in zip("yx", selected, strict=True):
            first, last = layout[f"{axis}axis"]["range"]
            half = max(0.5, SMALLEST * abs(last - first))
            place |= {f"{axis}0": at - half, f"{axis}1": at + half}
        layout["shapes"] = [{"type": "rect", **place, "line": {"color": colours.selected, "width": 3}}]
    return {"data": drawn["data"], "layout": layout}


def _html(figure: dict[str, Any], number: int) -> str:
    config = {"displaylogo": False, "modeBarButtons": [["toImage"]], "responsive": True}
    html: str = to_html(figure, config, include_plotlyjs=False, full_html=False, validate=False, div_id=f"map{number}")
    return html


def _cell(cell: Mapping[str, Any], words: Mapping[str, str]) -> str:
    """How one cell came to be, as the app's panel shows it."""
    inside = [
        _element("h3", cell["sentence"], "sentence") if cell["sentence"] else "",
        f'<p class="where">{escape(cell["where"])} {_element("span", cell["place"], "place")}</p>',
        f'<div class="formula numbers">{mathml(cell["numbers"])}</div>' if cell["numbers"] else "",
        _element("p", cell["told"], "told"),
        _element("p", cell["compared"], "compared") if cell.get("compared") else "",
        _terms(cell, words) if cell["rows"] else "",
        _element("div", cell["badge"], "badge edited" if cell["edited"] else "badge"),
    ]
    return f'<div class="explain" role="region" aria-label="{escape(words["panel"])}">{"".join(inside)}</div>'


def _terms(cell: Mapping[str, Any], words: Mapping[str, str]) -> str:
    signed = any((row["bar"] or 0) < 0 for row in cell["rows"])
    last = mathml(cell["last"]) if cell["last"] else escape(words["number"])
    heads = [escape(words["term"]), *map(mathml, cell["columns"]), last, ""]
    total = [words["total"], *("" for _ in cell["columns"]), cell["value"], ""]
    rows = [f"<tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>"]
    rows += [_term(row, signed, words) for row in cell["rows"]]
    rows.append(f'<tr class="total">{"".join(_element("td", text) for text in total)}</tr>')
    return f'<div class="scroll"><table>{"".join(rows)}</table></div>'


def _term(row: Mapping[str, Any], signed: bool, words: Mapping[str, str]) -> str:
    label = words["others"].format(n=row["others"]) if row.get("others") else row.get("label", "")
    numbers = [f"<td{_title(number)}>{escape(number['text'])}</td>" for number in row["numbers"]]
    bar = "" if row["bar"] is None else _bar(row["bar"], signed)
    name = f"<td>{escape(label)}{mathml(row['symbol']) if 'symbol' in row else ''}</td>"
    return f'<tr{" class=mark" if row.get("mark") else ""}>{name}{"".join(numbers)}<td class="bar">{bar}</td></tr>'


def _title(number: Mapping[str, Any]) -> str:
    """Where a number stands, as the app tells it of a number that one can follow."""
    if not number.get("key"):
        return ""
    return f' title="{escape(number["key"])}[{", ".join(str(i) for i in number["index"])}]"'


def _bar(value: float, signed: bool) -> str:
    zero, length = (50, 50 * abs(value)) if signed else (0, 100 * abs(value))
    left = zero - length if value < 0 else zero
    sign = ' class="negative"' if value < 0 else ""
    return f'<div class="axis" style="--zero:{zero}%"><i{sign} style="left:{left:.2f}%;width:{length:.2f}%"></i></div>'


def _line(line: Line) -> str:
    chips = [_element("bdi", word.text, f"word {'special' if word.special else line.side}") for word in line.words]
    return f'<div class="line">{_element("span", line.title, "title")}{"".join(chips)}</div>'


def _table(rows: Iterable[tuple[str, str]], kind: str) -> str:
    cells = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in rows)
    return f'<dl class="{kind}">{cells}</dl>'


def _element(tag: str, text: str, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f"<{tag}{named}>{escape(text)}</{tag}>"
