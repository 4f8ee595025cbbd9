"""The maps of a stop, drawn, and what is said of each: title, what there is to see, shape, and the key of its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import zip_longest
from typing import Any

import streamlit as st

from figures.base.labels import number
from figures.base.wire import answers
from transformer_core.glass.compare import has_difference
from transformer_core.glass.trace import Trace
from transformer_core.glass.words import Word
from ui.frame.text import as_markdown, section, t, without_terms
from ui.frame.wording import rule_of_rows, said, said_coded
from ui.parts.components import headings, heat_map, heat_maps
from ui.parts.focus import Focus, value_at
from ui.parts.maps import Map, largest_difference, map_cells
from ui.parts.products import product_cells
from ui.state.models import Asked, get_trace
from ui.state.options import Option, one_of
from ui.state.places import HEADS, Stop
from ui.state.session import current_view, identify_run, mode
from ui.state.shared.kept import kept_with_run
from ui.state.values import Value
from ui.state.view import View

SIDE_BY_SIDE = 2  # maps of heads, see heatmaps.css
LOOK = Option("look", "grid", one_of("grid", "lines"))  # how the weights of a head are drawn


def show_maps(page: str, view: View, trace: Trace, stop: Stop, focus: Focus) -> None:
    """Draw the maps of a stop: one alone, several below each other, or those of all heads beside each other."""
    if stop.stage == HEADS:
        facts = _show_heads(view, trace, focus.maps)
    elif len(focus.maps) > 1:
        facts = _show_stacked(view, trace, focus.maps)
    else:
        facts = _show_one(view, trace, focus.maps[0])
    headings(f"{page}.heading", facts, section("heading", view.lang), mode())
    if stop.stage in ("scores_raw", "weights"):
        st.caption(rule_of_rows(view.stack, view.model, view.lang))


def show_picture(page: str, view: View, trace: Trace, stop: Stop, draw: Callable[[View, Trace], None]) -> None:
    """Draw a picture of the stop's value where otherwise its map stands."""
    title = st.empty()
    with st.container(key=chart_key(0)):
        draw(view, trace)
    # What is looked at first, the picture says.
    heading = heading_of(view, trace, value_at(current_view(), trace.plan, stop))
    title.subheader(as_markdown(heading["title"]), anchor=False)
    headings(f"{page}.heading", [_below(heading)], section("heading", view.lang), mode())


def _show_one(view: View, trace: Trace, shown: Map) -> list[dict[str, str]]:
    heading = heading_of(view, trace, shown.value)
    st.subheader(as_markdown(heading["title"]), anchor=False)
    _chart(view, shown, 0, {})
    return [_below(heading)]


def _show_stacked(view: View, trace: Trace, maps: tuple[Map, ...]) -> list[dict[str, str]]:
    """Draw maps that belong together below each other, so low that all are seen at once."""
    told = [heading_of(view, trace, shown.value) for shown in maps]
    rows = [_cells(view, shown)["row_labels"] for shown in maps]
    with st.container(key="stacked", gap=None):
        for n, (shown, heading) in enumerate(zip(maps, told, strict=True)):
            line = f"{as_markdown(heading['title'])} :small[{as_markdown(heading['look'])}]"
            st.subheader(line, anchor=False)
            beside = [label for other in rows if other != rows[n] for label in other]
            _chart(view, shown, n, {"stacked": (n + 1, len(maps)), "beside": beside})
    return [{"look": "", "shape": heading["shape"], "key": heading["key"]} for heading in told]


