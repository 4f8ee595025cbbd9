"""The panel that explains a cell: what it shows, and what a click in it or on a heatmap does."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast
from weakref import WeakKeyDictionary

import streamlit as st

from figures.base.explain import explain
from figures.base.labels import number, plain_row
from figures.base.wire import answers
from transformer_core.glass.compare import has_difference
from transformer_core.glass.formula.cells import Cell
from transformer_core.glass.formula.operations import SOFTMAX
from transformer_core.glass.formula.telling import largest_terms
from transformer_core.glass.formulas import MANY_COLUMNS, find_formula, row_difference
from transformer_core.glass.trace import Trace
from ui.frame.page import Page
from ui.frame.text import SEPARATOR, coded, section, t
from ui.parts.components import explain_panel
from ui.parts.focus import Focus, choose_cell, crumbs, focus_on, follow, go_back, is_cell, stop_of_crumb
from ui.parts.hearing import LARGEST, MisheardError, each, whole, word
from ui.parts.products import product_factors
from ui.parts.sentence import sentence
from ui.parts.stop_maps import chart_key
from ui.parts.wires import ExplainData
from ui.state.models import get_trace, reader
from ui.state.places import Stop
from ui.state.session import current_view, identify_run, mode
from ui.state.values import find_value
from ui.state.view import View

IN_WORDS = 3  # terms that the sentence names
_DIFFERENCES: WeakKeyDictionary[Trace, dict[tuple[str, tuple[int, ...]], float]] = WeakKeyDictionary()
ROW_FOLLOWED = {("attention", "out")}  # stops that show more about the chosen row below their maps


@st.fragment  # a click explains another cell, and nothing else on the page is touched
def show_explanation(page: Page, trace: Trace, stop: Stop) -> None:
    """Draw the panel for the cell that is looked at, and listen to clicks on the stop's maps."""
    if st.session_state.get("opened"):
        st.rerun()  # another page or stop, or another head, which what stands above has to follow
    view = current_view()
    focus, plan = focus_on(view, trace, stop), trace.plan
    view = replace(view, stage=stop.stage, site=focus.value.key, row=focus.row, column=focus.column)
    st.session_state.update(site=view.site, row=view.row, column=view.column)

    def follows(row: int) -> bool:
        return (page.name, stop.stage) in ROW_FOLLOWED and row != view.row

    def cell(event: Any) -> None:
        shown = focus.maps[whole(event, "map", below=len(focus.maps))]
        row = whole(event, "row", below=len(shown.rows) or LARGEST)
        column = whole(event, "column", below=len(shown.columns) or LARGEST)
        choose_cell(shown, row, column)
        st.session_state.trail = ""
        if shown.head not in (None, view.head) or follows(row):
            st.session_state.opened = page.name

    def typed(event: Any) -> None:
        row, column = whole(event, "row"), whole(event, "column")
        st.session_state.update(row=row, column=column, site=focus.value.key)
        if follows(row):
            st.session_state.opened = page.name

    def opened(event: Any) -> None:
        follow(plan, focus, *cell_told(trace, event))

    def back(event: Any) -> None:
        go_back(plan, whole(event, "number", below=len(crumbs(view.trail))))

    data = panel_data(view, trace, focus)
    handlers = {"cell": cell, "typed": typed, "open": opened, "back": back}
    explain_panel(f"{page.name}.explain", data, mode(), handlers)
    page.write_address()


def cell_told(trace: Trace, event: Any) -> tuple[str, tuple[int, ...]]:
    """Return key and index of a cell that a component told.

    Raises:
        MisheardError: if the run has no such cell.
    """
    key, index = word(event, "key"), tuple(whole(i) for i in each(event, "index"))
    if not is_cell(trace, key, index):
        raise MisheardError(key, index)
    return key, index


def panel_data(view: View, trace: Trace, focus: Focus) -> ExplainData:
    """Return what the panel shows of a cell, in the reader's language."""
    lang, value, cells = view.lang, focus.value, focus.cells
    if value.is_parameter:
        entry = number(float(cells[focus.row, focus.column]), 4)
        told = {
            "told": t("explain.parameter", lang, value=entry),
            "rows": [],
            "columns": [],
            "last": "",
            "symbols": "",
            "numbers": "",
            "value": entry,
        }
        badge = t("explain.learned", lang, n=cells.size)
    else:
        formula = find_formula(trace.plan, value.key)
        cell = formula.terms(trace, focus.index)
        told = {**explain(cell, formula.latex, _namer(view, trace, cell)), "told": _told(view, trace, cell)}
        badge = _badge(trace, value.key, focus.index, lang)
    more = {
        **told,
        "sentence": sentence(view.model, trace, focus, lang),
        "badge": badge,
        "edited": value.key in trace.edited,
        "compared": _compared(view, focus),
        "place": focus.address,
        "where": where(view, trace, focus),
        "crumbs": [crumb_name(crumb, lang) for crumb in crumbs(view.trail)],
        "limits": list(cells.shape),
        "at": [focus.row, focus.column],
        "selected": focus.drawn(),
        "maps": [f"st-key-{chart_key(number)}" for number in range(len(focus.maps))],
        "factors": product_factors(trace, value, focus.head, focus.row, focus.column),
        "words": section("explain_words", lang),
    }
    return cast(ExplainData, more)


