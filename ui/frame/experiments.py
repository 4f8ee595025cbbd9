"""Experiments that are ready to be made: a list of edits each, for whatever model and sentence is there."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from transformer_core.edits.base import in_all_layers
from transformer_core.edits.parse import Edit, Fill, Patch, SkipResidual, SwitchOff, WholeMask, to_text
from transformer_core.glass.walks import attention_facts, embedding_of, key_of, stack_out, with_role
from ui.frame.text import t
from ui.frame.wording import said, said_dotted
from ui.state.examples import example_file
from ui.state.models import get_model
from ui.state.view import View

NAMES = ("head", "block", "residual", "freeze", "patch", "order", "future")


@lru_cache(maxsize=64)
def experiment(name: str, model: str) -> str:
    """Return the edits of an experiment, as text."""
    plan = get_model(model).plan
    attending = with_role(plan, "attention")
    crossing, causal = (
        [block for block in attending if block.memory],
        [block for block in attending if attention_facts(block).causal],
    )
    last, first = (crossing or list(attending))[-1], plan.word_lists[0].stack
    first_sum = SkipResidual(key_of(with_role(plan, "add")[0]))
    pair = patched_pair(model)
    made: dict[str, tuple[Edit, ...]] = {
        "head": (SwitchOff(last.path, (0,)),),
        "block": (SwitchOff(last.path, tuple(range(attention_facts(last).heads))),),
        "residual": (first_sum,),
        "freeze": (first_sum, Fill(stack_out(plan, first), (), "freeze")),
        "patch": (Patch(stack_out(plan, first), (pair[2],), pair[1]),) if pair else (),
        "order": (Fill(key_of(embedding_of(plan, first), "pos"), (), "zero"),),
        "future": (WholeMask(in_all_layers(causal[0]), "none"),) if causal else (),
    }
    return to_text(made[name])


@lru_cache(maxsize=64)
def patched_pair(model: str) -> tuple[str, str, int] | None:
    """Return two sentences that differ in one word, and its position; None for a model that is not bundled."""
    path = example_file("patched", model)
    if not path.exists():
        return None
    sentence, other, position = path.read_text(encoding="utf-8").strip().split("\t")
    return sentence, other, int(position)


def choose_experiment(view: View) -> None:
    """Draw the experiments, of which the one that is under way is marked."""
    lang = view.lang
    names = [name for name in NAMES if experiment(name, view.model)]
    under_way = next((name for name in names if experiment(name, view.model) == view.edits), None)
    st.session_state["ready_experiment"] = under_way
    st.pills(
        t("what_if.experiments", lang),
        names,
        key="ready_experiment",
        format_func=lambda name: said(f"experiment.{name}", view.model, lang),
        label_visibility="collapsed",
        on_change=_begin,
        args=(view.model,),
    )


def show_look(view: View) -> None:
    """Say what to look at in the experiment that is under way."""
    under_way = next((name for name in NAMES if experiment(name, view.model) == view.edits), None)
    if view.edits and under_way:
        pair = patched_pair(view.model)
        words = {"sentence": pair[0], "other": pair[1]} if pair else {"sentence": "", "other": ""}
        st.markdown(said_dotted(f"experiment_look.{under_way}", view.model, view.lang, **words))


def _begin(model: str) -> None:
    """Begin the experiment that was picked, in place of all edits; or end it."""
    name = st.session_state["ready_experiment"]
    st.session_state.edits = experiment(name, model) if name else ""
    st.session_state.run = "edited"
    pair = patched_pair(model)
    if name == "patch" and pair:
        st.session_state.source, st.session_state.target = pair[0], ""
