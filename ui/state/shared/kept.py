"""What follows from a run is kept with it: all that was worked out for the last runs, and nothing of older ones.

A limit for each function would be reached by a function of a page that few visit after an hour only, and memory would
grow as long; and what is kept of a run may be a view of its trace, which is then not freed either.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import update_wrapper
from threading import Lock
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from ui.state.models import Asked

P = ParamSpec("P")
V = TypeVar("V")
KEPT_RUNS = 100
KEPT_VALUES = 200  # of a run: a whole class may look at one sentence for an hour
_runs: OrderedDict[Asked, OrderedDict[Hashable, Any]] = OrderedDict()
_lock = Lock()


class kept_with_run(Generic[P, V]):
    """Keep what a function returns while the run that is its first argument is one of the last `KEPT_RUNS` looked at.

    Of a run the last `KEPT_VALUES` values are kept, of all functions together. Otherwise as `functools.lru_cache`: two
    who ask at the same moment may both compute, and an error is not kept.
    """

    def __init__(self, compute: Callable[Concatenate[Asked, P], V]) -> None:
        self._compute = compute
        update_wrapper(self, compute)

    def __call__(self, asked: Asked, *args: P.args, **kwargs: P.kwargs) -> V:
        """Return what the function returns, from memory if it is there."""
        key = (self._compute, asked, args, tuple(kwargs.items()))
        with _lock:
            values = _runs.setdefault(asked.edited, OrderedDict())
            _runs.move_to_end(asked.edited)
            _shorten(_runs, KEPT_RUNS)
            if key in values:
                values.move_to_end(key)
                return values[key]
        value = self._compute(asked, *args, **kwargs)
        with _lock:
            values[key] = value
            _shorten(values, KEPT_VALUES)
        return value

    def cache_clear(self) -> None:
        """Forget all runs."""
        forget_runs()


def forget_runs() -> None:
    """Forget what is kept, of all functions."""
    with _lock:
        _runs.clear()


def _shorten(values: OrderedDict[Any, Any], most: int) -> None:
    while len(values) > most:
        values.popitem(last=False)
