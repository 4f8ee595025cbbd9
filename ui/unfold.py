"""Where the player's words come from: a rule, the reader's own picks, and the run that follows from both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import streamlit as st

from figures.unfold import unfold
from figures.unfold_run import run_facts
from transformer_core.decoding import cache_difference
from transformer_core.rules import GREEDY, Beam, Rule, Sampling
from transformer_core.trace import Trace
from ui.components import player
from ui.models import Asked, edits_of, get_model, get_trace
from ui.session import asked_for, mode
from ui.text import section, t
from ui.view import View

RULES = ("greedy", "sampling", "beam")
WIDTHS = (2, 3, 4, 5)
MOST_SEED = 9999
FIRST = {"rule": "greedy", "temperature": 1.0, "top_k": 10, "top_p": 0.9, "seed": 0, "width": 4, "penalty": 1.0}


@dataclass(frozen=True)
class Picks:
    """Words that the reader chose.

    Attributes:
        prefix: ids up to the last chosen one.
        steps: where they stand.
    """

    prefix: tuple[int, ...] = ()
    steps: tuple[int, ...] = ()


def choose_rule(lang: str) -> Rule:
    """Draw the choice of the rule and of its numbers; kept apart from the widgets, which forget on other pages."""
    kept: dict[str, Any] = st.session_state.setdefault("own_words.kept", dict(FIRST))
    columns = st.columns([3, 2, 2, 2, 2], vertical_alignment="bottom")
    with columns[0]:
        st.segmented_control(
            t("unfold.rule", lang),
            RULES,
            required=True,
            format_func=lambda name: t(f"rule_name.{name}", lang),
            **_widget(kept, "rule"),
        )
    if kept["rule"] == "sampling":
        columns[1].slider(t("choices_words.temperature", lang), 0.1, 3.0, step=0.1, **_widget(kept, "temperature"))
        columns[2].number_input(t("unfold.top_k", lang), 0, 1000, **_widget(kept, "top_k"))
        columns[3].slider(t("choices_words.top_p", lang), 0.05, 1.0, step=0.05, **_widget(kept, "top_p"))
        columns[4].number_input(t("unfold.seed", lang), 0, MOST_SEED, **_widget(kept, "seed"))
        return Sampling(
            temperature=kept["temperature"], top_k=kept["top_k"] or None, top_p=kept["top_p"], seed=kept["seed"]
        )
    if kept["rule"] == "beam":
        columns[1].segmented_control(t("beam.width", lang), WIDTHS, required=True, **_widget(kept, "width"))
        columns[2].slider(t("beam.penalty", lang), 0.0, 2.0, step=0.1, **_widget(kept, "penalty"))
        return Beam(width=kept["width"], length_penalty=kept["penalty"])
    return GREEDY


def show_run(view: View, key: str) -> None:
    """Draw the player with the words that were given, or else with those of the chosen rule and the reader's picks."""
    asked = asked_for(view)
    pick: Callable[[int, int], None] = _ignore
    run: dict[str, Any] | None = None
    if asked.target:
        trace = get_trace(asked)
    else:
        rule = choose_rule(view.lang)
        found_for, picks = st.session_state.get("own_words.picks", (None, Picks()))
        picks = picks if found_for == (asked, rule) else Picks()
        trace, facts = _run(asked, rule, picks)
        run, pick = {**facts, "model": asked.model}, _picker(asked, rule, picks, trace)
    assert view.layer is not None
    steps = unfold(trace, view.layer, None if view.average else view.head, _word_of(asked))
    player(key, {**steps, "run": run}, view.step, section("player", view.lang), mode(), pick, _forget)


@lru_cache(maxsize=8)  # a trace of 60 words holds megabytes
def _run(asked: Asked, rule: Rule, picks: Picks) -> tuple[Trace, dict[str, Any]]:
    glass = get_model(asked.model)
    edits = edits_of(asked)
    record = glass.decode(asked.source, rule, prefix=picks.prefix, edits=edits)
    own = get_trace(asked)
    trace = own if record.ids == own.written_ids else glass.trace_record(record, edits=edits)
    difference = None if edits else cache_difference(glass.model, record)
    return trace, run_facts(record, glass.config, picks.steps, difference)


def _picker(asked: Asked, rule: Rule, picks: Picks, trace: Trace) -> Callable[[int, int], None]:
    def pick(step: int, word: int) -> None:
        if 0 <= step < len(trace.written_ids) and 0 <= word < get_model(asked.model).config.vocab_size:
            prefix = (*trace.written_ids[:step], word)
            steps = (*(s for s in picks.steps if s < step), step)
            st.session_state["own_words.picks"] = ((asked, rule), Picks(prefix, steps))

    return pick


def _ignore(step: int, word: int) -> None:
    """Given words stay as they are."""


def _forget() -> None:
    st.session_state.pop("own_words.picks", None)


def _widget(kept: dict[str, Any], name: str) -> dict[str, Any]:
    """The arguments that let a widget show a number of `kept` and change it."""
    key = f"unfold.{name}"
    st.session_state[key] = kept[name]

    def keep() -> None:
        kept[name] = st.session_state[key]

    return {"key": key, "on_change": keep}


def _word_of(asked: Asked) -> Callable[[int], str]:
    tokenizer = get_model(asked.model).target_tokenizer
    assert tokenizer is not None
    return lambda i: str(tokenizer.pieces([i])[0])
