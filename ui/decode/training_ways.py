"""Training with and without teacher forcing: a recorded run, and one that any reader may start, here and now."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import streamlit as st

from figures.base.theme import theme
from figures.decode.forcing_run import WAYS, findings, learning_curve
from ui.frame.text import dotted, section, t
from ui.parts.charts import chart
from ui.parts.live_run import LiveRun, Report
from ui.state.examples import EXAMPLES
from ui.state.session import mode

RECORDED = EXAMPLES / "forcing_run.jsonl"
LIMIT = 600  # seconds; a busy server ends what nobody may wait for
POLL = 2.0  # seconds
COMMAND = (sys.executable, "-m", "transformer_core.training", "compare-forcing", "--end-with-input", "--nice", "5")
Lines = Sequence[dict[str, Any]]


@st.cache_resource(show_spinner=False)
def live_run() -> LiveRun:
    """Return the one run of all sessions."""
    return LiveRun([*COMMAND, "--limit", str(LIMIT)])


def show_training(lang: str) -> None:
    """Draw the run that goes on or was the last, else the recorded one; it is asked for news while it goes on."""
    st.markdown(f"#### {t('training_ways.title', lang)}")
    polled = live_run().state == "running"
    st.fragment(_show, run_every=POLL if polled else None)(lang, polled)


def _show(lang: str, polled: bool) -> None:
    now = live_run().report()
    if (now.state == "running") != polled:
        st.rerun()  # the whole page: only that changes whether this block runs again by itself
    if st.session_state.pop("training.busy", False):
        st.info(t("training_ways.busy", lang))
    is_live = now.state in ("running", "done", "stopped") and len(now.lines) > 1
    lines = now.lines if is_live else recorded()
    st.markdown(dotted("training_ways.look", lang, **{name: lines[0][name] for name in ("shortest", "longest")}))
    _say_state(lang, now, is_live)
    _buttons(lang, now.state)
    points = [line for line in lines if line["kind"] == "point"]
    words = section("training_words", lang)
    axes: tuple[Literal["seconds", "step"], ...] = ("seconds", "step")
    for column, over in zip(st.columns(2), axes, strict=True):
        with column:
            figure = learning_curve(points, over, words, theme(mode()))
            chart(figure, f"training_{over}", t(f"training_alt.{over}", lang))
    _tell(lang, points)
    st.caption(dotted("training_ways.how", lang, **lines[0]))


@lru_cache(maxsize=1)
def recorded() -> tuple[dict[str, Any], ...]:
    """Return the lines of the recorded run."""
    return tuple(json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines())


def _say_state(lang: str, now: Report, is_live: bool) -> None:
    if now.state == "crashed":
        st.error(t("training_ways.crashed", lang, status=now.status))
    if not is_live:
        start = recorded()[0]
        fields = {name: start[name] for name in ("date", "seed", "steps")}
        if now.state != "running":
            st.markdown(f":material/history: {t('training_ways.recorded', lang, **fields)}")
        else:
            st.progress(0.0, t("training_ways.begins", lang))
        return
    step, steps = max(line.get("step", 0) for line in now.lines), now.lines[0]["steps"]
    if now.state == "running":
        st.progress(step / steps, t("training_ways.running", lang, step=step, steps=steps))
    elif now.state == "stopped":
        st.markdown(dotted("training_ways.stopped", lang))
    else:
        st.markdown(dotted(f"training_ways.{now.lines[-1]['reason']}", lang, limit=LIMIT))


def _buttons(lang: str, state: str) -> None:
    if state == "running":
        st.button(t("training_ways.stop", lang), key="training_stop", icon=":material/stop:", on_click=live_run().stop)
    else:
        st.button(t("training_ways.start", lang), key="training_start", icon=":material/play_arrow:", on_click=_start)


def _start() -> None:
    if not live_run().start():
        st.session_state["training.busy"] = True


def _tell(lang: str, points: Lines) -> None:
    found = findings(points)
    if found is None:
        return
    at, within, each = found["at_step"], found["in_time"], found["per_update"]
    per_update = {f"{way}_loss": f"{at[way]['loss']:.2f}" for way in WAYS}
    per_update |= {f"{way}_right": f"{100 * at[way]['right']:.0f}" for way in WAYS}
    told = [t("training_ways.per_update", lang, step=found["step"], **per_update)]
    for share, reached in found["reached"].items():
        steps = {way: t("training_ways.not_yet", lang) if reached[way] is None else reached[way] for way in WAYS}
        told.append(t("training_ways.reached", lang, share=f"{100 * share:.0f}", **steps))
    st.markdown(" ".join(told))
    per_second = {f"{way}_step": within[way]["step"] for way in WAYS}
    per_second |= {f"{way}_right": f"{100 * within[way]['right']:.0f}" for way in WAYS}
    per_second |= {f"{way}_ms": f"{1000 * each[way]:.0f}" for way in WAYS}
    ratio = f"{each['own'] / each['forced']:.1f}"
    st.markdown(dotted("training_ways.per_second", lang, seconds=f"{found['seconds']:.1f}", ratio=ratio, **per_second))
