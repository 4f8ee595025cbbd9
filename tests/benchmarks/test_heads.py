"""The benchmark of all heads: what its sides are made of, what is counted, and that a page is really drawn."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from benchmarks.heads import CANVAS, OURS, goal_rows, line, main
from benchmarks.pictures.bertviz import missing
from benchmarks.pictures.drawing import Cost, Side, draw, process_cpu
from benchmarks.pictures.overview import Shows, Size, canvas, component, invented, weights_of
from tests.browser.app import running_browser
from ui.parts.modules import inflated

SMALL = Size(2, 3, 5)
WHOLE: Shows = "all heads, one large, table"


def test_the_invented_attention_is_attention_of_that_size() -> None:
    weights = weights_of(invented(SMALL))
    assert weights.shape == (2, 3, 5, 5)
    np.testing.assert_allclose(weights.sum(axis=3), 1, rtol=1e-5)
    assert SMALL.raw == weights.size


def test_every_byte_of_a_side_is_counted() -> None:
    trace = invented(SMALL)
    ours, bare = component(trace, WHOLE), canvas(trace)
    assert ours.wire == sum(len(text) for name, text in ours.files.items() if name != "index.html")
    assert len(inflated(ours.files["data"])["measures"]["here"]) == ours.wanted == 6
    assert inflated(component(trace, "all heads, one large").files["data"])["measures"] is None
    assert b"class Heads" in ours.files["heads/heads.js"]
    assert {"theme.css", "heads/heads.css", "heatmap/view.css", "shared/draw/dom.js"} <= set(ours.files)
    assert bare.wire == len(bare.files["values.bin"]) == SMALL.raw
    # The canvas has head (1, 2) in its last rows and columns, its largest weight in white.
    tile = np.frombuffer(bare.files["values.bin"], np.uint8).reshape(10, 15)[5:, 10:]
    assert np.unravel_index(tile.argmax(), (5, 5)) == np.unravel_index(weights_of(trace)[1, 2].argmax(), (5, 5))
    assert tile.max() == 255


@pytest.mark.browser
@pytest.mark.slow
def test_our_picture_and_the_canvas_are_drawn_in_a_browser_and_what_hangs_is_given_up(
    elsewhere: Callable[[Callable[[], None]], None],
) -> None:
    trace = invented(SMALL)
    page = b"<script>function draw() { return new Promise(() => {}); }</script>"
    hangs = Side("hangs", {"index.html": page}, 0, "1", 1)

    def look() -> None:
        with running_browser() as browser:
            costs = [
                draw(browser, side) for side in (component(trace, "all heads"), component(trace, WHOLE), canvas(trace))
            ]
            assert draw(browser, hangs, limit=1) is None
        for cost in costs:
            assert cost is not None
            assert cost.cpu > 1

    elsewhere(look)


def test_the_cpu_of_a_process_grows_with_its_work() -> None:
    """Of another process: in this one threads of earlier tests may end meanwhile, and are counted no more."""
    code = (
        "import time; input(); end = time.thread_time() + 0.05\nwhile time.thread_time() < end: pass\nprint(); input()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-u", "-c", code], **pipes) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        time.sleep(0.2)
        before = process_cpu(worker.pid)
        worker.stdin.write(b"\n")
        worker.stdin.flush()
        worker.stdout.readline()
        after = process_cpu(worker.pid)
        worker.communicate(b"\n")
    assert 40 < after - before < 2000


def test_the_goals_compare_bytes_with_raw_ones_and_cpu_within_a_round() -> None:
    sides = [Side(name, {}, wire, "", 0) for name, wire in ((OURS, 300), (CANVAS, SMALL.raw))]
    costs = {OURS: [Cost(30, 1), Cost(50, 2), None], CANVAS: [Cost(10, 1), Cost(25, 1), Cost(1, 1)]}
    in_bytes, in_cpu = goal_rows(sides, costs, SMALL)
    assert (in_bytes.measured.middle, in_bytes.ok) == (300 / SMALL.raw, False)
    assert (in_cpu.measured.middle, in_cpu.ok) == (2.5, False)
    assert "not drawn within 9 s" in line(sides[0], costs, SMALL, 9)
    assert line(sides[1], costs, SMALL, 9).split()[-3:] == ["10.0", "1.00", "1.00"]


def test_it_says_how_to_get_bertviz_where_it_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = missing(tmp_path)
    assert said is not None
    assert f"--target {tmp_path} bertviz==" in said
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "--bertviz" in capsys.readouterr().out
