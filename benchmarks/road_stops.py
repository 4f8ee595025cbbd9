"""What it costs to open a stop of the road on a sentence already seen; `python -m benchmarks.road_stops`.

Every round goes by the menu from stop to stop; the floor, an empty fragment, is measured between the rounds.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.startup import CPU_GOAL, FLOOR, Clicks, Visitor, beside_floor, print_costs
from tests.browser.app import running_browser, running_server
from ui.state.road import PAGES

SENTENCE = "The little girl had a small brown dog."
LANG = "en"
TIMES_GOAL = 3.0  # times the floor


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.road_stops", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="how often each stop is opened (10)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, running_browser() as browser:
        clicks = walk(Path(folder), browser, options.rounds)
    goals = f"goals: {CPU_GOAL:.0f} ms of CPU, {TIMES_GOAL:g} x the floor"
    print(f"Opening a stop of the road ({len(clicks[FLOOR].cpu)} rounds; {goals})\n")
    print_costs(clicks)


def walk(folder: Path, browser: Browser, rounds: int) -> dict[str, Clicks]:
    """Return the cost of opening every stop, once a round; two rounds before them only warm up."""
    with running_server(folder) as app, running_server(folder, "benchmarks/app/empty_app.py") as empty:
        idler = Visitor(browser, empty)
        visitor = Visitor(browser, app, PAGES[-1], lang=LANG, source=SENTENCE)
        clicks: dict[str, Clicks] = defaultdict(Clicks)
        for _ in beside_floor(idler, (visitor,), clicks, rounds):
            for page in PAGES:
                visitor.open_page(clicks[page], LANG, f"road/{page}", "[data-picture]")
        idler.page.close()  # a server that somebody looks at is slow to stop
        visitor.page.close()
    return clicks


if __name__ == "__main__":
    main()
