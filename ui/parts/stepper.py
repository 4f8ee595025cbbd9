"""The road of a page: its stops, and at each stop the maps, what they show, and the panel that explains a cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from transformer_core.glass.trace import Trace
from ui.frame.page import Page
from ui.frame.path import number_on_path
from ui.frame.text import as_markdown, section, t
from ui.frame.wording import rule_of_rows, said
from ui.parts.components import headings, heat_map, heat_maps, stepper
from ui.parts.explain import chart_key, show_explanation
from ui.parts.headings import alt_of, below, heading_of, plain_heading
from ui.parts.lines import LOOK, word_lines_of
from ui.parts.maps import Map, map_cells, sheet
from ui.parts.products import product_cells
from ui.state.focus import choose_stop, focus_on, known_crumbs, stop_of
from ui.state.places import HEADS, Stop, find_value, road
from ui.state.session import (
    cell_of_link,
    current_view,
    fit_choices,
    identify_run,
    mode,
    show_problems,
)
from ui.state.view import Problem, View, fit_to_cell
from ui.take_home.export import take_home

SIDE_BY_SIDE = 2  # maps of heads, see heatmaps.css

Extra = Callable[[View, Trace], None]
Extras = Callable[[View, Trace], Mapping[str, Extra]]


@dataclass(frozen=True)
class Road:
    """A page that is a road.

    Attributes:
        page: it, declared.
        first: the stop at which a new reader stands.
        choose: draws the choosers beside the picture: of a side, a layer, a head.
        more: returns what a stop shows below its maps, by stage; a stage that is no stop of values becomes one, at the
            end.
        lead: draws how the road is to be read, below the panel.
        pictures: what a stop of values shows in place of its map, by stage.
        end: draws what stands below every stop.
    """

    page: Page
    first: str
    choose: Extra
    more: Extras
    lead: Extra | None = None
    pictures: Mapping[str, Extra] = field(default_factory=dict)
    end: Extra | None = None

    def show(self) -> None:
        """Draw the page."""
        self.page.show(self._body, self.stage_at)

    def _body(self, view: View, trace: Trace) -> None:
        walk(self, trace)
        if self.end is not None:
            self.end(current_view(), trace)

    def stage_at(self, view: View, trace: Trace) -> str:
        """Return the stage at which the reader stands."""
        return stop_of(view, trace.plan, self.stops(view, trace), self.first).stage

    def stops(self, view: View, trace: Trace) -> tuple[Stop, ...]:
        """Return the stops of the road, in the order of computation; those without values come last."""
        assert view.layer is not None
        found = road(trace.plan, self.page.name, view.stack, view.layer, view.block)
        stages = {stop.stage for stop in found}
        return (*found, *(Stop(stage, ()) for stage in self.more(view, trace) if stage not in stages))


@st.fragment  # a step of the road, another head or layer rerun this block, not the page
def walk(road_page: Road, trace: Trace) -> None:
    """Draw the stop of a road at which the reader stands."""
    page, options, choose = road_page.page.name, road_page.page.options, road_page.choose
    if st.session_state.get("opened"):
        st.rerun()  # a click on a picture leads to another stop or page
    view = fit_choices()
    extras, stops = road_page.more(view, trace), road_page.stops(view, trace)
    stop = stop_of(view, trace.plan, stops, road_page.first)
    _choose(page, view, trace, stops, stop)
    if not stop.keys:
        st.session_state.update(stage=stop.stage, site="")
        extras[stop.stage](view, trace)
        choose(view, trace)
        road_page.page.write_address()
        return
    view = _fitted(view, trace, stop, stops)
    picture, panel = st.columns([7, 5], gap="large")
    with picture:
        if stop.stage in road_page.pictures:
            _show_picture(page, view, trace, stop, road_page.pictures[stop.stage])
        else:
            _show_maps(page, view, trace, stop)
    with panel:
        choose(view, trace)
        show_explanation(page, trace, stop, options)
        if road_page.lead is not None:
            road_page.lead(view, trace)
    if stop.stage in extras:
        extras[stop.stage](view, trace)
    take_home(page, trace, stop, plain_heading)


def _choose(page: str, view: View, trace: Trace, stops: tuple[Stop, ...], stop: Stop) -> None:
    shown = stops if stop in stops else (*stops, stop)
    by_stage = {each.stage: each for each in shown}
    labels = [(each.stage, said(f"stop.{each.stage}", view.model, view.lang)) for each in shown]

    def choose(stage: str) -> None:
        choose_stop(trace.plan, stop, by_stage[stage])
        if number_on_path(page, view.model, stage) != number_on_path(page, view.model, stop.stage):
            st.session_state.opened = page  # the number of the page and the way on are not in this fragment

    stepper(f"{page}.stage", labels, stop.stage, section("stage", view.lang), mode(), choose)


def _fitted(view: View, trace: Trace, stop: Stop, stops: tuple[Stop, ...]) -> View:
    """The view with a cell and a trail that this run has; what a link named besides is told once."""
    value = find_value(trace.plan, view.site if view.site in stop.keys else stop.keys[0])
    problems: list[Problem] = []
    n_rows, n_columns = sheet(trace, value, view.head).shape
    fitted = fit_to_cell(view, n_rows, n_columns, problems)
    if view.stage not in ("", stop.stage, *(each.stage for each in stops)):
        problems.append(Problem("stage", view.stage, stop.stage))
    show_problems(view.lang, problems if cell_of_link() else [])
    st.session_state.update(row=fitted.row, column=fitted.column, stage=stop.stage)
    st.session_state.trail = known_crumbs(trace.plan, trace, view.trail)
    return current_view()


def _show_maps(page: str, view: View, trace: Trace, stop: Stop) -> None:
    maps = focus_on(view, trace, stop).maps
    if stop.stage == HEADS:
        heading = heading_of(view, trace, maps[0])
        st.subheader(t("attention.heads_title", view.lang, n=len(maps)), anchor=False)
        titles = [t("axis_name.H", view.lang, i=n) for n in range(len(maps))]
        rows = -(-len(maps) // SIDE_BY_SIDE)
        drawn = [
            {
                **_cells(view, shown),
                "name": shown.key,
                "alt": alt_of(view, trace, shown),
                "stacked": (n // SIDE_BY_SIDE + 1, rows),
            }
            for n, shown in enumerate(maps)
        ]
        with st.container(key=chart_key(0)):  # where the panel listens; the component's own key is no other's
            heat_maps("all_maps", drawn, titles, section("heatmap_words", view.lang), mode())
        headings(f"{page}.heading", [below(heading)], section("heading", view.lang), mode())
        return
    if len(maps) > 1:
        _show_stacked(page, view, trace, maps)
        return
    heading = heading_of(view, trace, maps[0])
    st.subheader(as_markdown(heading["title"]), anchor=False)
    _chart(view, trace, maps[0], 0)
    headings(f"{page}.heading", [below(heading)], section("heading", view.lang), mode())
    if stop.stage in ("scores_raw", "weights"):
        st.caption(rule_of_rows(view.stack, view.model, view.lang))


def _show_picture(page: str, view: View, trace: Trace, stop: Stop, draw: Extra) -> None:
    """Draw a picture of the stop's value where otherwise its map stands."""
    title = st.empty()
    with st.container(key=chart_key(0)):
        draw(view, trace)
    focus = focus_on(current_view(), trace, stop)  # what is looked at first, the picture says
    heading = heading_of(view, trace, next(shown for shown in focus.maps if shown.key == focus.value.key))
    title.subheader(as_markdown(heading["title"]), anchor=False)
    headings(f"{page}.heading", [below(heading)], section("heading", view.lang), mode())


