"""The race between a parallel pass, cached steps and growing prefixes, run when the reader asks for it."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from figures.base.theme import theme
from figures.decode.race import WAYS, race_curves
from transformer_core.decoding.forcing import Comparison
from transformer_core.studies.race import Times, race
from ui.frame.text import dotted, section, t
from ui.state.both_runs import say_without
from ui.state.models import get_model
from ui.state.session import mode
from ui.state.view import View

LENGTHS = (8, 16, 32, 64)


@st.fragment  # the race touches nothing else on the page
def show_race(view: View, comparison: Comparison) -> None:
    """Draw the button that starts the race, and the times of the last one, if it was this sentence's."""
    lang = view.lang
    st.markdown(f"#### {t('race.title', lang)}")
    st.markdown(dotted("race.look", lang))
    say_without(view)
    asked = (view.model, comparison.own.source, comparison.own.ids)
    if st.button(t("race.start", lang), key="race_start"):
        st.session_state.race = (asked, _run(view, comparison))
    run_for, times = st.session_state.get("race", (None, []))
    if run_for == asked:
        _show(view, times)


def _run(view: View, comparison: Comparison) -> list[Times]:
    model, own = get_model(view.model).model, comparison.own
    lengths = sorted({len(own.ids), *(n for n in LENGTHS if n <= model.config.max_length)})
    progress = st.progress(0.0, t("race.running", view.lang))
    times = []
    for found in race(model, own.source, own.ids, lengths):
        times.append(found)
        progress.progress(len(times) / len(lengths), t("race.running", view.lang))
    progress.empty()
    return times


def _show(view: View, times: list[Times]) -> None:
    lang, own = view.lang, st.session_state.race[0][2]
    milliseconds = {way: [1000 * asdict(found)[way] for found in times] for way in WAYS}
    curves = race_curves([found.length for found in times], milliseconds, section("race_words", lang), theme(mode()))
    st.plotly_chart(curves, key="race_curves", config={"displayModeBar": False}, alt=t("race.title", lang))
    mine, last = (next(found for found in times if found.length == n) for n in (len(own), times[-1].length))
    for found in (mine, last) if mine is not last else (last,):
        ratios = {way: f"{getattr(found, way) / found.parallel:.1f}" for way in ("cached", "growing")}
        parallel = f"{1000 * found.parallel:.1f}"
        st.markdown(dotted("race.told", lang, n=found.length, parallel=parallel, **ratios))
