"""How the next word is chosen, and how many there may be: the same dials on every page, and in the link."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from transformer_core.decoding.rules import GREEDY, Beam, Rule, Sampling
from ui.frame.text import t
from ui.state.models import CONTINUED, Asked, get_model, given_ids
from ui.state.options import Option, decimal, one_of, whole_number

RULES = ("greedy", "sampling", "beam")
WIDTHS = (1, 2, 3, 4, 5)
COLDEST, HOTTEST, LEAST_P, MOST_K, MOST_SEED, MOST_PENALTY = 0.1, 3.0, 0.05, 1000, 9999, 2.0

RULE = Option("rule", "greedy", one_of(*RULES))
TEMPERATURE = Option("temperature", 1.5, decimal(COLDEST, HOTTEST), "{:g}".format)
TOP_K = Option("top_k", 10, whole_number(0, MOST_K))  # 0 leaves all words
TOP_P = Option("top_p", 0.9, decimal(LEAST_P, 1.0), "{:g}".format)
SEED = Option("seed", 0, whole_number(0, MOST_SEED))
WIDTH = Option("width", 4, whole_number(WIDTHS[0], WIDTHS[-1]))
PENALTY = Option("penalty", 1.0, decimal(0.0, MOST_PENALTY), "{:g}".format)
DRAW = (TEMPERATURE, TOP_K, TOP_P, SEED)
BEAM = (WIDTH, PENALTY)


def sampling(seed: int) -> Sampling:
    """Return the sampling that the dials say, with a seed."""
    return Sampling(temperature=TEMPERATURE.value, top_k=TOP_K.value or None, top_p=TOP_P.value, seed=seed)


def beam() -> Beam:
    """Return the beam search that the dials say."""
    return Beam(width=WIDTH.value, length_penalty=PENALTY.value)


def chosen_rule() -> Rule:
    """Return the rule that is chosen, with its numbers."""
    if RULE.value == "sampling":
        return sampling(SEED.value)
    return beam() if RULE.value == "beam" else GREEDY


def limit_of(asked: Asked) -> int | None:
    """Return how many words are written at most, those included with which the model goes on; None: its own limit."""
    n_given = len(given_ids(asked))
    return min(get_model(asked.model).config.max_length, n_given + CONTINUED) if n_given else None


def choose_rule(lang: str) -> None:
    """Draw the choice of the rule and of its numbers."""
    columns = st.columns([3, 2, 2, 2, 2], vertical_alignment="bottom")
    with columns[0]:
        st.segmented_control(
            t("unfold.rule", lang),
            RULES,
            required=True,
            format_func=lambda name: t(f"rule_name.{name}", lang),
            **RULE.widget(),
        )
    if RULE.value == "sampling":
        heat, share = t("choices_words.temperature", lang), t("choices_words.top_p", lang)
        columns[1].slider(heat, COLDEST, HOTTEST, step=0.05, **TEMPERATURE.widget())
        columns[2].number_input(t("unfold.top_k", lang), 0, MOST_K, **TOP_K.widget())
        columns[3].slider(share, LEAST_P, 1.0, step=0.05, **TOP_P.widget())
        columns[4].number_input(t("unfold.seed", lang), 0, MOST_SEED, **SEED.widget())
    if RULE.value == "beam":
        choose_beam(columns[1], columns[2], lang)


def choose_beam(width: DeltaGenerator, penalty: DeltaGenerator, lang: str) -> None:
    """Draw the choice of the beam's width and of its length penalty, each in its column."""
    width.segmented_control(t("beam.width", lang), WIDTHS, required=True, **WIDTH.widget())
    penalty.slider(t("beam.penalty", lang), 0.0, MOST_PENALTY, step=0.1, **PENALTY.widget())
