"""Can somebody with a script spoil a lesson? `python -m benchmarks.attack` tries, on a server of its own, on 127.0.0.1.

While each assault lasts, a class goes on with its lesson, and every answer that it gets is compared with the model's
own number. A line an assault: how long the class waited, and what was wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from benchmarks.attack.network import climb_out, come_from_elsewhere, connect_at_once, dawdle, swell, tear
from benchmarks.attack.sessions import forge, forge_states, take_over, talk_garbage, type_fast
from benchmarks.load import CELL, HEAD, STAGE, Student, megabytes
from tests.browser.app import Server, running_server
from transformer_core.models.files import load_model
from ui.frame.menu import SECTIONS
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL

HOSTS = "127.0.0.1 localhost"  # by what names the server knows itself
PAGES = tuple(page for pages in SECTIONS.values() for page in pages)
Assault = Callable[[], Awaitable[list[str]]]


@dataclass(frozen=True)
class Strength:
    """How much of each: connections, slow connections and their seconds, messages of garbage, texts.

    Attributes:
        share: how many components of a page share the list of forged values.
        widgets: on how many pages those of Streamlit are forged.
        every_path: of the paths that climb, every one or every n-th.
    """

    connections: int = 500
    slow: int = 100
    seconds: float = 10.0
    garbage: int = 200
    texts: int = 10_000
    share: int = 40
    widgets: int = 99
    every_path: int = 1


@dataclass
class Lesson:
    """What a class saw: milliseconds from a click to the end of its answer, and answers that were not the model's."""

    waits: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    over: bool = False

    def told(self, name: str, faults: Sequence[str]) -> str:
        """One line of the table."""
        p95 = quantiles(self.waits, n=20, method="inclusive")[-1] if len(self.waits) > 1 else 0.0
        times = f"{median(self.waits or [0.0]):9.0f}{p95:9.0f}"
        return f"{name:<22}{len(self.waits):8}{times}{len(self.wrong):8}{len(faults):8}"


HEADER = f"{'while':<22}{'clicks':>8}{'p50 ms':>9}{'p95 ms':>9}{'wrong':>8}{'faults':>8}"


def assaults(url: str, strength: Strength, pages: Sequence[str] = PAGES) -> dict[str, Assault]:
    """Return every assault by its name."""

    async def forge_all() -> list[str]:
        return [fault for page in pages for fault in await forge(url, page, strength.share)]

    async def forge_widgets() -> list[str]:
        return [fault for page in pages[: strength.widgets] for fault in await forge_states(url, page)]

    return {
        "many connections": lambda: connect_at_once(url, strength.connections),
        "slow connections": lambda: dawdle(url, strength.slow, strength.seconds),
        "torn frames": lambda: tear(url),
        "garbage": lambda: talk_garbage(url, strength.garbage),
        "foreign pages": lambda: come_from_elsewhere(url),
        "climbing paths": lambda: climb_out(url, strength.every_path),
        "swollen requests": lambda: swell(url),
        "a stolen session": lambda: take_over(url),
        "forged values": forge_all,
        "forged widgets": forge_widgets,
        "many texts": lambda: type_fast(url, strength.texts),
    }


async def attack(
    server: Server, strength: Strength, n_students: int, every: float, pages: Sequence[str] = PAGES
) -> list[str]:
    """Carry out every assault while a class works, print a line of each, and return all that was wrong."""
    students = await _enter(server, n_students)
    found: list[str] = []
    print(HEADER)

    async def calm() -> list[str]:
        await asyncio.sleep(strength.seconds)
        return []

    for name, assault in {"nothing": calm, **assaults(server.url, strength, pages)}.items():
        lesson = Lesson()
        clicking = asyncio.gather(*(_work(student, lesson, every) for student in students))
        began = time.monotonic()
        faults = await assault()
        await asyncio.sleep(max(0.0, 2 * every - (time.monotonic() - began)))  # time for a click of each
        lesson.over = True
        await clicking
        print(lesson.told(name, faults), flush=True)
        found += [f"{name}: {one}" for one in (*faults, *lesson.wrong)]
        if not lesson.waits:
            found.append(f"{name}: nobody got an answer")
    for student in students:
        await student.visitor.leave()
    return found


async def _enter(server: Server, n: int) -> list[Student]:
    glass, sources = load_model(DEFAULT_MODEL), examples(DEFAULT_MODEL)[:5]
    students = [
        Student(server.url, sources[i % len(sources)], glass.trace(sources[i % len(sources)]), i) for i in range(n)
    ]
    for student in students:
        await student.visitor.enter()
    return students


async def _work(student: Student, lesson: Lesson, every: float) -> None:
    turn = 0
    while not lesson.over:
        began = time.perf_counter()
        await student.click((HEAD, CELL, STAGE, CELL)[turn % 4])
        lesson.waits.append(1000 * (time.perf_counter() - began))
        lesson.wrong += student.wrong()
        turn += 1
        await asyncio.sleep(every)


def main(arguments: Sequence[str] | None = None) -> None:
    """Attack, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.attack", description=__doc__)
    parser.add_argument("--students", type=int, default=10, help="of the class that goes on (10)")
    parser.add_argument("--every", type=float, default=2, help="seconds between two clicks of a student (2)")
    parser.add_argument("--texts", type=int, default=Strength.texts, help=f"typed by one session ({Strength.texts})")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, attacked_server(Path(folder)) as server:
        strength = Strength(texts=options.texts)
        before = megabytes(server.pid)
        found = asyncio.run(attack(server, strength, options.students, options.every))
        print(f"memory of the server: {before:.0f} MB before, {megabytes(server.pid):.0f} MB at the end")
        for line in dict.fromkeys([*found, *tracebacks(server)]):
            print(f"  {line}")


def attacked_server(folder: Path, **variables: str) -> AbstractContextManager[Server]:
    """Start a server that knows by what names it is called."""
    return running_server(folder, STREAMLIT_SERVER_ALLOWED_HOSTS=HOSTS, **variables)


def tracebacks(server: Server) -> list[str]:
    """Return the lines of the log that show an error with its message, which may quote what somebody typed."""
    lines = server.log.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if "Traceback" in line or re.match(r"[\w.]+(Error|Exception): ", line)]


if __name__ == "__main__":
    main()
