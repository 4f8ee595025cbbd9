"""Values that are computed once for all who ask, however many ask at once, and kept within a limit in bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

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
