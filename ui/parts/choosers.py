"""The choosers of a page: which attention, side, layer and head. What is not needed at once folds away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from transformer_core.glass.plan import Plan
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_kinds, chains_of, n_layers, stacks, written_list
from ui.frame.text import SEPARATOR, t
from ui.state.models import get_model
from ui.state.view import View, n_heads

AVERAGE = "mean"


def choose_head(view: View, trace: Trace) -> None:
    """Draw the choice of a head, and folded away that of the attention block and its layer."""
    with st.container(key="choosers", horizontal=True, vertical_alignment="center", gap="small"):
        with st.popover(_told(_attention_text((view.stack, view.block), view.lang), view)):
            choose_attention(view, trace.plan)
            choose_layer(view, trace.plan)
        _choose(view, "head", view.head, range(n_heads(trace.plan, view)), _set_head, _head_text)


def choose_attention(view: View, plan: Plan) -> None:
    """Draw the choice of a kind of attention."""
    _choose(view, "attention", (view.stack, view.block), attention_kinds(plan), _set_attention, _attention_text)


def choose_layer_and_heads(view: View) -> View:
    """Draw the choice of a decoder layer and of one head or the mean of all; return the view with both."""
    plan = get_model(view.model).plan
    writing = _writing(view, plan)
    heads = (AVERAGE, *(str(head) for head in range(n_heads(plan, writing))))
    with st.container(key="choosers", horizontal=True, vertical_alignment="center", gap="small"):
        choose_layer(writing, plan)
        _choose(view, "heads", AVERAGE if view.average else str(view.head), heads, _set_heads, _heads_text)
    return view


def choose_side_and_layer(view: View, trace: Trace) -> None:
    """Draw the choice of a side, where the model has both, and of a layer."""
    with st.container(key="choosers", horizontal=True, vertical_alignment="center", gap="small"):
        choose_side(view, trace)
        choose_layer(view, trace.plan)


def choose_side(view: View, trace: Trace) -> None:
    """Draw the choice of a side, where the model has both."""
    if len(stacks(trace.plan)) > 1:
        _choose(view, "side", view.stack, stacks(trace.plan), _set_side, _side_text)


def choose_layer(view: View, plan: Plan) -> None:
    """Draw the choice of a layer of the view's stack."""
    _choose(view, "layer", view.layer, range(n_layers(plan, view.stack)), _set_layer, _layer_text)


def choose_chain(view: View, trace: Trace) -> None:
    """Draw the choice of a chain, where a text is read by several, and of a layer."""
    names = [name for _, name in chains_of(trace.plan)]
    with st.container(key="choosers", horizontal=True, vertical_alignment="center", gap="small"):
        _choose(view, "chain", view.block, names, _set_chain, lambda name, lang: t(f"chain_side.{name}", lang))
        choose_layer(view, trace.plan)


def _writing(view: View, plan: Plan) -> View:
    """The view of the stack that writes, where the page is about no other."""
    words = written_list(plan)
    return view if words is None else replace(view, stack=words.stack)


def _choose(
    view: View,
    name: str,
    chosen: Any,
    options: Sequence[Any],
    choose: Callable[[Any], None],
    text: Callable[[Any, str], str] = lambda option, _: str(option),
) -> None:
    """Draw a choice; the widget is told each time what is chosen, because it forgets when another page has its twin."""
    key = f"choose.{name}"

    def take() -> None:
        if st.session_state[key] in options:  # what a browser tells may be forged
            choose(st.session_state[key])

    st.session_state[key] = chosen
    st.segmented_control(
        t(f"choose.{name}", view.lang),
        tuple(options),
        key=key,
        required=True,
        format_func=lambda option: text(option, view.lang),
        on_change=take,
        wrap=True,
        label_visibility="collapsed",
    )


def _told(what: str, view: View) -> str:
    """What is chosen, as the label of the box in which it can be chosen anew."""
    return SEPARATOR.join((what, t("choose.layer_n", view.lang, n=view.layer)))


def _head_text(head: int, lang: str) -> str:
    """The first option names what the row of numbers is."""
    return t("choose.head_n", lang, n=head) if head == 0 else str(head)


def _layer_text(layer: int, lang: str) -> str:
    return t("choose.layer_n", lang, n=layer) if layer == 0 else str(layer)


def _attention_text(kind: tuple[str, str], lang: str) -> str:
    return t(f"choose.{'_'.join(kind)}", lang)


def _heads_text(name: str, lang: str) -> str:
    return t("unfold.average", lang) if name == AVERAGE else name


def _side_text(stack: str, lang: str) -> str:
    return t(f"side.{stack}", lang)


def _set_attention(kind: tuple[str, str]) -> None:
    st.session_state.stack, st.session_state.block = kind
    _leave_cell()


def _set_chain(name: str) -> None:
    st.session_state.block = name
    _leave_cell()


def _set_side(stack: str) -> None:
    st.session_state.stack = stack
    _leave_cell()


def _set_layer(layer: int) -> None:
    st.session_state.layer = layer
    _leave_cell()


def _set_head(head: int) -> None:
    st.session_state.head = head


def _set_heads(name: str) -> None:
    st.session_state.average = name == AVERAGE
    if name != AVERAGE:
        st.session_state.head = int(name)


def _leave_cell() -> None:
    """The value that is explained belongs to the block that was chosen before; the stop and the cell stay."""
    st.session_state.update(site="", trail="")