def _show_heads(view: View, trace: Trace, maps: tuple[Map, ...]) -> list[dict[str, str]]:
    st.subheader(t("attention.heads_title", view.lang, n=len(maps)), anchor=False)
    titles = [t("axis_name.H", view.lang, i=n) for n in range(len(maps))]
    rows = -(-len(maps) // SIDE_BY_SIDE)
    drawn = [
        {
            **_cells(view, shown),
            "name": shown.key,
            "alt": _alt_of(view, shown.value),
            "stacked": (n // SIDE_BY_SIDE + 1, rows),
        }
        for n, shown in enumerate(maps)
    ]
    with st.container(key=chart_key(0)):  # where the panel listens; the component's own key is no other's
        heat_maps("all_maps", drawn, titles, section("heatmap_words", view.lang), mode())
    return [_below(heading_of(view, trace, maps[0].value))]


def _chart(view: View, shown: Map, n: int, around: Mapping[str, Any]) -> None:
    """Draw a map with what it is the product of, and with the lines as which it can be drawn instead."""
    asked, words = identify_run(view), section("heatmap_words", view.lang)
    cells = {**_cells(view, shown), **around}
    if (product := product_cells(asked, shown, view.lang, mode())) is not None:
        cells["product"] = product
    if (lines := word_lines_of(asked, shown.value, view.lang)) is not None:
        cells["lines"] = {**lines, "look": LOOK.value}
    heat_map(chart_key(n), cells, shown.key, _alt_of(view, shown.value), words, mode(), on_look=LOOK.choose)


def _cells(view: View, shown: Map) -> Mapping[str, Any]:
    return map_cells(identify_run(view), shown, view.lang, mode())


def chart_key(number: int) -> str:
    """Return the key of the heatmap of a stop's map, by which the panel finds it in the page."""
    return f"map{number}"


def heading_of(view: View, trace: Trace, value: Value) -> dict[str, str]:
    """Return what is said of a map: title, look, shape and key; its terms are marked for a component."""
    asked, array, sizes = identify_run(view), trace.array(value.key), dict(trace.plan.axes)
    width, head, units = (sizes.get(letter, 0) for letter in "DEF")  # a value speaks of those alone that its model has
    facts = {
        "d_model": width,
        "root_model": number(width**0.5),
        "d_head": head,
        "root": number(head**0.5),
        "d_ff": units,
        "n_words": array.shape[-1],
    }
    axes = [f"{letter} {n}" for letter, n in zip(value.axes, array.shape, strict=True)]
    shape = t("heading.shape", view.lang, shape=" × ".join(axes))
    title = said_coded(f"value_name.{value.told}", view.model, view.lang)
    look = said_coded(f"value_look.{value.told}", view.model, view.lang, **facts)
    if asked.difference and has_difference(trace.plan, value.key):
        look = t("edit_run.look", view.lang, largest=number(largest_difference(asked, value.key)))
    elif asked.difference:
        look = f"{look} {t('edit_run.same', view.lang)}"
    return {"title": title, "look": look, "shape": shape, "key": value.key}


def plain_heading(view: View, trace: Trace, value: Value) -> dict[str, str]:
    """Return the same for a file, in which no term can be pointed at."""
    return {name: without_terms(text) for name, text in heading_of(view, trace, value).items()}


def _below(heading: Mapping[str, str]) -> dict[str, str]:
    """What stands below a map of what is said of it; its title stands above."""
    return {name: text for name, text in heading.items() if name != "title"}


def _alt_of(view: View, value: Value) -> str:
    """What a reader hears of a map who does not see it."""
    return f"{said(f'value_name.{value.told}', view.model, view.lang)}: {value.key}"


@kept_with_run
def word_lines_of(asked: Asked, value: Value, lang: str) -> Mapping[str, Any] | None:
    """Return the words between which one head's weights can be drawn as lines; None for what are no weights.

    Returns:
        rows, columns: words, each with 1 for a special token, else 0, and a row that says another one with that; sides:
        the names of their lists; words: the texts of the section "lines_words".
    """
    if value.kind != "weights" or value.block.role != "attention":
        return None
    trace, (query, key) = get_trace(asked), value.sides[-2:]
    assert query is not None
    assert key is not None
    read, says = trace.words_of(query).read, answers(trace, query)
    rows = [[*_pair(word), *([] if one is None else _pair(one))] for word, one in zip_longest(read, says)]
    columns = [_pair(word) for word in trace.words_of(key).read]
    return {"rows": rows, "columns": columns, "sides": [query, key], "words": section("lines_words", lang)}


def _pair(word: Word) -> list[str | int]:
    return [word.text, int(word.special)]
