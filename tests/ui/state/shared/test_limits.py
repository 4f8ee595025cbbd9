"""One reader gets no more of the server than a person needs, is told so in words, and goes on when it is over."""

from __future__ import annotations

import pytest

from tests.ui.opened import ATTENTION, open_page, warnings
from transformer_core.glass.guards.budget import trace_bytes
from ui.frame.text import LANGUAGES, t
from ui.state import models
from ui.state.models import DEFAULT_MODEL, Asked, get_model, get_trace
from ui.state.shared import limits
from ui.state.shared.limits import SPARE_BYTES, Bucket, MemoryShortError, admitted


def test_a_bucket_lets_through_what_there_is_and_fills_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: now[0])
    bucket = Bucket(3, 2)
    assert [bucket.take_if_there() for _ in range(4)] == [True, True, True, False]
    now[0] += 0.5
    assert [bucket.take_if_there() for _ in range(2)] == [True, False]
    assert bucket.take() == 0.5
    assert bucket.take() == 1.0
    now[0] += 100
    assert bucket.take(3) == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_memory_that_is_short_is_said_and_nothing_is_lost(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = "他们的老师昨天买了三本书" if lang == "zh" else "我们的老师昨天买了三本书"
    glass = get_model(DEFAULT_MODEL)
    needs = trace_bytes(glass.plan, dict.fromkeys(("source", "target"), len(glass.read_ids(source))))
    monkeypatch.setattr(limits, "free_bytes", lambda: SPARE_BYTES + needs - 1)
    at = open_page(ATTENTION, source=source, lang=lang, model=DEFAULT_MODEL)
    assert warnings(at) == [t("error.memory_short", lang)]
    assert at.text_input(key="source").value == source
    monkeypatch.setattr(limits, "free_bytes", lambda: SPARE_BYTES + needs)
    assert warnings(at.run()) == []


def test_memory_that_runs_out_on_the_way_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def run_out(*_: object, **__: object) -> None:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(get_model(DEFAULT_MODEL), "trace", run_out)
    with pytest.raises(MemoryShortError):
        get_trace(Asked(DEFAULT_MODEL, "我们的医生昨天卖了三本书", ""))
    with pytest.raises(MemoryShortError), admitted(0):
        raise MemoryError
    with pytest.raises(RuntimeError, match="another"), admitted(0):
        raise RuntimeError("another")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_asks_too_fast_is_told_and_what_is_there_is_still_shown(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RUNS_AT_ONCE", 2)
    monkeypatch.setattr(limits, "RUNS_A_SECOND", 1e-9)
    known, new = "我有一只猫", [f"我有{n}只{animal}" for n in "三四五" for animal in ("猫" if lang == "zh" else "狗")]
    get_trace(Asked(DEFAULT_MODEL, known, ""))
    at = open_page(ATTENTION, source=known, lang=lang, model=DEFAULT_MODEL)
    told = []
    for source in new:
        told.append(warnings(at.text_input(key="source").set_value(source).run()))
    assert told == [[], [], [t("error.too_fast", lang)]]
    assert at.text_input(key="source").value == new[-1]
    assert warnings(at.text_input(key="source").set_value(known).run()) == []
    assert models.kept_bytes() > 0
