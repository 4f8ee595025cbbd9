"""All heads in one picture: bytes on the wire and the renderer's CPU, ours, a bare canvas and BertViz; `--help`.

`python -m benchmarks.heads --bertviz FOLDER` has BertViz in it; without the folder, or if BertViz is not there, the
table says so. The picture is drawn by a page that has loaded what draws it: the cost is that of the data.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import get_args

from benchmarks.pictures.bertviz import missing, model_view
from benchmarks.pictures.drawing import Cost, Side, draw
from benchmarks.pictures.overview import Shows, Size, canvas, component, invented, weights_of
from benchmarks.results import Row, table
from benchmarks.timing import summary
from tests.browser.app import running_browser

GOAL = Size(12, 12, 128)
BYTES_GOAL, CPU_GOAL = 1.5, 2.0
SIZES = (Size(12, 12, 32), Size(12, 12, 64), GOAL, Size(12, 12, 512))
PATIENCE = 60.0  # seconds
OURS, CANVAS = "ours: all heads", "one bare canvas"

Costs = dict[str, list[Cost | None]]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print the goals and everything that was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.heads", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each picture is drawn (5)")
    parser.add_argument("--bertviz", type=Path, help="the folder that has BertViz; it is drawn once a size")
    parser.add_argument("--patience", type=float, default=PATIENCE, help=f"seconds a picture may take ({PATIENCE:g})")
    parser.add_argument("--tokens", type=int, nargs="+", help="only these numbers of tokens")
    options = parser.parse_args(arguments)
    problem = "BertViz is not measured: no --bertviz FOLDER" if options.bertviz is None else missing(options.bertviz)
    if problem:
        print(problem, end="\n\n")
    folder = None if problem else options.bertviz
    sizes = [size for size in SIZES if not options.tokens or size.n_tokens in options.tokens]
    print(f"{'picture':<36}{'kB':>10}{'x raw':>8}{'CPU ms':>10}{'x canvas':>10}{'s':>8}   medians of {options.rounds}")
    for size in sizes:
        sides, costs = measure(size, options.rounds, options.patience, folder)
        print(f"{size}: {size.raw / 1000:.0f} kB as one byte a weight")
        print("\n".join(line(side, costs, size, options.patience) for side in sides), flush=True)
        if size == GOAL:
            print(f"\n{table(goal_rows(sides, costs, size))}\n", flush=True)


def measure(size: Size, rounds: int, patience: float, bertviz: Path | None) -> tuple[list[Side], Costs]:
    """Return the sides and what each of them cost in every round; they take turns, in an order that changes."""
    trace = invented(size)
    sides = [canvas(trace), *(component(trace, shows) for shows in get_args(Shows))]
    costs: Costs = defaultdict(list)
    order = random.Random(0)
    with running_browser() as browser:
        for side in sides:
            draw(browser, side, patience)  # once for nothing: the browser fills its caches
        for _ in range(rounds):
            for side in order.sample(sides, len(sides)):
                costs[side.name].append(draw(browser, side, patience))
    if bertviz is not None:
        theirs = model_view(bertviz, weights_of(trace))
        with running_browser() as browser:  # its own, which it may bring down
            costs[theirs.name].append(draw(browser, theirs, patience))
        sides.append(theirs)
    return sides, costs


def goal_rows(sides: Sequence[Side], costs: Costs, size: Size) -> list[Row]:
    """Return the rows of the two goals."""
    ours = next(side for side in sides if side.name == OURS)
    pairs = zip(costs[OURS], costs[CANVAS], strict=True)
    ratios = [a.cpu / b.cpu for a, b in pairs if a and b]
    return [
        Row(
            "heads-bytes", f"bytes on the wire / one byte a weight: {size}", BYTES_GOAL, summary([ours.wire / size.raw])
        ),
        Row("heads-cpu", f"renderer CPU, our picture / one bare canvas: {size}", CPU_GOAL, summary(ratios)),
    ]


def line(side: Side, costs: Costs, size: Size, patience: float) -> str:
    """Return a line of the table: bytes, CPU and seconds of one side, and how it compares."""
    found = [cost for cost in costs[side.name] if cost]
    bare = [cost.cpu for cost in costs[CANVAS] if cost]
    begin = f"{side.name:<36}{side.wire / 1000:>10.0f}{side.wire / size.raw:>8.2f}"
    if len(found) < len(costs[side.name]):
        return f"{begin}   not drawn within {patience:g} s, or its page crashed"
    middle: Callable[[list[float]], float] = median
    cpu = middle([cost.cpu for cost in found])
    return f"{begin}{cpu:>10.1f}{cpu / middle(bare):>10.2f}{middle([cost.seconds for cost in found]):>8.2f}"


if __name__ == "__main__":
    main()
