"""Values that are computed once for all who ask, however many ask at once, and kept within a limit in bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import update_wrapper
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Once(Generic[K, V]):
    """Values by key, each computed once; the least recently used go when they outgrow the limit in bytes."""

    def __init__(self, compute: Callable[[K], V], size: Callable[[V], int], limit: int) -> None:
        self._compute, self._size, self._limit = compute, size, limit
        self._values: OrderedDict[K, V] = OrderedDict()
        self._locks: dict[K, Lock] = {}
        self._lock = Lock()
        self._bytes = 0

    def get(self, key: K, compute: Callable[[K], V] | None = None) -> V:
        """Return the value of `key`; whoever asks while it is being computed waits for it.

        Args:
            key: of the value.
            compute: computes this value, in place of what computes the others.
        """
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            lock = self._locks.setdefault(key, Lock())
        with lock:
            with self._lock:
                if key in self._values:
                    return self._values[key]
            try:
                value = (compute or self._compute)(key)
                self._keep(key, value)
            finally:
                with self._lock:
                    self._locks.pop(key, None)
            return value

    @property
    def nbytes(self) -> int:
        """Bytes of what is kept."""
        return self._bytes

    def _keep(self, key: K, value: V) -> None:
        with self._lock:
            if key in self._values:  # after an error two may compute the same
                self._bytes -= self._size(self._values[key])
            self._values[key] = value
            self._bytes += self._size(value)
            while self._bytes > self._limit and len(self._values) > 1:
                _, oldest = self._values.popitem(last=False)
                self._bytes -= self._size(oldest)

    def clear(self) -> None:
        """Forget all that is kept."""
        with self._lock:
            self._values.clear()
            self._bytes = 0


class Shared(Generic[P, V]):
    """A function whose values are computed once for all sessions: `functools.lru_cache` for many who ask at once.

    `st.cache_resource` does the same, and takes fifty times as long to find a value; a click asks for twenty.
    """

    def __init__(self, compute: Callable[P, V], most: int = 200) -> None:
        self._once: Once[tuple[Any, ...], V] = Once(lambda key: compute(*key), lambda _: 1, most)  # type: ignore[call-arg]
        update_wrapper(self, compute)

    def __call__(self, *key: P.args, **more: P.kwargs) -> V:
        """Return the value for arguments, which are given by their places."""
        assert not more
        return self._once.get(key)

    def cache_clear(self) -> None:
        """Forget all values."""
        self._once.clear()
