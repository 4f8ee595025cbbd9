"""What one session may ask of the server at most, so that the app stays quick for all the others."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from transformer_core.glass.errors import GlassformerError
from ui.state.shared.memory import free_bytes

RUNS_AT_ONCE, RUNS_A_SECOND = 40, 4  # traces that are worked out; a text that somebody types takes one to four
AT_WORK = 2  # traces of one session at the same time: the newest text, and one that is no longer wanted
SPARE_BYTES = 2**27  # of memory that no trace may take: pages and answers need some, too
_ALLOWANCE = "allowance"


class TooFastError(GlassformerError):
    """More texts than a person types."""

    code = "too_fast"


class BusyError(GlassformerError):
    """A text more, while several of the same reader are still being worked out."""

    code = "busy"


class MemoryShortError(GlassformerError):
    """A trace for which there is no memory now."""

    code = "memory_short"


class Bucket:
    """A token bucket: lets through `most` at once, and `a_second` in the long run."""

    def __init__(self, most: float, a_second: float) -> None:
        self.most, self.a_second = most, a_second
        self._level, self._at = most, time.monotonic()

    def take(self, n: float = 1) -> float:
        """Take n, also those that are not there yet; return the seconds until they are."""
        self._fill()
        self._level -= n
        return max(0.0, -self._level / self.a_second)

    def take_if_there(self) -> bool:
        """Take one if it is there; return whether it was."""
        self._fill()
        there = self._level >= 1
        self._level -= there
        return there

    def _fill(self) -> None:
        now = time.monotonic()
        self._level = min(self.most, self._level + (now - self._at) * self.a_second)
        self._at = now


@dataclass
class _Allowance:
    """What is left to one session."""

    runs: Bucket = field(default_factory=lambda: Bucket(RUNS_AT_ONCE, RUNS_A_SECOND))
    at_work: int = 0
    lock: Lock = field(default_factory=Lock)


@contextmanager
def admitted(n_bytes: int) -> Iterator[None]:
    """Let the present session work a trace out, if it may and if there is memory for it.

    Args:
        n_bytes: that the trace takes.

    Raises:
        TooFastError, BusyError: if it asks for more than it may; what no session asks for has no limit.
        MemoryShortError: if memory is short, or runs out on the way.
    """
    if get_script_run_ctx() is None:
        with _within_memory(n_bytes):
            yield
        return
    allowance: _Allowance = st.session_state.setdefault(_ALLOWANCE, _Allowance())
    with allowance.lock:
        if allowance.at_work >= AT_WORK:
            raise BusyError(BusyError.code)
        if not allowance.runs.take_if_there():
            raise TooFastError(TooFastError.code)
        allowance.at_work += 1
    try:
        with _within_memory(n_bytes):
            yield
    finally:
        with allowance.lock:
            allowance.at_work -= 1


@contextmanager
def _within_memory(n_bytes: int) -> Iterator[None]:
    free = free_bytes()
    short = MemoryShortError(MemoryShortError.code)
    if n_bytes + SPARE_BYTES > free:
        raise short
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if is_memory(error):
            raise short from None
        raise


def is_memory(error: Exception) -> bool:
    """Return whether an error says that memory ran out: Python's, or that of torch's allocator."""
    return isinstance(error, MemoryError) or "allocate memory" in str(error)
