"""The road of a page: its stops, and at each stop the maps, what they show, and the panel that explains a cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import streamlit as st

from transformer_core.glass.trace import Trace
from ui.frame.page import Page
from ui.frame.path import number_on_path
from ui.frame.text import section
from ui.frame.wording import said
from ui.parts.components import stepper
from ui.parts.explain import show_explanation
from ui.parts.focus import arrive, choose_stop, stop_of
from ui.parts.stop_maps import show_maps, show_picture
from ui.state.places import Stop, road
from ui.state.session import current_view, fit_choices, mode
from ui.state.view import View
from ui.take_home.export import take_home

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
    page, choose = road_page.page.name, road_page.choose
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
    view, focus = arrive(view, trace, stop, stops)
    picture, panel = st.columns([7, 5], gap="large")
    with picture:
        if stop.stage in road_page.pictures:
            show_picture(page, view, trace, stop, road_page.pictures[stop.stage])
        else:
            show_maps(page, view, trace, stop, focus)
    with panel:
        choose(view, trace)
        show_explanation(road_page.page, trace, stop)
        if road_page.lead is not None:
            road_page.lead(view, trace)
    if stop.stage in extras:
        extras[stop.stage](view, trace)
    take_home(page, trace, stop)


def _choose(page: str, view: View, trace: Trace, stops: tuple[Stop, ...], stop: Stop) -> None:
    shown = stops if stop in stops else (*stops, stop)
    by_stage = {each.stage: each for each in shown}
    labels = [(each.stage, said(f"stop.{each.stage}", view.model, view.lang)) for each in shown]

    def choose(stage: str) -> None:
        choose_stop(trace.plan, stop, by_stage[stage])
        if number_on_path(page, view.model, stage) != number_on_path(page, view.model, stop.stage):
            st.session_state.opened = page  # the number of the page and the way on are not in this fragment

    stepper(f"{page}.stage", labels, stop.stage, section("stage", view.lang), mode(), choose)
