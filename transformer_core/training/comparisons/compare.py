"""A comparison of trainings as a command: one JSON object a line, as soon as it is known."""

from __future__ import annotations

import datetime
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

import torch

DIGITS = 5
Lines = Iterator[dict[str, Any]]


def compare(
    lines: Lines,
    *,
    out: Path | None = None,
    limit: float | None = None,
    nice: int = 0,
    end_with_input: bool = False,
) -> None:
    """Run a comparison on one core and write its lines.

    The first line also tells the day and torch's version; the last one's "reason" is "done" or "limit".

    Args:
        lines: of `forcing_run` or `recall_run`, which computes them on the way.
        out: the file to write; None for standard output.
        limit: seconds after which it ends, whatever is reached.
        nice: how far it lets other processes go first.
        end_with_input: whether to end when standard input closes: whoever started it then holds the other end.
    """
    torch.set_num_threads(1)
    if nice and hasattr(os, "nice"):
        os.nice(nice)
    if end_with_input:
        threading.Thread(target=_end_with_input, daemon=True).start()
    if out is None:
        _write(sys.stdout, lines, limit)
    else:
        with out.open("w", encoding="utf-8") as file:
            _write(file, lines, limit)


def _write(file: TextIO, lines: Lines, limit: float | None) -> None:
    end = None if limit is None else time.monotonic() + limit
    for line in lines:
        if line["kind"] == "start":
            line |= {"date": datetime.date.today().isoformat(), "torch": torch.__version__}
        over = end is not None and time.monotonic() > end and line["kind"] == "point"
        if over or line["kind"] == "end":
            line = {"kind": "end", "reason": "limit" if over else "done"}
        told = {name: round(value, DIGITS) if isinstance(value, float) else value for name, value in line.items()}
        print(json.dumps(told), file=file, flush=True)
        if over:
            return


def _end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(1)  # the main thread may be deep in a training step
