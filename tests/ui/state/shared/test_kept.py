"""What follows from a run is kept with it, and goes with it."""

from __future__ import annotations

import ast
import gc
import weakref
from collections.abc import Iterator

import pytest

from tests.ui.code import files, tree
from ui.state.models import Asked
from ui.state.shared.kept import KEPT_RUNS, KEPT_VALUES, forget_runs, kept_with_run

LARGEST = 16  # of a limit of its own, for what is too large to be kept of a hundred runs


class Picture:
    """Something that a weak reference can point to."""


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    forget_runs()
    yield
    forget_runs()


def run(number: int, **more: object) -> Asked:
    return Asked("zh-en", f"sentence {number}", "", **more)  # type: ignore[arg-type]


calls: list[tuple[object, ...]] = []


@kept_with_run
def drawn(asked: Asked, head: int = 0, *, lang: str = "en") -> Picture:
    """A picture."""
    calls.append((asked, head, lang))
    if head < 0:
        raise ValueError(head)
    return Picture()


@kept_with_run
def sized(asked: Asked) -> int:
    return len(asked.source)


def test_it_is_computed_once_for_each_request() -> None:
    calls.clear()
    first = drawn(run(1), 2)
    assert drawn(run(1), 2) is first
    others = [drawn(run(2), 2), drawn(run(1), 3), drawn(run(1), 2, lang="zh"), drawn(run(1, edits="a"), 2)]
    others.append(drawn(run(1, edits="a", difference=True), 2))
    assert len({id(one) for one in (first, *others)}) == len(calls) == 6
    assert sized(run(1)) == 10  # another function of the same arguments
    assert drawn.__name__ == "drawn"
    assert drawn.__doc__ == "A picture."


def test_an_error_is_not_kept() -> None:
    calls.clear()
    for _ in range(2):
        with pytest.raises(ValueError, match="-1"):
            drawn(run(1), -1)
    assert len(calls) == 2


def test_what_is_kept_goes_with_its_run_and_the_difference_with_the_edited_run() -> None:
    plain = weakref.ref(drawn(run(0)))
    difference = weakref.ref(drawn(run(0, edits="a", difference=True)))
    for number in range(1, KEPT_RUNS - 1):
        drawn(run(number))
    assert plain() is not None
    drawn(run(0, edits="a"))  # looked at again: this one goes last
    for number in range(KEPT_RUNS, 2 * KEPT_RUNS - 1):
        drawn(run(number))
    gc.collect()
    assert plain() is None
    assert difference() is not None
    drawn(run(2 * KEPT_RUNS))
    gc.collect()
    assert difference() is None


def test_of_one_run_the_last_values_are_kept() -> None:
    first, second = weakref.ref(drawn(run(0), 0)), weakref.ref(drawn(run(0), 1))
    for head in range(2, KEPT_VALUES):
        drawn(run(0), head)
    drawn(run(0), 0)
    drawn(run(0), KEPT_VALUES)
    gc.collect()
    assert second() is None
    assert first() is not None


def test_no_page_keeps_more_of_runs_by_a_limit_of_its_own() -> None:
    """Such limits add up, and are reached after an hour only."""
    found = {}
    for file in files("ui", "pages"):
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].annotation is not None:
                first = ast.unparse(node.args.args[0].annotation)
                limits = [ast.unparse(one) for one in node.decorator_list if "lru_cache" in ast.unparse(one)]
                if limits and first == "Asked":
                    found[node.name] = limits[0]
    assert len(found) > 3
    allowed = {f"lru_cache(maxsize={n})" for n in range(LARGEST + 1)} | {"lru_cache(maxsize=KEPT)"}
    assert set(found.values()) <= allowed, found
    assert {name for name, limit in found.items() if "KEPT" in limit} == {"_picture", "in_effect"}
