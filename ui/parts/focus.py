"""Which cell is looked at: found from the view, changed by clicks, with the way back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from transformer_core.glass.plan import Plan
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_facts
from ui.frame.text import texts
from ui.parts.maps import Map, map_of
from ui.parts.telling import most_telling, strongest
from ui.state.places import HEADS, Stop, place_of
from ui.state.road import PAGES
from ui.state.session import cell_of_link, current_view, show_problems
from ui.state.values import PARAMETER, Array, Value, find_value
from ui.state.view import Problem, View, fit_to_cell

MOST_CRUMBS = 12
_CRUMB = re.compile(r"([\w.]{1,80})\[(\d{1,6}(?:,\d{1,6}){0,2})\]")
_STOP = re.compile(
    rf"(embedding|attention|layer|output|{'|'.join(PAGES)})\.([a-z_0-9]{{1,20}})"
)  # a stop without values, by its page


@dataclass(frozen=True)
class Focus:
    """The cell that is looked at, and the maps beside it.

    Attributes:
        value: the site or parameter.
        cells: its rows and columns [R, C].
        head, row, column: the cell; `head` also where the value has none.
        maps: of the stop.
    """

    value: Value
    cells: Array = field(compare=False)
    head: int
    row: int
    column: int
    maps: tuple[Map, ...] = ()

    @property
    def index(self) -> tuple[int, ...]:
        """The cell's place in the whole value."""
        return self.value.index(self.head, self.row, self.column)

    @property
    def address(self) -> str:
        """The cell's name, `decoder.2.cross_attn.weights[1,3,2]`."""
        return f"{self.value.key}[{','.join(str(i) for i in self.index)}]"

    def drawn(self) -> dict[str, int] | None:
        """Return on which map the cell stands, and where; None if it is not drawn."""
        for number, shown in enumerate(self.maps):
            place = shown.drawn(self.row, self.column)
            if shown.key == self.value.key and shown.head in (None, self.head) and place:
                return {"map": number, "row": place[0], "column": place[1]}
        return None


def value_at(view: View, plan: Plan, stop: Stop) -> Value:
    """Return the value of a stop that is looked at: the chosen one, else the main one."""
    return find_value(plan, view.site if view.site in stop.keys else stop.keys[0])


def focus_on(view: View, trace: Trace, stop: Stop) -> Focus:
    """Return the cell of a stop that is looked at: the chosen one, as far as it fits, else the most telling."""
    plan, value = trace.plan, value_at(view, trace.plan, stop)
    cells = value.sheet(trace, view.head)
    row, column = view.row, view.column
    if row is None or not 0 <= row < cells.shape[0]:
        row, column = most_telling(trace, value, cells)
    elif column is None or not 0 <= column < cells.shape[1]:
        column = strongest(cells[row : row + 1])[1]
    if stop.stage == HEADS:
        maps = tuple(Map(value, head) for head in range(attention_facts(value.block).heads))
    else:
        place = {value.key: (row, column)}
        maps = tuple(
            map_of(trace, find_value(plan, key), view.head, *place.get(key, (None, None))) for key in stop.keys
        )
    return Focus(value, cells, view.head, row, column, maps)


def arrive(view: View, trace: Trace, stop: Stop, stops: tuple[Stop, ...]) -> tuple[View, Focus]:
    """Look at a stop: return the view with a cell and a trail that the run has, and what is looked at.

    What a link named besides is told, once.
    """
    focus, problems = focus_on(view, trace, stop), list[Problem]()
    n_rows, n_columns = focus.cells.shape
    fitted = fit_to_cell(view, n_rows, n_columns, problems)
    if view.stage not in ("", stop.stage, *(each.stage for each in stops)):
        problems.append(Problem("stage", view.stage, stop.stage))
    show_problems(view.lang, problems if cell_of_link() else [])
    st.session_state.update(row=fitted.row, column=fitted.column, stage=stop.stage)
    st.session_state.trail = known_crumbs(trace.plan, trace, view.trail)
    return current_view(), focus


def stop_of(view: View, plan: Plan, stops: tuple[Stop, ...], first: str) -> Stop:
    """Return the stop that the view stands at; one more for a parameter while one is looked at."""
    by_stage = {stop.stage: stop for stop in stops}
    if view.site and (view.stage == PARAMETER or view.stage not in by_stage):
        place = place_of(plan, view.site)
        if place.stage == PARAMETER:
            return Stop(PARAMETER, (view.site,))
        return by_stage.get(place.stage, by_stage[first])
    return by_stage.get(view.stage, by_stage[first])


