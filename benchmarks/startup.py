"""How fast the app is in a real browser: its start, and what a click costs; `python -m benchmarks.startup`.

Starts are fresh servers and fresh visitors. Clicks are on a sentence that is already traced; the floor, an empty
fragment, is measured between them. CPU is the server's, read from /proc, so that this runs on Linux only.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from typing import Any

from playwright.sync_api import Browser, Locator

from tests.browser.app import Server, running_browser, running_server, settle
from tests.browser.maps import heatmap, middle
from tests.browser.wire import Wire
from ui.frame.text import t

SENTENCE = "汤姆昨天买了一本书。"
VIEW = {"lang": "en", "source": SENTENCE}
LONGER = "我昨天晚上没睡好，今天早上七点才起床。"  # 20 tokens
HEADS_VIEW = {"lang": "en", "source": LONGER, "stack": "encoder", "block": "self_attn", "layer": 0, "head": 0}
SIZE = {"width": 1440, "height": 900}
START_GOAL, CPU_GOAL = 8.0, 30.0  # seconds, milliseconds
TRANSLATED, FLOOR, MAP, CELL, HEAD, STAGE = (
    "the translation stands there",
    "floor: an empty fragment",
    "open the map",
    "explain a cell",
    "all heads: open another",
    "one head: another stage",
)
GOALS = {MAP: 3.0, CELL: 2.0, HEAD: 2.5, STAGE: 2.0}  # times the floor
BYTES_GOALS = {MAP: 300, STAGE: 15}  # kB
TEXT_GOAL = 1  # kB of components' scripts and styles in the messages of a stage
REST = 600  # milliseconds in which the server finishes what a click set off; a component may wait 300 to tell it

# Resolves to the time from the next click to the second frame after the condition holds, which may use `deep`, to look
# into components too, and `fresh`, for what was drawn anew.
_WATCH = """() => {
  const deep = (selector) => document.querySelector(selector) ??
    [...document.querySelectorAll("*")].map((e) => e.shadowRoot?.querySelector(selector)).find(Boolean);
  const watched = [".road", ".player", ".written", ".explain", "[data-picture]"];
  const old = Object.fromEntries(watched.map((selector) => [selector, deep(selector)]));
  const fresh = (selector) => deep(selector) && deep(selector) !== old[selector];
  const frame = requestAnimationFrame;
  window.painted = new Promise((resolve, reject) => {
    let start = null;
    setTimeout(() => reject(new Error("not painted after 60 s")), 60_000);
    document.addEventListener("click", () => { start = performance.now(); }, { capture: true, once: true });
    const done = () => resolve(performance.now() - start);
    const look = () => frame(start !== null && (CONDITION) ? () => frame(done) : look);
    look();
  });
}"""


@dataclass
class Clicks:
    """What one kind of click cost, each time: milliseconds of CPU and until it was painted, kB, and kB of scripts."""

    cpu: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)
    kilobytes: list[float] = field(default_factory=list)
    scripts: list[float] = field(default_factory=list)


class Visitor:
    """Someone who clicks in a page of a server, while it is measured."""

    def __init__(self, browser: Browser, server: Server, path: str = "", **query: object) -> None:
        self.server, self.page = server, browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        self.wire = Wire(self.page)
        self.page.goto(server.link(path, **query))

    def click(self, clicks: Clicks, what: Locator, condition: str, **how: Any) -> None:
        """Click, wait until `condition` (JavaScript) is painted, and note the cost."""
        self.page.bring_to_front()
        self.page.wait_for_timeout(REST)
        self.page.evaluate(_WATCH.replace("CONDITION", condition))
        self.wire.forget()
        before = cpu_milliseconds(self.server.pid)
        what.click(**how)
        clicks.painted.append(self.page.evaluate("window.painted"))
        self.page.wait_for_selector("[data-test-script-state=notRunning]")
        self.page.wait_for_timeout(REST)
        clicks.cpu.append(cpu_milliseconds(self.server.pid) - before)
        clicks.kilobytes.append(self.wire.received / 1000)
        clicks.scripts.append(self.wire.text / 1000)

    def explain_cell(self, clicks: Clicks, row: int, column: int) -> None:
        """Click a cell of the heatmap."""
        self.click(clicks, heatmap(self.page), "fresh('.explain')", position=middle(self.page, row, column))

    def choose_head(self, clicks: Clicks, head: int, condition: str) -> None:
        """Choose a head where the page asks for one, or for one or their mean."""
        radios = self.page.locator("[class*=st-key-choose-head]").get_by_role("radio")
        self.click(clicks, radios.filter(has_text=re.compile(rf"^\D*{head}$")), condition)

    def open_head(self, clicks: Clicks, head: int) -> None:
        """Open another head of the first layer where all of them are shown."""
        name = f"head0.{head}"
        thumb = self.page.locator(f'.thumb[data-name="{name}"]')
        self.click(clicks, thumb, f"deep('.thumb.now')?.dataset.name === '{name}'")

    def open_page(self, clicks: Clicks, lang: str, page: str, drawn: str) -> None:
        """Go to another page by the menu."""
        section, name = page.split("/")
        self.page.get_by_test_id("stTopNavSection").filter(has_text=t(f"menu.{section}", lang)).click()
        link = self.page.get_by_test_id("stTopNavDropdownLink").filter(has_text=t(f"page.{name}", lang))
        self.click(clicks, link, f"fresh('{drawn}')")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print two tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    parser.add_argument("--starts", type=int, default=3, help="fresh servers (3)")
    parser.add_argument("--rounds", type=int, default=10, help="clicks of each kind (10)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, running_browser() as browser:
        print_starts([start(Path(folder), browser) for _ in range(options.starts)])
        print_clicks(click_around(Path(folder), browser, options.rounds))


def start(folder: Path, browser: Browser) -> dict[str, float]:
    """Return the seconds from the start command until each stage of a start is reached."""
    began = time.monotonic()
    with running_server(folder) as server:
        seconds = {"the server answers": time.monotonic() - began}
        context = browser.new_context(viewport=SIZE)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(server.link(**VIEW), wait_until="domcontentloaded")
        seconds["the browser has the page"] = time.monotonic() - began
        page.locator(".word.target").first.wait_for(timeout=120_000)
        seconds[TRANSLATED] = time.monotonic() - began
        page.locator(".written .fill").last.wait_for(timeout=120_000)
        seconds["the whole map is drawn"] = time.monotonic() - began
        context.close()
    return seconds


def click_around(folder: Path, browser: Browser, rounds: int) -> dict[str, Clicks]:
    """Return the cost of every kind of click, one of each kind per round; two rounds before them only warm up."""
    with running_server(folder) as app, running_server(folder, "benchmarks/app/empty_app.py") as empty:
        idler, visitor = Visitor(browser, empty), Visitor(browser, app, "attention", **VIEW, stage="weights", head=0)
        looker = Visitor(browser, app, "heads", **HEADS_VIEW)
        clicks: dict[str, Clicks] = defaultdict(Clicks)
        for n in beside_floor(idler, (visitor, looker), clicks, rounds):
            looker.open_head(clicks[HEAD], 1 + n % 2)
            one_round(visitor, clicks, n)
    return clicks


def beside_floor(idler: Visitor, visitors: Sequence[Visitor], clicks: dict[str, Clicks], rounds: int) -> Iterator[int]:
    """Yield the number of each round when the app that does nothing has been clicked; what warmed up is forgotten."""
    idler.page.get_by_text("Run 0").wait_for(timeout=120_000)
    for visitor in visitors:
        settle(visitor.page)
    again = idler.page.get_by_role("button", name="Again")
    for n in range(-2, rounds):
        if n == 0:
            clicks.clear()
        idler.click(clicks[FLOOR], again, f"document.body.innerText.includes('Run {n + 3}')")
        yield n


def one_round(visitor: Visitor, clicks: dict[str, Clicks], n: int) -> None:
    """Click once everywhere, and end where it began."""
    lang, head = VIEW["lang"], n % 2  # and two more: a head that is already chosen would cost nothing
    way = visitor.page.get_by_role("button", name=t(f"stage.{('back', 'next')[n % 2]}", lang))
    visitor.click(clicks[STAGE], way, "fresh('.road')")
    visitor.explain_cell(clicks[CELL], 1 + n % 2, 2)
    visitor.choose_head(clicks["one head: another head"], head, f"location.search.includes('head={head}')")
    visitor.open_page(clicks[MAP], lang, "explore/architecture", ".written")
    visitor.open_page(clicks["open the player"], lang, "decode/unfold", ".player")
    visitor.choose_head(clicks["player: another head"], 2 + head, "fresh('.player')")
    visitor.open_page(clicks["open one head"], lang, "explore/attention", ".road")
    settle(visitor.page)


def cpu_milliseconds(pid: int) -> float:
    """Return the CPU time that a process has used, all its threads together, to the nearest tick of 10 ms."""
    numbers = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return 1000 * (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")  # user and system


def print_starts(starts: Sequence[dict[str, float]]) -> None:
    """Print when each stage of a start was reached, the median of all starts and each."""
    print(f"Seconds from the start command until ... (median of {len(starts)}; each)\n")
    for stage in starts[0]:
        seconds = [seconds[stage] for seconds in starts]
        goal = f"  goal {START_GOAL:.0f}" if stage == TRANSLATED else ""
        print(f"{stage:<32}{median(seconds):6.2f}   {'  '.join(f'{s:.2f}' for s in seconds)}{goal}")


def print_clicks(clicks: dict[str, Clicks]) -> None:
    """Print what each kind of click cost, what it should cost, and how it compares to the floor."""
    print(f"\nA click on a traced sentence ({len(clicks[FLOOR].cpu)} rounds; goals: {CPU_GOAL:.0f} ms of CPU;", end=" ")
    print(", ".join(f"{what}: {goal:g} x the floor" for what, goal in GOALS.items()), end="; ")
    print(", ".join(f"{what}: {goal} kB" for what, goal in BYTES_GOALS.items()), end="; ")
    print(f"{STAGE}: {TEXT_GOAL} kB of scripts)\n")
    print_costs(clicks)


def print_costs(clicks: dict[str, Clicks]) -> None:
    """Print a line for each kind of click."""
    floor = clicks[FLOOR]
    print(f"{'click':<28}{'CPU ms (mean)':>15}{'painted ms (median)':>22}{'x floor':>10}{'kB':>8}{'scripts':>9}")
    for what, cost in clicks.items():
        ratio = median(a / b for a, b in zip(cost.painted, floor.painted, strict=True))
        times = f"{mean(cost.cpu):15.1f}{median(cost.painted):22.0f}{ratio:10.2f}"
        print(f"{what:<28}{times}{max(cost.kilobytes):8.1f}{max(cost.scripts):9.2f}")


if __name__ == "__main__":
    main()
