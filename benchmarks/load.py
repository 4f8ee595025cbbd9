"""A class on one machine: many sessions, each with a click every two seconds; `python -m benchmarks.load`.

The sessions are real ones, over websockets, without browsers. Every answer is compared with the model's own numbers,
worked out here. First one session alone, then all of them, on the same server; CPU and memory are the server's, read
from /proc, so that this runs on Linux only. `--checkpoint` sits the class down before a checkpoint of another's, of
its real size and with random weights.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import TypeVar

from benchmarks.app.visitor import Visitor
from benchmarks.core.checkpoints import saved
from benchmarks.startup import cpu_milliseconds
from figures.base.explain import exact
from figures.base.labels import MINUS
from tests.browser.app import Server, running_server
from tests.core.hub_tokenizers import LINES
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import key_of, with_role
from transformer_core.models.files import load_model
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL

PAGE, PANEL, ROAD = "attention", "attention.explain", "attention.stage"
STAGES = ("scores_scaled", "scores", "weights")  # of one shape, so that a cell of one is a cell of all
CPU_GOAL = 12.0  # milliseconds of a click: then two cores bear a hundred students
HEAD, CELL, STAGE = "another head", "another cell", "another stage"

T = TypeVar("T")


@dataclass
class Class:
    """What a run of sessions saw.

    Attributes:
        waits: milliseconds from a click to the end of its answer, by kind of click.
        wrong: answers that were not the model's, and what the server complained of.
        cpu: milliseconds of the server per click.
        memory: of the server in MB: before anybody came, when all are there, halfway, at the end.
    """

    waits: dict[str, list[float]] = field(default_factory=lambda: {HEAD: [], CELL: [], STAGE: []})
    wrong: list[str] = field(default_factory=list)
    cpu: float = 0.0
    memory: list[float] = field(default_factory=list)

    @property
    def all_waits(self) -> list[float]:
        """The waits of all clicks."""
        return [wait for waits in self.waits.values() for wait in waits]


class Student:
    """One session that looks at one sentence and clicks about in its last attention, of a translator across."""

    def __init__(self, url: str, source: str, trace: Trace, number: int, model: str = DEFAULT_MODEL) -> None:
        self.trace, self.random = trace, Random(number)
        self.block, self.head = with_role(trace.plan, "attention")[-1], 0
        self.stage, self.cell = STAGES[-1], (0, 0)
        query = {"lang": ("en", "zh")[number % 2], "model": model, "source": source, "head": "0"}
        query |= {
            "stack": self.block.stack,
            "block": self.block.name,
            "layer": str(self.block.layer),
        }
        self.visitor = Visitor(url, PAGE, {**query, "stage": self.stage, "cell": "0,0"})

    async def click(self, kind: str) -> None:
        """Click on something that is not chosen yet."""
        if kind == HEAD:
            self.head = self._other(range(len(self.trace[self._key()])), self.head)
            await self.visitor.choose("choose.head", self.head)
        elif kind == STAGE:
            self.stage = self._other(STAGES, self.stage)
            await self.visitor.press(ROAD, "choose", self.stage)
        else:
            rows, columns = self.trace[self._key()].shape[1:]
            self.cell = self._other([(row, column) for row in range(rows) for column in range(columns)], self.cell)
            row, column = self.cell
            await self.visitor.press(PANEL, "cell", {"map": 0, "row": row, "column": column})

    def look_at(self, query: Mapping[str, str]) -> None:
        """Take an address for what is chosen, as the page does that is opened by it."""
        row, _, column = query["cell"].partition(",")
        self.head, self.stage, self.cell = int(query["head"]), query["stage"], (int(row), int(column))

    def wrong(self) -> list[str]:
        """Return in which way the page does not show what was asked, with the model's number."""
        shown, index = self.visitor.data(PANEL), (self.head, *self.cell)
        place = f"{self._key()}[{','.join(str(i) for i in index)}]"
        wanted = float(self.trace[self._key()][index])
        right = shown["place"] == place and shows(shown["value"], wanted)
        trouble, self.visitor.trouble = self.visitor.trouble, []
        said = f"{shown['place']} = {shown['value']} is not {place} = {exact(wanted, 4)}"
        return [*trouble, *([] if right else [said])]

    def _key(self) -> str:
        return key_of(self.block, self.stage)

    def _other(self, options: Sequence[T], now: T) -> T:
        return self.random.choice([option for option in options if option != now])


