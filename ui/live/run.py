"""A command that runs in a process of its own, one at a time for all sessions, and tells what it finds line by line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Literal

State = Literal["idle", "running", "done", "stopped", "crashed"]
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Report:
    """How the run stands at one moment: asked for one by one, these could belong to two.

    Attributes:
        state: whether it runs, and if not, how it ended.
        lines: what it has told so far.
        status: the exit status of its process; None before its end.
    """

    state: State
    lines: tuple[dict[str, Any], ...]
    status: int | None


class LiveRun:
    """The process and what it has told so far.

    It holds the other end of this server's pipe: should the server end in whatever way, the pipe closes, and the
    command, which listens to it, ends as well.
    """

    def __init__(self, command: Sequence[str], slot: Lock | None = None) -> None:
        """Remember the command.

        Args:
            command: it prints one JSON object a line, the last one of kind "end", and ends when its input closes.
            slot: is held while it runs: of the runs that share one, one runs at a time. None for one of its own.
        """
        self._command = list(command)
        self._lock, self._slot = Lock(), slot or Lock()
        self._process: subprocess.Popen[str] | None = None
        self._reader: Thread | None = None
        self._lines: list[dict[str, Any]] = []
        self._stopped = False

    @property
    def state(self) -> State:
        """Whether it runs, and if not, how it ended."""
        if self._process is None or self._reader is None:
            return "idle"
        if self._reader.is_alive():
            return "running"
        if self._lines and self._lines[-1]["kind"] == "end":
            return "done"
        return "stopped" if self._stopped else "crashed"

    def report(self) -> Report:
        """Return how it stands now."""
        with self._lock:
            state = self.state
            return Report(state, tuple(self._lines), None if self._process is None else self._process.returncode)

    def start(self) -> bool:
        """Start the command; return False, and change nothing, if it or another in its slot is running already."""
        with self._lock:
            if self.state == "running" or not self._slot.acquire(blocking=False):
                return False
            self._lines, self._stopped = [], False
            try:
                self._process = subprocess.Popen(
                    self._command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
                )
            except OSError:
                self._slot.release()
                raise
            self._reader = Thread(target=_read, args=(self._process, self._lines, self._slot), daemon=True)
            self._reader.start()
            return True

    def stop(self) -> None:
        """End the process, if it runs, and wait for its end."""
        with self._lock:
            if self._process is None or self._reader is None or self.state != "running":
                return
            self._stopped = True
            self._process.terminate()
            self._reader.join()


def _read(process: subprocess.Popen[str], lines: list[dict[str, Any]], slot: Lock) -> None:
    try:
        with process:  # closes its pipes and waits for it
            assert process.stdout is not None
            for line in process.stdout:
                lines.append(json.loads(line))
    finally:
        slot.release()
