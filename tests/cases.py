"""Cases of a test in all combinations, and properties that the quick command tries on fewer examples."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest
from hypothesis import settings


def examples(n: int) -> settings:
    """Return the settings of a property that takes n examples, and a fifth of them where the profile asks for few."""
    return settings(max_examples=n if settings().max_examples >= 100 else max(1, n // 5))


def crossed(*lists: Iterable[Any]) -> list[Any]:
    """Return all combinations for `parametrize`; of a dictionary, the keys are the names in the test's id."""
    named = [list(each.items()) if isinstance(each, dict) else [(_name(one), one) for one in each] for each in lists]
    return [
        pytest.param(*(case for _, case in found), id="-".join(name for name, _ in found)) for found in product(*named)
    ]


def _name(case: Any) -> str:
    """What a case is called: a shape by its values, a rule by its class, anything else as it is written."""
    if isinstance(case, dict):
        return "-".join(map(str, case.values()))
    if isinstance(case, str | int | float | list | tuple):
        return str(case)
    return type(case).__name__
