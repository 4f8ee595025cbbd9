"""By what the layers of two chains are mixed: a slider for each number, and each choice a model's name."""

from __future__ import annotations

import streamlit as st

from transformer_core.glass.trace import Trace
from transformer_core.models.readings import Mix, as_reading
from ui.frame.text import dotted, t
from ui.road.context.two_uses import n_layers
from ui.state.road import table_of
from ui.state.view import View

PAGE = "context"
WEIGHTS = tuple(step / 2 for step in range(-10, 11))
GAMMAS = tuple(step / 4 for step in range(1, 13))


def choose_mix(view: View, trace: Trace) -> None:
    """Draw a slider for each number of the mix; what is chosen is another model, which the whole page has to follow."""
    lang, n, state = view.lang, n_layers(trace), st.session_state
    found = as_reading(view.model)
    now = found if isinstance(found, Mix) else _own_mix(view, trace)
    st.markdown(f"##### {t('mixing.title', lang)}")

    def take(place: int) -> None:
        chosen = state[f"mix.{place}"]
        if chosen not in (WEIGHTS if place < n + 1 else GAMMAS):  # what a browser tells may be forged
            return
        w = tuple(chosen if j == place else one for j, one in enumerate(now.w))
        state.update(model=Mix(now.model, w, chosen if place == n + 1 else now.gamma).name, opened=PAGE)

    columns = st.columns(n + 2, gap="medium")
    for place, column in enumerate(columns):
        steps, value = (WEIGHTS, now.w[place]) if place < n + 1 else (GAMMAS, now.gamma)
        names = ["mixing.w_table", *["mixing.w_layer"] * n, "mixing.gamma"]
        state[f"mix.{place}"] = steps[min(range(len(steps)), key=[abs(step - value) for step in steps].__getitem__)]
        with column:
            st.select_slider(
                t(names[place], lang, j=place, n=place - 1),
                steps,
                key=f"mix.{place}",
                format_func=lambda step: f"{step:g}",
                on_change=take,
                args=(place,),
            )
    st.caption(dotted("mixing.look", lang))


def _own_mix(view: View, trace: Trace) -> Mix:
    w, gamma = (trace.parameters[f"mix.{name}"].astype(float).tolist() for name in ("w", "gamma"))
    return Mix(table_of(view.model), tuple(w), gamma[0])
