"""How smoothly the player plays in a real browser, and how little it is sent; `python -m benchmarks.player`.

It plays 40 steps at 4 steps a second, while the page asks for every frame. A frame that comes late on a busy machine
may be the machine's; the player's own part is the time that Chrome counts for its scripts, styles and layout.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np
from playwright.sync_api import CDPSession, Page

from figures.decode.unfold import unfold
from figures.decode.unfold_run import run_facts
from figures.decode.unfold_wire import packed, raw_bytes
from tests.browser.app import running_browser, running_server, settle
from transformer_core.decoding.records import Decoding
from transformer_core.models.files import load_model
from transformer_core.models.glass import Glass
from ui.state.models import DEFAULT_MODEL, word_of

SOURCE = "我昨天晚上在图书馆看了一本很有意思的书，今天早上没有按时起床，所以妈妈非常生气，爸爸也很不高兴。"
STEPS, SPEED = 40, 4
FRAME = 1000 / 60  # milliseconds
LATE = 1.5 * FRAME  # between two frames: one is missing

# Collects the times of all frames until the player stands at the last step.
_WATCH = """(last) => new Promise((resolve) => {
  const player = [...document.querySelectorAll("*")].map((e) => e.shadowRoot?.querySelector(".player")).find(Boolean);
  const times = [];
  const look = (now) => {
    times.push(now);
    const step = Number(player.querySelector(".count").textContent.match(/(\\d+) \\//)[1]);
    step >= last ? resolve(times) : requestAnimationFrame(look);
  };
  player.querySelector("button.play").click();
  requestAnimationFrame(look);
})"""


@dataclass(frozen=True)
class Play:
    """One playing of all steps.

    Attributes:
        gaps: milliseconds between the frames that the page got.
        work: milliseconds of scripts, styles and layout for a step.
    """

    gaps: list[float]
    work: float

    @property
    def late(self) -> int:
        """Frames that the page did not get in time."""
        return sum(gap > LATE for gap in self.gaps)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.player", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="playings (default: %(default)s)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        plays = play(Path(folder), options.rounds)
    print_plays(plays)
    print_bytes()


def play(folder: Path, rounds: int) -> list[Play]:
    """Play so many times, and one time before that only warms up."""
    with running_server(folder) as server, running_browser() as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(server.link("unfold", lang="en", source=SOURCE, picks=long_run(load_model(DEFAULT_MODEL))[1], step=0))
        settle(page)
        page.locator(".player select").select_option(str(SPEED))
        client = page.context.new_cdp_session(page)
        client.send("Performance.enable")
        return [_play(page, client) for _ in range(rounds + 1)][1:]


def _play(page: Page, client: CDPSession) -> Play:
    page.locator(".player .says").click()
    page.keyboard.press("Home")
    page.wait_for_timeout(1000)
    before = _busy(client)
    times = page.evaluate(_WATCH, STEPS)
    work = _busy(client) - before
    page.keyboard.press(" ")
    return Play([after - one for one, after in pairwise(times)], 1000 * work / STEPS)


def _busy(client: CDPSession) -> float:
    metrics = {metric["name"]: metric["value"] for metric in client.send("Performance.getMetrics")["metrics"]}
    return float(sum(metrics[f"{name}Duration"] for name in ("Script", "RecalcStyle", "Layout")))


def long_run(glass: Glass) -> tuple[Decoding, str]:
    """Return a decoding of `STEPS` + 1 steps or more, and its picks for a link.

    Wherever the model would end its sentence before, the next most probable word is picked instead.
    """
    record, picks = glass.decode(SOURCE), []
    while len(record.ids) <= STEPS:
        step = len(record.ids) - 1
        word = next(int(i) for i in np.argsort(-record.logits[step]) if i != glass.config.eos_id)
        picks.append(f"{step}.{word}")
        record = glass.decode(SOURCE, prefix=(*record.ids[:-1], word))
    return record, "_".join(picks)


def print_plays(plays: Sequence[Play]) -> None:
    """Print the frames of every playing."""
    print(
        f"{STEPS} steps at {SPEED} a second, {len(plays)} times; a frame is {FRAME:.1f} ms, late after {LATE:.0f} ms\n"
    )
    print(f"{'round':<8}{'frames':>8}{'late':>8}{'longest ms':>14}{'ms a step':>12}")
    for number, one in enumerate(plays):
        print(f"{number:<8}{len(one.gaps):8}{one.late:8}{max(one.gaps):14.1f}{one.work:12.1f}")
    print(f"\nmedian of the work for a step: {median(one.work for one in plays):.1f} ms")


def print_bytes() -> None:
    """Print what the player is sent, and one byte for each number that it shows."""
    glass = load_model(DEFAULT_MODEL)
    record, _ = long_run(glass)
    told = unfold(glass.trace_record(record), 0, 0, word_of(DEFAULT_MODEL))
    run = run_facts(record, glass.config, [], 0.0)
    sent, raw = len(json.dumps(packed(told, run))), raw_bytes(told, run)
    print(f"\n{len(record.ids)} steps: {sent:,} bytes sent, {raw:,} raw; {sent / raw:.2f} times (goal: at most 3)")


if __name__ == "__main__":
    main()