def _show_stacked(page: str, view: View, trace: Trace, maps: Sequence[Map]) -> None:
    """Draw maps that belong together below each other, so low that all are seen at once."""
    told = [heading_of(view, trace, shown) for shown in maps]
    rows = [_cells(view, shown)["row_labels"] for shown in maps]
    with st.container(key="stacked", gap=None):
        for n, (shown, heading) in enumerate(zip(maps, told, strict=True)):
            line = f"{as_markdown(heading['title'])} :small[{as_markdown(heading['look'])}]"
            st.subheader(line, anchor=False)
            beside = [label for other in rows if other != rows[n] for label in other]
            _chart(view, trace, shown, n, {"stacked": (n + 1, len(maps)), "beside": beside})
    facts = [{"look": "", "shape": heading["shape"], "key": heading["key"]} for heading in told]
    headings(f"{page}.heading", facts, section("heading", view.lang), mode())


def _chart(view: View, trace: Trace, shown: Map, n: int, stacked: Mapping[str, Any] | None = None) -> None:
    words = section("heatmap_words", view.lang)
    cells, asked = _cells(view, shown), identify_run(view)
    if stacked is not None:
        cells = {**cells, **stacked}
    if (around := product_cells(asked, shown, view.lang, mode())) is not None:
        cells = {**cells, "product": around}
    if (lines := word_lines_of(asked, shown.key, view.lang)) is not None:
        cells = {**cells, "lines": {**lines, "look": LOOK.value}}
    heat_map(chart_key(n), cells, shown.key, alt_of(view, trace, shown), words, mode(), on_look=LOOK.choose)


def _cells(view: View, shown: Map) -> Mapping[str, Any]:
    return map_cells(identify_run(view), shown, view.lang, mode())
