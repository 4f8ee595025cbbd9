"""A class for an hour: does memory stay flat, does every click stay fast and right? `python -m benchmarks.soak`.

Sessions as in `benchmarks.load`, but they come and go: a student opens some page, often under an edit, then a sentence
that few had before, clicks about in it, leaves, and comes back with another. The cache of traces has a small limit, is
soon full, and loses old ones all the time. A line a minute. The server is the one that is deployed, app.py; what
it keeps is read from its figures for the operator, CPU and memory from /proc, so that this runs on Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import count
from pathlib import Path
from random import Random
from statistics import linear_regression, mean, median, quantiles

from benchmarks.app.visitor import Visitor
from benchmarks.load import CELL, HEAD, STAGE, Student, megabytes
from benchmarks.startup import cpu_milliseconds
from tests.browser.app import Server, free_port, running_server
from transformer_core.glass.trace import Trace
from transformer_core.models.files import load_model
from transformer_core.models.glass import Glass
from ui.frame.menu import SECTIONS
from ui.server.metrics import CACHE_BYTES, PORT
from ui.state.examples import EXAMPLES, examples
from ui.state.models import DEFAULT_MODEL
from ui.state.shared.memory import CACHE_LIMIT

PAGES = tuple(page for pages in SECTIONS.values() for page in pages)
EDITS = ("", "off:decoder.2.cross_attn:1", "off:encoder.0.self_attn:0")
SHORTEST = 10.0  # minutes: a start warms up, models are loaded, and caches fill
CLICKS = 12  # of a student on one sentence


@dataclass(frozen=True)
class Minute:
    """What the class saw since the line before, and what the server held at its end.

    Attributes:
        end: minutes since the beginning.
        clicks: how many there were.
        p50, p95: milliseconds from a click to the end of its answer.
        opened: milliseconds until a page that was opened anew was drawn, the median.
        cpu: milliseconds of the server per click or page.
        wrong: answers that were not the model's, and complaints of the server.
        memory: of the server, MB.
        cache: bytes of traces that it keeps, MB.
    """

    end: float
    clicks: int
    p50: float
    p95: float
    opened: float
    cpu: float
    wrong: int
    memory: float
    cache: float

    def told(self) -> str:
        """One line of the table."""
        times = f"{self.p50:8.0f}{self.p95:8.0f}{self.opened:9.0f}{self.cpu:8.1f}"
        return f"{self.end:7.1f}{self.clicks:8}{times}{self.wrong:7}{self.memory:9.0f}{self.cache:9.0f}"


HEADER = "minutes  clicks  p50 ms  p95 ms  page ms  CPU ms  wrong  RSS MB cache MB"


@dataclass
class Notes:
    """What has been seen since the last line, and everything that was wrong."""

    waits: list[float] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    told: int = 0

    def minute(self, server: Watched, end: float, cpu: float) -> Minute:
        """Return the line of what was seen since the one before, and begin the next."""
        waits, opened, wrong = self.waits, self.opened, len(self.wrong) - self.told
        self.waits, self.opened, self.told = [], [], len(self.wrong)
        p95 = quantiles(waits, n=20, method="inclusive")[-1] if len(waits) > 1 else max(waits, default=0.0)
        each = cpu / max(1, len(waits) + len(opened))
        times = median(waits or [0.0]), p95, median(opened or [0.0]), each
        return Minute(end, len(waits), *times, wrong, megabytes(server.pid), kept_megabytes(server))


@dataclass
class Watched(Server):
    """A server that tells figures: at which port."""

    figures: int


@contextmanager
def watched_server(folder: Path, cache: int) -> Iterator[Watched]:
    """Start the app with figures for the operator, and a limit in MB for what it keeps of traces."""
    port = free_port()
    with running_server(folder, **{PORT: str(port), CACHE_LIMIT: str(cache)}) as server:
        yield Watched(server.url, server.log, server.pid, port)


def kept_megabytes(server: Watched) -> float:
    """Return what the traces take that the server keeps."""
    with urllib.request.urlopen(f"http://127.0.0.1:{server.figures}/metrics", timeout=60) as answer:
        told = dict(line.split(" ") for line in answer.read().decode().splitlines() if not line.startswith("#"))
    return float(told[CACHE_BYTES]) / 1e6


async def soak(server: Watched, n_sessions: int, seconds: float, every: float, line: float = 60.0) -> list[Minute]:
    """Let a class come and go, print a line each `line` seconds, and return them; each student clicks once at least.

    What was wrong is printed at the end, each thing once.
    """
    notes, minutes, began = Notes(), list[Minute](), time.monotonic()
    end, numbers, glass = began + seconds, count(), load_model(DEFAULT_MODEL)
    print(HEADER, flush=True)
    seats = asyncio.gather(
        *(_seat(server, glass, numbers, notes, end, every, every * n / n_sessions) for n in range(n_sessions))
    )
    cpu = cpu_milliseconds(server.pid)
    while not seats.done():
        await asyncio.wait([seats], timeout=line)
        before, cpu = cpu, cpu_milliseconds(server.pid)
        minutes.append(notes.minute(server, (time.monotonic() - began) / 60, cpu - before))
        print(minutes[-1].told(), flush=True)
    await seats
    for one in dict.fromkeys(notes.wrong):
        print(f"  {one}")
    return minutes


async def _seat(
    server: Server, glass: Glass, numbers: count[int], notes: Notes, end: float, every: float, start: float
) -> None:
    await asyncio.sleep(start)
    while time.monotonic() < end:
        number = next(numbers)
        source = sentence(number)
        await _look_round(server, number, source, notes)
        await asyncio.sleep(every)
        student = Student(server.url, source, await asyncio.to_thread(_trace, glass, source), number)
        began = time.perf_counter()
        await student.visitor.enter()
        notes.opened.append(1000 * (time.perf_counter() - began))
        for turn in range(CLICKS):
            due = time.monotonic() + every
            if turn and due > end:
                break
            began = time.perf_counter()
            await student.click((HEAD, CELL, STAGE, CELL)[turn % 4])
            notes.waits.append(1000 * (time.perf_counter() - began))
            notes.wrong += student.wrong()
            await asyncio.sleep(max(0.0, due - time.monotonic()))
        await student.visitor.leave()


async def _look_round(server: Server, number: int, source: str, notes: Notes) -> None:
    """Open one page, under an edit in two of three times, and leave it."""
    query = {"lang": ("en", "zh")[number % 2], "source": source}
    edits = EDITS[number % len(EDITS)]
    visitor = Visitor(server.url, PAGES[number % len(PAGES)], {**query, "edits": edits} if edits else query)
    began = time.perf_counter()
    await visitor.enter()
    notes.opened.append(1000 * (time.perf_counter() - began))
    notes.wrong += visitor.trouble
    await visitor.leave()


def sentence(number: int) -> str:
    """Return a Chinese sentence, another for each number for a long time: two of the examples, joined."""
    everyday = (EXAMPLES / "everyday.zh.txt").read_text(encoding="utf-8").split()
    known = [*examples(DEFAULT_MODEL), *everyday]
    first, second = Random(number).sample(known, 2)
    return f"{first.rstrip('。！？')}，{second}"[:60]


@lru_cache(maxsize=64)
def _trace(glass: Glass, source: str) -> Trace:
    return glass.trace(source)


def trend(minutes: Sequence[Minute], name: str) -> float:
    """Return by how much a column grows in an hour, over the second half of the run; 0 for a single line."""
    half = minutes[len(minutes) // 2 :]
    if len(half) < 2:
        return 0.0
    return 60 * linear_regression([one.end for one in half], [getattr(one, name) for one in half]).slope


def report(minutes: Sequence[Minute]) -> None:
    """Print the first line, the last, and the trend, unless the run was too short for one."""
    first, last = minutes[0], minutes[-1]
    long = last.end >= SHORTEST
    why = "trend of the second half" if long else f"no trend before {SHORTEST:.0f} minutes"
    print(f"\n{'':<26}{'first':>9}{'last':>9}{'an hour':>9}   ({why})")
    columns = {"memory": "RSS MB", "cache": "kept traces MB", "p50": "p50 ms", "p95": "p95 ms", "opened": "page ms"}
    for name, label in columns.items():
        grows = f"{trend(minutes, name):+9.1f}" if long else f"{'-':>9}"
        print(f"{label:<26}{getattr(first, name):9.1f}{getattr(last, name):9.1f}{grows}")
    if later := [one.memory for one in minutes if one.end > SHORTEST]:
        spread = " to ".join(f"{100 * (of(later) / mean(later) - 1):+.1f}" for of in (min, max))
        print(f"from minute {SHORTEST:.0f} on: {mean(later):.0f} MB on average, {spread} %")
    clicks, wrong = sum(one.clicks for one in minutes), sum(one.wrong for one in minutes)
    print(f"{clicks} clicks in {last.end:.1f} minutes, {wrong} wrong or failed")


def main(arguments: Sequence[str] | None = None) -> None:
    """Soak, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="how long (60)")
    parser.add_argument("--sessions", type=int, default=30, help="at once (30)")
    parser.add_argument("--every", type=float, default=2, help="seconds between two clicks of a session (2)")
    parser.add_argument("--cache", type=int, default=256, help="MB that kept traces may take (256)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, watched_server(Path(folder), options.cache) as server:
        print(f"before anybody came: {megabytes(server.pid):.0f} MB")
        seconds = 60 * options.minutes
        minutes = asyncio.run(soak(server, options.sessions, seconds, options.every, min(60.0, max(1.0, seconds / 4))))
        report(minutes)
        for one in server.errors():
            print(f"  server log: {one}")


if __name__ == "__main__":
    main()
