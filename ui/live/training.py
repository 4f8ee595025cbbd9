"""A training that any reader may start, here and now, one at a time for all; until then, a recorded one is shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

import streamlit as st

from ui.frame.text import dotted, t
from ui.live.run import LiveRun, Report
from ui.state.examples import EXAMPLES

LIMIT = 600  # seconds; a busy server ends what nobody may wait for
POLL = 2.0  # seconds
Lines = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Training:
    """A comparison of trainings that a page shows.

    Attributes:
        name: the section of its texts (title, recorded, running), and what the keys of its widgets begin with.
        command: of `transformer_core.training`.
        record: the file of its recorded run, among the examples.
        progress: returns of what was told so far how much of it is done, and what its text of a running one names.
        lead: draws what stands above the state of the run.
        body: draws what the run found.
    """

    name: str
    command: str
    record: str
    progress: Callable[[Lines], tuple[float, Mapping[str, object]]]
    lead: Callable[[str, Lines], None]
    body: Callable[[str, Lines], None]

    @property
    def whole_command(self) -> tuple[str, ...]:
        """The command line of a run."""
        return (
            *(sys.executable, "-m", "transformer_core.training", self.command),
            *("--end-with-input", "--nice", "5", "--limit", str(LIMIT)),
        )

    def show(self, lang: str) -> None:
        """Draw the run that goes on or was the last, else the recorded one; it is asked for news while it goes on."""
        st.markdown(f"#### {t(f'{self.name}.title', lang)}")
        polled = live_run(self.whole_command).state == "running"
        st.fragment(_show, run_every=POLL if polled else None)(self, lang, polled)


@st.cache_resource(show_spinner=False)
def live_run(command: tuple[str, ...]) -> LiveRun:
    """Return the one run of a command that all sessions share; of all commands one runs at a time."""
    return LiveRun(command, _slot())


@st.cache_resource(show_spinner=False)
def _slot() -> Lock:
    return Lock()


@lru_cache(maxsize=8)
def recorded(record: str) -> tuple[dict[str, Any], ...]:
    """Return the lines of a recorded run."""
    return tuple(json.loads(line) for line in (EXAMPLES / record).read_text(encoding="utf-8").splitlines())


def _show(training: Training, lang: str, polled: bool) -> None:
    run = live_run(training.whole_command)
    now = run.report()
    if (now.state == "running") != polled:
        st.rerun()  # the whole page: only that changes whether this block runs again by itself
    if st.session_state.pop(f"{training.name}.busy", False):
        st.info(t("live_training.busy" if polled else "live_training.busy_elsewhere", lang))
    is_live = now.state in ("running", "done", "stopped") and len(now.lines) > 1
    lines = now.lines if is_live else recorded(training.record)
    training.lead(lang, lines)
    _say_state(training, lang, now, is_live)
    _button(training, lang, run, now.state)
    training.body(lang, lines)


def _say_state(training: Training, lang: str, now: Report, is_live: bool) -> None:
    if now.state == "crashed":
        st.error(t("live_training.crashed", lang, status=now.status))
    if not is_live:
        if now.state != "running":
            told = t(f"{training.name}.recorded", lang, **recorded(training.record)[0])
            st.markdown(f":material/history: {told} {t('live_training.press', lang)}")
        else:
            st.progress(0.0, t("live_training.begins", lang))
        return
    if now.state == "running":
        share, facts = training.progress(now.lines)
        st.progress(share, t(f"{training.name}.running", lang, **facts))
    elif now.state == "stopped":
        st.markdown(dotted("live_training.stopped", lang))
    else:
        st.markdown(dotted(f"live_training.{now.lines[-1]['reason']}", lang, limit=LIMIT))


def _button(training: Training, lang: str, run: LiveRun, state: str) -> None:
    name = training.name
    if state == "running":
        st.button(t("live_training.stop", lang), key=f"{name}_stop", icon=":material/stop:", on_click=run.stop)
    else:
        label = t("live_training.start", lang)
        st.button(label, key=f"{name}_start", icon=":material/play_arrow:", on_click=_start, args=(name, run))


def _start(name: str, run: LiveRun) -> None:
    if not run.start():
        st.session_state[f"{name}.busy"] = True
