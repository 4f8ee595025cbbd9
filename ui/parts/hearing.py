"""What a component tells is read here: it comes from a browser, and whoever sits there may tell anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LARGEST = 10**6  # of a whole number: no row, word or step has a larger one
MOST = 1e15  # of any number
LONGEST = 10**4  # characters, or parts of a list


class MisheardError(ValueError):
    """What no component of ours tells."""


def whole(told: Any, name: str | None = None, *, least: int = 0, below: int = LARGEST) -> int:
    """Return a whole number that was told.

    Args:
        told: what was told, or a record with the number in it.
        name: of the number in the record.
        least, below: the limits of what can be meant.

    Raises:
        MisheardError: if it is none, or beyond the limits.
    """
    number = round(real(told, name))
    if not least <= number < below:
        raise MisheardError(name, number)
    return number


def real(told: Any, name: str | None = None) -> float:
    """Return a finite number that was told; arguments and errors as in `whole`."""
    value = _part(told, name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= MOST:  # NaN is not, either
        raise MisheardError(name, value)
    return float(value)


def word(told: Any, name: str | None = None) -> str:
    """Return a text that was told; arguments and errors as in `whole`."""
    value = _part(told, name)
    if not isinstance(value, str) or len(value) > LONGEST:
        raise MisheardError(name, value)
    return value


def each(told: Any, name: str) -> list[Any]:
    """Return the parts of a list that was told; errors as in `whole`."""
    value = _part(told, name)
    if not isinstance(value, list) or len(value) > LONGEST:
        raise MisheardError(name, value)
    return value


def is_told(told: Any, name: str) -> bool:
    """Return whether a record holds something under a name."""
    return isinstance(told, Mapping) and told.get(name) is not None


def _part(told: Any, name: str | None) -> Any:
    if name is None:
        return told
    if not isinstance(told, Mapping) or name not in told:
        raise MisheardError(name, told)
    return told[name]
