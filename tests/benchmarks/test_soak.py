"""A class that comes and goes: every minute is measured, answers are checked, and the trend is that of the lines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.soak import Minute, kept_megabytes, report, sentence, soak, trend, watched_server

Elsewhere = Callable[[Callable[[], Any]], Any]
LINE = Minute(1.0, 10, 20.0, 50.0, 80.0, 15.0, 0, 400.0, 30.0)


@pytest.mark.slow
def test_a_few_seconds_of_a_class(tmp_path: Path, elsewhere: Elsewhere, capsys: pytest.CaptureFixture[str]) -> None:
    with watched_server(tmp_path, cache=256) as server:
        minutes = elsewhere(lambda: asyncio.run(soak(server, 2, 2.0, 0.2, line=1.0)))
        held = kept_megabytes(server)
        assert server.errors() == []
    assert len(minutes) >= 2
    assert sum(minute.clicks for minute in minutes) > 0
    assert [minute.wrong for minute in minutes] == [0] * len(minutes)
    assert minutes[-1].memory > 100
    assert 0 < held <= 256
    assert f"{minutes[0].clicks}" in capsys.readouterr().out


def test_the_trend_is_told_per_hour_of_the_second_half() -> None:
    minutes = [replace(LINE, end=float(i), memory=400 + max(0, i - 5)) for i in range(10)]  # flat, then 1 MB a minute
    assert trend(minutes, "memory") == pytest.approx(60)
    assert trend(minutes, "cache") == 0
    assert trend(minutes[:1], "memory") == 0


def test_first_last_and_trend_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [LINE, replace(LINE, end=11.0, memory=410.0), replace(LINE, end=21.0, memory=420.0, wrong=2)]
    report(lines)
    told = capsys.readouterr().out
    assert "RSS MB                        400.0    420.0    +60.0" in told
    assert "from minute 10 on: 415 MB on average, -1.2 to +1.2 %" in told
    assert "30 clicks in 21.0 minutes, 2 wrong or failed" in told
    report(lines[:1])
    assert "RSS MB                        400.0    400.0        -" in capsys.readouterr().out


def test_every_visit_has_a_sentence_of_its_own_that_fits() -> None:
    sentences = [sentence(number) for number in range(200)]
    assert len(set(sentences)) > 100
    assert max(map(len, sentences)) <= 60
