"""Why nobody trains without the mask: two small models, trained when the first reader asks for it."""

from __future__ import annotations

import math
from dataclasses import asdict

import streamlit as st

from figures.base.labels import number
from figures.base.theme import theme
from figures.learn.peeking import CURVES, peeking_curves
from transformer_core.studies.peeking import CHANCE_LOSS, N_WORDS, Peek, train_to_peek
from ui.frame.text import dotted, section, t
from ui.live.progress import progress, progress_bar
from ui.parts.charts import chart, heading
from ui.state.session import mode
from ui.state.shared.once import Once
from ui.state.view import View

N_STEPS = 240


@st.fragment  # the training touches nothing else on the page
def show_peeking(view: View) -> None:
    """Draw the button that trains both models, and once somebody has done so what became of them."""
    lang = view.lang
    st.divider()
    heading(t("peeking.title", lang), dotted("peeking.look", lang, n=N_WORDS, chance=number(CHANCE_LOSS)))
    if st.button(t("peeking.start", lang, steps=N_STEPS), key="peeking_start"):
        st.session_state.peeking = N_STEPS
    if st.session_state.get("peeking") != N_STEPS:
        return
    with progress_bar(t("peeking.running", lang)):
        found = _trained().get(N_STEPS)
    losses = {name: [asdict(peek)[name] for peek in found] for name in CURVES}
    words, last = section("peeking_words", lang), found[-1]
    figure = peeking_curves([peek.step for peek in found], losses, CHANCE_LOSS, words, theme(mode()))
    chart(figure, "peeking_curves", t("peeking.title", lang))
    shares = {name: f"{100 * math.exp(-losses[name][-1]):.1f} %" for name in CURVES}
    st.markdown(dotted("peeking.told", lang, steps=last.step, chance=f"{100 / N_WORDS:.1f} %", **shares))


@st.cache_resource(show_spinner=False)
def _trained() -> Once[int, tuple[Peek, ...]]:
    return Once(_train, len, 1)


def _train(n_steps: int) -> tuple[Peek, ...]:
    tell, found = progress(), []
    for peek in train_to_peek(n_steps):
        found.append(peek)
        if tell is not None:
            tell(peek.step, n_steps)
    return tuple(found)
