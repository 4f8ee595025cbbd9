"""The app on a slow machine: each part of long work takes a moment, so that a reader can see it and press Stop."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any

import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from ui.live import progress  # noqa: E402
from ui.parts.modules import routes  # noqa: E402

MOMENT = 0.5  # seconds: long against what a loaded machine needs to draw
_in_parts = progress.in_parts


def _slowly(key: str, what: Any, n: int, advance: Callable[[int], int], *given: Any, **more: Any) -> int:
    def later(done: int) -> int:
        sleep(MOMENT)
        return advance(done)

    return _in_parts(key, what, n, later, *given, **more)


progress.in_parts = _slowly  # before a page takes it from there
app = st.App(ROOT / "ui/main.py", routes=routes())
