"""Cases of which the quick command runs the first ones, and the whole command all."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def some_quick(cases: Iterable[Any], n: int = 1) -> list[Any]:
    """Return the cases for `parametrize`, all but the first n of them marked as slow."""
    return [case if i < n else pytest.param(case, marks=pytest.mark.slow) for i, case in enumerate(cases)]
