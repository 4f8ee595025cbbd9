"""What the tests of benchmarks share."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest


@pytest.fixture
def elsewhere() -> Callable[[Callable[[], Any]], Any]:
    """A function that runs another in a thread of its own: in this one the browser tests may keep a loop going."""

    def run(function: Callable[[], Any]) -> Any:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(function).result()

    return run
