"""Cases of which the quick command runs some, and the whole command all."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest
from hypothesis import settings


def some_quick(cases: Iterable[Any], n: int = 1, *, several: bool = False) -> list[Any]:
    """Return the cases for `parametrize`, all but the first n of them marked as slow.

    `several` says that each case holds the values of several arguments.
    """
    return [
        case if i < n else pytest.param(*(case if several else [case]), marks=pytest.mark.slow)
        for i, case in enumerate(cases)
    ]


def examples(n: int) -> settings:
    """Return the settings of a property that takes n examples, and a fifth of them where the profile asks for few."""
    return settings(max_examples=n if settings().max_examples >= 100 else max(1, n // 5))


def one_quick_of_each(cases: Iterable[str], separator: str = ":") -> list[Any]:
    """Return the cases for `parametrize`, the first of every kind quick: a kind is what stands before the separator."""
    seen: set[str] = set()
    found = []
    for case in cases:
        kind = case.partition(separator)[0]
        found.append(pytest.param(case, marks=pytest.mark.slow) if kind in seen else case)
        seen.add(kind)
    return found


def crossed(*lists: Iterable[Any], rounds: int = 1) -> list[Any]:
    """Return all combinations for `parametrize`, quick as few of them as hold every case of each list.

    Every one of the longest list is quick `rounds` times, each time with others. Where a dictionary is given, its keys
    are the names in the test's id.
    """
    cases = [list(each.items()) if isinstance(each, dict) else [(_name(one), one) for one in each] for each in lists]
    lengths = [len(each) for each in cases]
    quick = {
        tuple((i + r * place) % n for place, n in enumerate(lengths))
        for i in range(max(lengths))
        for r in range(rounds)
    }
    return [
        pytest.param(
            *(each[i][1] for each, i in zip(cases, places, strict=True)),
            id="-".join(each[i][0] for each, i in zip(cases, places, strict=True)),
            marks=() if places in quick else pytest.mark.slow,
        )
        for places in product(*map(range, lengths))
    ]


def _name(case: Any) -> str:
    """What a case is called: a shape by its values, a rule by its class, anything else as it is written."""
    if isinstance(case, dict):
        return "-".join(map(str, case.values()))
    if isinstance(case, str | int | float | list | tuple):
        return str(case)
    return type(case).__name__
