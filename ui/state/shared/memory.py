"""How much memory there is for what is kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psutil

CACHE_LIMIT = "GLASSFORMER_CACHE_MB"  # by which an operator says how much all traces together may take
# Where a container says how much it may take and how much it has taken, in the two versions of control groups.
_CONTAINER = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def free_bytes() -> int:
    """Return the bytes that this program could still take: those of the machine, or the rest of its container's."""
    rests = [most - taken for most, taken in map(_both, _CONTAINER) if most is not None and taken is not None]
    return max(0, min([psutil.virtual_memory().available, *rests]))


def limit_given() -> int | None:
    """Return the bytes that the operator lets all traces together take; None if nothing is said.

    Raises:
        SystemExit: if what is said is no whole number above 0.
    """
    given = os.environ.get(CACHE_LIMIT)
    if not given:
        return None
    if not given.isascii() or not given.isdigit() or int(given) == 0:
        sys.exit(f"{CACHE_LIMIT} is {given!r}; MB, 1 or more")
    return 10**6 * int(given)


def _both(paths: tuple[str, str]) -> tuple[int | None, int | None]:
    most, taken = map(_number, paths)
    return most, taken


def _number(path: str) -> int | None:
    try:
        return int(Path(path).read_text(encoding="ascii"))
    except (OSError, ValueError):  # no such file, or no limit, which is the word "max"
        return None