def shows(text: str, value: float) -> bool:
    """Return whether a text shows a number: it may be rounded to either side, by one of its last digit at most."""
    shown = Decimal(text.replace(MINUS, "-").replace("∞", "inf"))
    if not (shown.is_finite() and math.isfinite(value)):
        return float(shown) == value
    exponent = shown.as_tuple().exponent
    assert isinstance(exponent, int)
    return abs(shown - Decimal(value)) <= Decimal(1).scaleb(exponent)


async def sit(server: Server, n_sessions: int, seconds: float, every: float, folder: Path | None = None) -> Class:
    """Let a class work for a while before the first model, or that of a folder, and return what it saw."""
    seen, glass = Class(memory=[megabytes(server.pid)]), load_model(folder or DEFAULT_MODEL)
    sources = LINES[:5] if folder else examples(DEFAULT_MODEL)[:5]
    traces = [glass.trace(source) for source in sources]
    students = [
        Student(server.url, sources[n % len(sources)], traces[n % len(sources)], n, glass.name)
        for n in range(n_sessions)
    ]
    for student in students:  # one after the other: a lecture begins before the clicking
        await student.visitor.enter()
    for kind in seen.waits:
        await asyncio.gather(*(student.click(kind) for student in students))
    seen.memory.append(megabytes(server.pid))
    before = cpu_milliseconds(server.pid)
    work = [_work(student, seen, every * n / n_sessions, every, seconds) for n, student in enumerate(students)]
    await asyncio.gather(_watch(server, seen, seconds), *work)
    seen.cpu = (cpu_milliseconds(server.pid) - before) / max(1, len(seen.all_waits))
    for student in students:
        await student.visitor.leave()
    return seen


async def _work(student: Student, seen: Class, start: float, every: float, seconds: float) -> None:
    await asyncio.sleep(start)
    for turn in range(int(seconds / every)):
        due = time.monotonic() + every
        kind = (HEAD, CELL, STAGE, CELL)[turn % 4]
        began = time.perf_counter()
        await student.click(kind)
        seen.waits[kind].append(1000 * (time.perf_counter() - began))
        seen.wrong += student.wrong()
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def _watch(server: Server, seen: Class, seconds: float) -> None:
    for _ in range(2):
        await asyncio.sleep(seconds / 2)
        seen.memory.append(megabytes(server.pid))


def megabytes(pid: int) -> float:
    """Return the memory that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def report(alone: Class, full: Class, n_sessions: int) -> None:
    """Print what one session and a full class saw, and how they compare."""
    print(f"{'':<22}{'one session':>14}{f'{n_sessions} sessions':>14}{'ratio':>8}")
    rows = {"all clicks": (alone.all_waits, full.all_waits)}
    rows |= {kind: (alone.waits[kind], full.waits[kind]) for kind in alone.waits}
    for name, (one, many) in rows.items():
        for what, of in (("p50", median), ("p95", lambda waits: quantiles(waits, n=20, method="inclusive")[-1])):
            a, b = of(one), of(many)
            print(f"{f'{name}, {what} ms':<22}{a:14.0f}{b:14.0f}{b / a:8.1f}")
    print(f"{'CPU ms per click':<22}{alone.cpu:14.1f}{full.cpu:14.1f}{full.cpu / alone.cpu:8.1f}  goal {CPU_GOAL:.0f}")
    print(f"{'clicks':<22}{len(alone.all_waits):14}{len(full.all_waits):14}")
    print(f"{'wrong or failed':<22}{len(alone.wrong):14}{len(full.wrong):14}")
    before, there, half, end = full.memory
    print(
        f"memory of the server: {before:.0f} MB, {there:.0f} with all there, {half:.0f} halfway, {end:.0f} at the end"
    )
    for line in dict.fromkeys([*alone.wrong, *full.wrong]):
        print(f"  {line}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__)
    parser.add_argument("--sessions", type=int, default=30, help="at once (30)")
    parser.add_argument("--seconds", type=float, default=60, help="of clicking (60)")
    parser.add_argument("--every", type=float, default=2, help="seconds between two clicks of a session (2)")
    parser.add_argument("--checkpoint", choices=("gpt2", "llama"), help="of this size, and random")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        place = None if options.checkpoint is None else stack.enter_context(saved(options.checkpoint))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        own = [] if place is None else ["--model", str(place)]
        server = stack.enter_context(running_server(folder, arguments=own))
        alone = asyncio.run(sit(server, 1, options.seconds, options.every, place))
        full = asyncio.run(sit(server, options.sessions, options.seconds, options.every, place))
        report(alone, full, options.sessions)
        for line in server.errors():
            print(f"  server log: {line}")


if __name__ == "__main__":
    main()