def choose_stop(plan: Plan, before: Stop, after: Stop) -> None:
    """Go to another stop of the road; the row stays, and the column where it means the same."""
    (row, column), (next_row, next_column) = (
        find_value(plan, stop.keys[0]).letters if stop.keys else ("", "1") for stop in (before, after)
    )
    if row != next_row:
        st.session_state.row = None
    if column != next_column:
        st.session_state.column = None
    st.session_state.update(stage=after.stage, site="", trail="")


def choose_cell(shown: Map, row: int, column: int) -> None:
    """Look at the cell at a row and column of a map."""
    _set_cell(shown.value, shown.index(row, column), shown.head)


def look_at(plan: Plan, key: str, index: tuple[int, ...]) -> None:
    """Look at a cell of any value, wherever it is shown.

    Raises:
        UnknownSiteError: if the model has no such value.
    """
    open_value(plan, key)
    _set_cell(find_value(plan, key), index, None)


def open_value(plan: Plan, key: str) -> None:
    """Go to where a value is shown.

    Raises:
        UnknownSiteError: if the model has no such value.
    """
    place = place_of(plan, key)
    state = st.session_state
    state.update(stage=place.stage, site=key, row=None, column=None, trail="", attention_given=None)
    for name in ("stack", "layer", "block"):
        if getattr(place, name) is not None:
            state[name] = getattr(place, name)
    state.opened = place.page


def follow(plan: Plan, focus: Focus, key: str, index: tuple[int, ...]) -> None:
    """Look at one of the numbers that a cell is made of, and remember the way back."""
    trail = [*crumbs(st.session_state.trail), focus.address]
    look_at(plan, key, index)
    st.session_state.trail = ">".join(trail[-MOST_CRUMBS:])


def follow_picture(trace: Trace, page: str, key: str, index: tuple[int, ...]) -> None:
    """Look at the number from which a cell of a picture follows, and remember the way back.

    It leads to the cell that was explained beside the picture, or to the picture's stop, if that explains none.
    """
    state = st.session_state
    place = f"{page}.{state.stage}"
    if state.site:
        value = find_value(trace.plan, state.site)
        index_now = value.index(state.head, state.row or 0, state.column or 0)
        place = f"{state.site}[{','.join(str(i) for i in index_now)}]"
    trail = [*crumbs(state.trail), place]
    look_at(trace.plan, key, index)
    state.trail = ">".join(trail[-MOST_CRUMBS:])


def go_back(plan: Plan, number: int) -> None:
    """Look at a cell or a stop of the trail again."""
    trail = crumbs(st.session_state.trail)
    if stop := stop_of_crumb(trail[number]):
        st.session_state.update(stage=stop[1], site="", row=None, column=None, opened=stop[0])
    else:
        key, _, rest = trail[number].partition("[")
        look_at(plan, key, tuple(int(i) for i in rest.removesuffix("]").split(",")))
    st.session_state.trail = ">".join(trail[:number])


def stop_of_crumb(crumb: str) -> tuple[str, str] | None:
    """Return page and stage of a place of the trail that is a stop without values; None for a cell."""
    found = _STOP.fullmatch(crumb)
    return None if found is None else (found[1], found[2])


def crumbs(trail: str) -> list[str]:
    """Return the places of a trail, the first one first: addresses of cells, and stops as `page.stage`."""
    return [crumb for crumb in trail.split(">") if _CRUMB.fullmatch(crumb) or _STOP.fullmatch(crumb)][-MOST_CRUMBS:]


def known_crumbs(plan: Plan, trace: Trace, trail: str) -> str:
    """Return a trail without the cells that this run does not have: a link may name anything."""
    kept = []
    for crumb in crumbs(trail):
        found = _CRUMB.fullmatch(crumb)
        if found is None:
            stop = stop_of_crumb(crumb)
            kept += [crumb] if stop is not None and f"stop.{stop[1]}" in texts("en") else []
            continue
        if is_cell(trace, found[1], tuple(int(i) for i in found[2].split(","))):
            kept.append(crumb)
    return ">".join(kept)


def is_cell(trace: Trace, key: str, index: tuple[int, ...]) -> bool:
    """Return whether a run has a cell: a number of a value or of a parameter, at places from 0."""
    if key not in trace and key not in trace.parameters:
        return False
    shape = np.shape(trace.array(key))
    return len(shape) == len(index) and all(0 <= i < n for i, n in zip(index, shape, strict=True))


def _set_cell(value: Value, index: tuple[int, ...], head: int | None) -> None:
    state = st.session_state
    state.site = value.key
    state.head, state.row, state.column = value.cell(index, state.head if head is None else head)