def crumb_name(crumb: str, lang: str) -> str:
    """Return what a place of the trail is called: a cell by its address, a stop by its page and name."""
    stop = stop_of_crumb(crumb)
    if stop is None:
        return crumb
    page, stage = stop
    return SEPARATOR.join((t(f"page.{page}", lang), t(f"stop.{stage}", lang)))


def where(view: View, trace: Trace, focus: Focus) -> str:
    """Return in words where a cell stands: its head, its position, its dimension."""
    axes, index = focus.value.axes, focus.index
    return SEPARATOR.join(
        _name(view, trace, focus.value.key, axis, letter, i)
        for axis, (letter, i) in enumerate(zip(axes, index, strict=True))
        if letter != "1"
    )


def _compared(view: View, focus: Focus) -> str:
    """The cell in the edited run and in the original, and the difference; "" where there is only one run."""
    asked = identify_run(view)
    if not asked.edits or not has_difference(get_trace(asked).plan, focus.value.key):
        return ""
    edited, original = (float(get_trace(run)[focus.value.key][focus.index]) for run in (asked, asked.plain))
    return say_compared(edited, original, view.lang)


def say_compared(edited: float, original: float, lang: str) -> str:
    """Return the sentence with a number of the edited run, that of the original, and the difference."""
    # Minus infinity from minus infinity is no number.
    apart = number(edited - original, 4) if math.isfinite(edited) and math.isfinite(original) else "–"
    return t("edit_run.compared", lang, edited=number(edited, 4), original=number(original, 4), difference=apart)


def _badge(trace: Trace, key: str, index: tuple[int, ...], lang: str) -> str:
    if key in trace.edited:
        return t("explain.edited", lang)
    if trace.derives(key):  # recomputed it would be compared with itself
        return t("explain.derived", lang)
    alone = trace.shape(key)[-1] > MANY_COLUMNS
    place = key, (index if alone else index[:-1])
    kept = _DIFFERENCES.setdefault(trace, {})
    if place not in kept:
        kept[place] = row_difference(trace, key, index)
    name = "explain.recomputed_cell" if alone else "explain.recomputed"
    if not kept[place]:
        return t(f"{name}_exactly", lang)
    return t(name, lang, difference=f"{kept[place]:.0e}")


def _told(view: View, trace: Trace, cell: Cell) -> str:
    """The first terms in words, or what the operation does where there are no terms."""
    if not cell.axis:
        return coded(cell.operation.text, view.lang)
    return told_terms(cell, _namer(view, trace, cell), view.lang)


def told_terms(cell: Cell, name: Callable[[str, int], str], lang: str) -> str:
    """Return the sentence that names the largest terms of a cell; `name` is what they are called."""
    if cell.operation is SOFTMAX:
        shares = cell.values / cell.values.sum()
        parts = [f"{name(cell.axis, int(i))} {100 * shares[i]:.1f} %" for i in largest_terms(cell, IN_WORDS)]
        return t("explain.softmax", lang, first=SEPARATOR.join(parts), n=len(cell.values))
    parts = [f"{name(cell.axis, int(i))}: {number(float(cell.values[i]))}" for i in largest_terms(cell, IN_WORDS)]
    return t("explain.sum_of_terms", lang, first=SEPARATOR.join(parts), n=len(cell.values))


def _namer(view: View, trace: Trace, cell: Cell) -> Any:
    """What the terms of a cell are called: by the axis of the value from which their first factor is taken."""
    source = cell.factors[0] if cell.factors else None

    def name(letter: str, i: int) -> str:
        if source is None:
            return str(i)
        axis = source.index.index(None)
        return _name(view, trace, source.key, axis, letter, i + source.start)

    return name


def _name(view: View, trace: Trace, key: str, axis: int, letter: str, i: int) -> str:
    if key in trace:
        side = trace.site(key).sides[axis]
        if side is not None:
            words = trace.words_of(side)
            return plain_row(i, words.read, answers(trace, side) if letter in "LQ" else ())
    if letter == "V":
        word = reader(view.model, find_value(trace.plan, key).block.words)(i)
        return f"{word.text} ({i})"
    return t(f"axis_name.{letter}", view.lang, i=i)
