"""How far back an answer reaches: the gradient of the sentence's own run, and of fresh cells with gates of any bias."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from figures.base.labels import number
from figures.base.theme import Mode, theme
from figures.road.gradients import CELLS, gradient_curves
from transformer_core.glass.trace import Trace
from transformer_core.studies.road.chain_gradients import gradient_back, untrained_gradient
from ui.frame.text import dotted, escape, section, t
from ui.parts.charts import chart
from ui.road.chain.lanes import asked_of, cells_on_road
from ui.road.guess import Guess
from ui.state.models import Asked, edits_of, get_model, get_trace, word_of
from ui.state.options import Option, decimal
from ui.state.session import current_view, mode
from ui.state.shared.kept import kept_with_run
from ui.state.view import View

Array = NDArray[Any]
DISTANCE, SEEDS = 40, (0, 1, 2)
LOW = 1e-16  # where the scale of all curves begins
TINY = 1e-300
BIAS: Option[float] = Option("bias", 0.0, decimal(-2.0, 6.0), "{:g}".format)


def show_gradients(view: View, trace: Trace) -> None:
    """Draw both pictures side by side, on one scale, for all cells."""
    lang, view = view.lang, current_view()
    models = cells_on_road(view)
    read = trace.words_of(trace.plan.word_lists[0].name).read
    at = len(read) - 1 if view.row is None else min(view.row, len(read) - 1)
    runs = tuple((kind, asked_of(view, model)) for kind, model in models.items())
    own, fresh = st.columns(2, gap="large")
    with own:
        st.markdown(f"##### {t('gradients.own_title', lang)}")
        _choose_answer([word.text for word in read], at, lang)
        st.markdown(dotted("gradients.own", lang, word=escape(read[at].text), answer=escape(_answer(view, at))))
        ticks = tuple(word.text for word in read[: at + 1])
        chart(_own_curves(runs, ticks, lang, mode()), "gradient_own", t("gradients.own_title", lang))
    with fresh:
        st.markdown(f"##### {t('gradients.fresh_title', lang, n=DISTANCE)}")
        st.slider(t("gradients.bias", lang), -2.0, 6.0, step=0.5, **BIAS.widget())
        title = t("gradients.fresh_title", lang, n=DISTANCE)
        chart(_fresh_curves(BIAS.value, lang, mode()), "gradient_fresh", title)
        curves = _fresh(BIAS.value)
        left = {kind: number(float(curve[0][0] / curve[0][-1]), 2) for kind, curve in curves.items()}
        st.markdown(dotted("gradients.fresh", lang, n=DISTANCE, bias=f"{BIAS.value:g}", **left))
    st.markdown(dotted("gradients.look", lang))


def _choose_answer(words: list[str], at: int, lang: str) -> None:
    """Let the reader choose behind which word the answer is asked for."""
    key = "gradient.at"

    def choose() -> None:
        st.session_state.row = st.session_state[key]

    st.session_state[key] = at
    places = range(len(words))
    st.selectbox(t("gradients.at", lang), places, key=key, format_func=lambda i: f"{i} {words[i]}", on_change=choose)


def first_heard(view: View, trace: Trace) -> Guess:
    """Return the question which cell's last answer still hangs most on the first word."""
    lang, models = view.lang, cells_on_road(view)
    last = len(trace.words_of(trace.plan.word_lists[0].name).read) - 1

    def answers() -> list[float]:
        curves = [_gradient(asked_of(view, model), last) for model in models.values()]
        return [float(curve[min(1, last)] / max(float(curve.max()), TINY)) for curve in curves]

    titles = [t(f"cell.{kind}", lang) for kind in models]
    return Guess("chain", titles, answers, lambda share: f"{number(100 * share, 2)} %")


def tell_failure(view: View, trace: Trace) -> str:
    """Return how little of the first word comes back from the last answer in each cell."""
    lang, words = view.lang, trace.words_of(trace.plan.word_lists[0].name).read
    last, told = len(words) - 1, []
    for kind, model in cells_on_road(view).items():
        curve = _gradient(asked_of(view, model), last)
        share = float(curve[min(1, last)] / max(float(curve.max()), TINY))
        told.append(f"{t(f'cell.{kind}', lang)} {number(100 * share, 2)} %")
    first = escape(words[min(1, last)].text)
    return dotted("gradients.fails", lang, first=first, last=escape(words[last].text), told=" · ".join(told))


@lru_cache(maxsize=64)
def _own_curves(runs: tuple[tuple[str, Asked], ...], ticks: tuple[str, ...], lang: str, mode: Mode) -> go.Figure:
    """The gradients by each word that was read, of the answer at the last of `ticks`."""
    lengths = {kind: [_gradient(asked, len(ticks) - 1)] for kind, asked in runs}
    return gradient_curves(lengths, ticks, section("gradient_words", lang), theme(mode), LOW)


@lru_cache(maxsize=64)
def _fresh_curves(bias: float, lang: str, mode: Mode) -> go.Figure:
    return gradient_curves(_fresh(bias), (), section("gradient_words", lang), theme(mode), LOW)


@kept_with_run
def _gradient(asked: Asked, at: int) -> Array:
    trace = get_trace(asked)
    ids = trace[trace.plan.word_lists[0].tokens].astype(int).tolist()
    word = int(trace.written_ids[at])
    return gradient_back(get_model(asked.model), ids, at, word, edits=edits_of(asked))


def _answer(view: View, at: int) -> str:
    trace = get_trace(asked_of(view, view.model))
    return word_of(view.model)(int(trace.written_ids[at])).text


@lru_cache(maxsize=64)
def _fresh(bias: float) -> dict[str, list[Array]]:
    """The gradients of fresh cells; of several seeds the first is drawn large."""
    return {kind: [np.asarray(untrained_gradient(kind, DISTANCE, bias=bias, seed=s)) for s in SEEDS] for kind in CELLS}
