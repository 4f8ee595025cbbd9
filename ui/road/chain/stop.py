"""What the stop of recurrent networks shows."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from transformer_core.glass.trace import Trace
from ui.parts.stepper import Extra
from ui.road.chain import gradients, lanes, memory
from ui.road.guess import given_on, show_guess
from ui.road.stop import show_end, show_failure, show_number
from ui.state.session import identify_run
from ui.state.view import View

PAGE = "chain"
GIVEN = given_on(PAGE)
OPTIONS = (gradients.BIAS, GIVEN)


def chain_pictures() -> Mapping[str, Extra]:
    """Return the pictures of the stops."""
    return {"cell": lanes.show_lanes}


def chain_extras(view: View, trace: Trace) -> Mapping[str, Extra]:
    """Return the stops that show no value."""
    return {"gradient": gradients.show_gradients, "memory": memory.show_memory, "speed": memory.show_speed}


def chain_end(view: View, trace: Trace) -> None:
    """Draw what stands below every stop: one number, what fails, one guess, where it lives on."""
    st.divider()
    show_number(view, lanes.bits_of(identify_run(view).plain))
    show_failure(view, PAGE, gradients.tell_failure(view, trace))
    show_guess(view, gradients.first_heard(view, trace), GIVEN)
    show_end(view, PAGE)
