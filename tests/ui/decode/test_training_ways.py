"""The training that one reader starts and all see: start, progress, stop, a second start, a crash."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from itertools import chain, repeat

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.opened import ONE_LANGUAGE, open_page, sound
from ui.decode.training_ways import TRAINING
from ui.frame.text import dotted
from ui.live import training as live_training
from ui.live.run import LiveRun

pytestmark = pytest.mark.slow

PAGE = "decode/forcing.py"
HEAD = '{"kind": "start", "steps": 8, "seed": 3, "date": "2026-01-01", "shortest": 6, "longest": 12, "batch": 2, '
POINTS = [
    f'{{"kind": "point", "way": "{way}", "step": {step}, "seconds": {step}.5, "loss": {3 - step}, "right": 0.{step}}}'
    for step in (0, 4)
    for way in ("forced", "own")
]
# Tells how it began, and then does what the test asks: waits for its input to close, ends well, or fails.
TOLD = "print('''" + "\n".join([HEAD + '"held_out": 2, "parameters": 9}', *POINTS]) + "''', flush=True)\n"
WAIT, END, FAIL = (
    "import sys; sys.stdin.read()",
    """print('{"kind": "end", "reason": "done"}')""",
    "raise SystemExit(7)",
)


@pytest.fixture
def run(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveRun]:
    live = LiveRun([sys.executable, "-c", TOLD + getattr(request, "param", WAIT)])
    monkeypatch.setattr(live_training, "live_run", lambda command: live)
    yield live
    live.stop()


def until(run: LiveRun, wanted: str, n_lines: int = 5) -> None:
    end = time.monotonic() + 60
    while (run.state != wanted or len(run.report().lines) < n_lines) and time.monotonic() < end:
        time.sleep(0.02)
    assert run.state == wanted


def opened(lang: str = "en") -> AppTest:
    return open_page(PAGE, lang=lang, source="猫")


def said(at: AppTest) -> str:
    shown = [*at.markdown, *at.info, *at.error, *at.caption]
    return "\n".join([*(one.value for one in shown), *(one.proto.text for one in at.get("progress"))])


def keys(at: AppTest) -> set[str | None]:
    return {button.key for button in at.button} & {"training_ways_start", "training_ways_stop"}


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_until_someone_presses_start_the_recorded_run_is_shown_and_says_so(run: LiveRun, lang: str) -> None:
    at = opened(lang)
    start, *points, end = live_training.recorded(TRAINING.record)
    recorded = {name: start[name] for name in ("date", "seed", "steps")}
    assert dotted("training_ways.recorded", lang, **recorded) in said(at)
    assert end == {"kind": "end", "reason": "done"}
    assert points[-1]["step"] == start["steps"]
    assert keys(at) == {"training_ways_start"}
    assert run.state == "idle"


def test_it_runs_for_everybody_and_anybody_stops_it(run: LiveRun) -> None:
    at, other = opened(), opened()
    sound(at.button(key="training_ways_start").click().run())
    until(run, "running")
    sound(other.button(key="training_ways_start").click().run())  # a page from before the start
    assert dotted("live_training.busy", "en") in said(other)
    for reader in (sound(at.run()), other):
        assert dotted("training_ways.running", "en", step=4, steps=8) in said(reader)
        assert keys(reader) == {"training_ways_stop"}
    assert dotted("training_ways.per_second", "en", **per_second()) in said(at)
    sound(other.button(key="training_ways_stop").click().run())
    for reader in (sound(at.run()), other):
        assert dotted("live_training.stopped", "en") in said(reader)
        assert keys(reader) == {"training_ways_start"}


def per_second() -> dict[str, object]:
    same = {"forced_step": 4, "own_step": 4, "forced_right": "40", "own_right": "40"}
    return {"seconds": "4.5", "ratio": "1.0", "forced_ms": "1125", "own_ms": "1125", **same}


@pytest.mark.parametrize("run", [END], indirect=True)
def test_a_run_to_its_end_is_told_as_this_servers(run: LiveRun) -> None:
    at = opened("zh")
    sound(at.button(key="training_ways_start").click().run())
    until(run, "done", 6)
    assert dotted("live_training.done", "zh") in said(sound(at.run()))
    assert run.start()  # and again
    until(run, "done", 6)


@pytest.mark.parametrize("run", [FAIL], indirect=True)
@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_a_crash_is_told_in_the_readers_language_and_the_recorded_run_is_back(run: LiveRun, lang: str) -> None:
    at = opened(lang)
    sound(at.button(key="training_ways_start").click().run())
    until(run, "crashed")
    sound(at.run())
    assert dotted("live_training.crashed", lang, status=7) in said(at)
    assert live_training.recorded(TRAINING.record)[0]["date"] in said(at)
    assert keys(at) == {"training_ways_start"}


@pytest.mark.parametrize("run", [FAIL], indirect=True)
def test_a_crash_while_the_page_is_drawn_breaks_nothing(run: LiveRun, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run.start()
    until(run, "crashed")
    seen = chain(["running", "running"], repeat("crashed"))
    monkeypatch.setattr(LiveRun, "state", property(lambda _: next(seen)))
    at = sound(opened())
    assert keys(at) == {"training_ways_stop"}
    assert dotted("live_training.crashed", "en", status=7) in said(sound(at.run()))


def test_the_command_is_the_training_modules_own() -> None:
    assert TRAINING.whole_command[1:4] == ("-m", "transformer_core.training", "compare-forcing")
    live, other = live_training.live_run(TRAINING.whole_command), live_training.live_run((sys.executable, "-V"))
    assert live.start()
    assert not live.start()
    assert not other.start()  # one at a time for everybody, whatever is trained
    until(live, "running", 1)
    assert live.report().lines[0]["kind"] == "start"
    live.stop()
    assert live.state == "stopped"
    live.stop()
    assert live.report().status != 0
