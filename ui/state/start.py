"""How a session begins: the view of the URL, seeded once into `st.session_state`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from secrets import token_hex

import streamlit as st

from ui.frame.text import LANGUAGES
from ui.state.models import GREETING, get_model, is_at_hand, model_names
from ui.state.road import page_of_model, road_stop
from ui.state.session import NAMES, OF_A_MODEL, current_view, sentence_of, takes_target
from ui.state.view import Problem, View, fit_to_model, from_query

_PLACES = {"stack", "block", "layer", "head", "site", "cell"}  # a link that has one of these says where to look


def reading_language() -> str:
    """Return the language in which the reader reads: what was chosen, else that of the URL or of the browser."""
    chosen = st.session_state.get("lang", st.query_params.get("lang"))
    return chosen if chosen in LANGUAGES else "zh" if str(st.context.locale or "en").startswith("zh") else "en"


def start_session(page: str, examples: Callable[[str], Sequence[str]]) -> None:
    """Take the view from the URL, the first time this session runs.

    Args:
        page: that was opened. Where it shows no model of that kind, what the URL says of one waits for a model that it
            does show: all that is chosen for a model, or its stop alone, if it was chosen for another model.
        examples: of a model, by its name; the first one is shown if the URL names no sentence.
    """
    if "session" in st.session_state:
        return
    asked = st.query_params.get("model", "")
    models = (*model_names(), *([asked] if is_at_hand(asked) else []))
    view, problems = from_query(st.query_params, models, reading_language())
    if not set(st.query_params) - {"lang"}:
        view = replace(
            view, model=GREETING[view.lang]
        )  # a first reader, who asks for nothing, begins in a language that he reads
    if road_stop(page) and page_of_model(view.model) != page:
        names = ("stage",) if "model" in st.query_params else tuple(n for n in OF_A_MODEL if n != "model")
        st.session_state.waits = {name: getattr(view, name) for name in names}
        view = replace(view, **{name: getattr(View, name) for name in names})
    view = fit_to_model(view, get_model(view.model).plan, problems, st.query_params)
    st.session_state.session = token_hex(4)
    for name in NAMES:
        st.session_state[name] = getattr(view, name)
    if "source" not in st.query_params:
        st.session_state.source = next(iter(examples(view.model)), "")
    if view.target and not takes_target(view.model):
        problems.append(Problem("target", view.target, "-"))
    st.session_state.sentence_of_link = sentence_of(current_view())
    st.session_state.problems = problems
    st.session_state.given = "" if "source" in st.query_params else st.session_state.source
    chosen = _PLACES & set(st.query_params)
    st.session_state.attention_given = None if chosen else (view.stack, view.block)
    st.session_state.cell_of_link, st.session_state.step_of_link = True, "step" in st.query_params
    st.session_state.rest_of_link = {name: value for name, value in st.query_params.items() if name not in NAMES}


def take_waiting() -> None:
    """Look where the URL said, as far as the model that the page shows has it: of a URL that named none of its kind."""
    waits = st.session_state.pop("waits", None)
    if waits is None:
        return
    view = replace(current_view(), **waits)
    fitted = fit_to_model(view, get_model(view.model).plan, st.session_state.problems, st.query_params)
    st.session_state.update({name: getattr(fitted, name) for name in OF_A_MODEL})
