"""Several replicas behind a proxy: does a lesson survive one that dies? `python -m benchmarks.replicas`.

Three servers of this machine stand behind nginx, with the configuration of deploy/nginx; real sessions over websockets
click every two seconds each, and every answer is compared with the model's own number. First one session on one
replica, for comparison. Then a class: in the middle one replica is killed, and its sessions come back by their
addresses, as a browser does; it is started again, and at the end all are stopped and started one after the other. CPU
is read from /proc, so that this runs on Linux only. `python -m benchmarks.install_nginx` gets nginx.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from urllib.request import urlopen
from uuid import uuid4

from websockets.exceptions import ConnectionClosed, InvalidHandshake

from benchmarks.app.proxied import Replica, proxy
from benchmarks.app.visitor import Visitor
from benchmarks.attack.raw import is_well
from benchmarks.load import CELL, CPU_GOAL, HEAD, STAGE, Student
from benchmarks.startup import cpu_milliseconds
from transformer_core.glass.trace import Trace
from transformer_core.models.files import load_model
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL

N_REPLICAS = 3
BACK_WITHIN = 10.0  # seconds in which a session has to be back
COOKIE = "replica"
MARK = "汽车"  # typed by nobody but one student; it must stand in no log of the proxy
LOST = (ConnectionClosed, InvalidHandshake, OSError, TimeoutError)


@dataclass
class Seen:
    """What a class saw: waits for a click in ms, seconds until a lost session was back, and all that was wrong."""

    waits: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    over: bool = False

    @property
    def p95(self) -> float:
        """The 95th percentile of the waits."""
        return quantiles(self.waits, n=20, method="inclusive")[-1] if len(self.waits) > 1 else 0.0


async def sit(student: Student, seen: Seen, start: float, every: float) -> None:
    """Let one student click until it is over; whoever is cut off comes back by the address, as a browser does."""
    await asyncio.sleep(start)
    turn = 0
    while not seen.over:
        due, began = time.monotonic() + every, time.perf_counter()
        try:
            await student.click((HEAD, CELL, STAGE, CELL)[turn % 4])
            seen.waits.append(1000 * (time.perf_counter() - began))
            seen.wrong += student.wrong()
        except LOST:
            seen.back.append(await come_back(student))
            seen.wrong += student.wrong()
        turn += 1
        await asyncio.sleep(max(0.0, due - time.monotonic()))


async def come_back(student: Student) -> float:
    """Open the page anew at the address that the app wrote last; return the seconds that it took to see the same.

    What was clicked in the moment of the loss may or may not have been written: the student looks where the page is.
    """
    began, before = time.perf_counter(), student.visitor
    query = dict(before.data("address")["query"])
    while True:
        student.visitor = Visitor(before.url, before.page, query, headers=before.headers)
        try:
            if await is_well(before.url, before.headers):  # Streamlit's page asks that first, too
                await student.visitor.enter()
                break
        except LOST:
            if time.perf_counter() - began > 3 * BACK_WITHIN:
                raise
        await asyncio.sleep(0.5)
    student.look_at(query)
    return time.perf_counter() - began


def students(url: str, n: int) -> list[Student]:
    """Return a class, each with a cookie of its own as a browser has; one types what nobody else does."""
    glass, known = load_model(DEFAULT_MODEL), examples(DEFAULT_MODEL)[:4]
    sources = [f"我的{MARK}很红", *known]
    traces: dict[str, Trace] = {source: glass.trace(source) for source in sources}
    found = []
    for number in range(n):
        source = sources[number % len(sources)]
        found.append(Student(url, source, traces[source], number))
        found[-1].visitor.headers = {"Cookie": f"{COOKIE}={uuid4().hex}"}
    return found


async def lesson(
    url: str, n: int, seconds: float, every: float, replicas: Sequence[Replica]
) -> tuple[Seen, float, int]:
    """Let a class work while replicas die and are renewed; return what it saw, CPU per click, how many were cut off."""
    seen, sitting = Seen(), students(url, n)
    for student in sitting:
        await student.visitor.enter()
    begun = [cpu_milliseconds(one.running.pid) for one in replicas]
    end = time.monotonic() + seconds
    work = asyncio.gather(*(sit(one, seen, every * i / n, every) for i, one in enumerate(sitting)))
    await asyncio.sleep(seconds / 3)
    used = sum(cpu_milliseconds(one.running.pid) - before for one, before in zip(replicas, begun, strict=True))
    cpu, cut = used / max(1, len(seen.waits)), 0
    if len(replicas) > 1:
        await asyncio.to_thread(replicas[0].stop, kill=True)
        await asyncio.sleep(seconds / 6)
        cut = len(seen.back)
        await asyncio.to_thread(replicas[0].start)
        for one in replicas:  # a rolling restart
            await asyncio.to_thread(one.stop)
            await asyncio.to_thread(one.start)
    await asyncio.sleep(max(every, end - time.monotonic()))
    seen.over = True
    await work
    for student in sitting:
        await student.visitor.leave()
    return seen, cpu, cut


def left_in_logs(folder: Path) -> list[str]:
    """Return the logs of the proxy that hold what a student typed, as it is or as an address holds it."""
    marks = (MARK.encode(), "".join(f"%{byte:02X}" for byte in MARK.encode()).encode())
    return [
        f"{MARK} stands in {path.name}" for path in folder.glob("*.log") if any(m in path.read_bytes() for m in marks)
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replicas", description=__doc__)
    parser.add_argument("--sessions", type=int, default=100, help="at once (100)")
    parser.add_argument("--seconds", type=float, default=120, help="of clicking (120)")
    parser.add_argument("--every", type=float, default=2, help="seconds between two clicks of a session (2)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place, ExitStack() as held:
        folder = Path(place)
        replicas = [Replica(folder) for _ in range(N_REPLICAS)]
        for one in replicas:
            one.start()
            held.callback(one.stop)
        with proxy(folder, replicas) as url:
            direct = replicas[0].running.url
            alone, cpu_alone, _ = asyncio.run(lesson(direct, 1, options.seconds / 3, options.every, replicas[:1]))
            full, cpu, cut = asyncio.run(lesson(url, options.sessions, options.seconds, options.every, replicas))
            with urlopen(f"{url}/attention?source=%E6%B1%BD%E8%BD%A6", timeout=60):  # as a browser opens a link
                pass
        full.wrong += left_in_logs(folder)
    report(alone, full, cpu_alone, cpu, cut, options.sessions)


def report(alone: Seen, full: Seen, cpu_alone: float, cpu: float, cut: int, n: int) -> None:
    """Print what one session on one replica and the class saw, and how they compare."""
    print(f"{'':<30}{'one session':>12}{f'{n} sessions':>14}{'ratio':>8}")
    for name, a, b in (
        ("clicks, p50 ms", median(alone.waits), median(full.waits)),
        ("clicks, p95 ms", alone.p95, full.p95),
        ("CPU ms per click", cpu_alone, cpu),
    ):
        print(f"{name:<30}{a:12.1f}{b:14.1f}{b / a:8.2f}")
    print(f"{'clicks':<30}{len(alone.waits):12}{len(full.waits):14}   goal of CPU: {CPU_GOAL:.0f}")
    late = sum(seconds > BACK_WITHIN for seconds in full.back)
    print(f"one replica killed: {cut} sessions cut off; with the rolling restart {len(full.back)}")
    if full.back:
        print(f"back after {median(full.back):.1f} s (median), {max(full.back):.1f} s at most; {late} later than 10 s")
    print(f"wrong or failed: {len(alone.wrong)} and {len(full.wrong)}")
    for line in dict.fromkeys([*alone.wrong, *full.wrong]):
        print(f"  {line}")


if __name__ == "__main__":
    main()
