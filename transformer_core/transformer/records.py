"""Frozen records of plain values: their types checked, written as plain data, and read again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from transformer_core.glass.errors import ConfigError
from transformer_core.glass.guards.arguments import make_plain

KIND = "kind"
_WORDS = {int: "an integer", float: "a number", bool: "true or false", NoneType: "nothing"}
Record = TypeVar("Record")
# The types of a record's fields are text until somebody asks, and to read it takes a millisecond.
_hints: Callable[[type], dict[str, Any]] = cache(get_type_hints)


def check_types(record: object, block: str = "") -> None:
    """Make numbers Python's own, and raise a ConfigError unless every field holds what its type says.

    Args:
        record: frozen; while it is made.
        block: what it is called, ending in a dot.
    """
    make_plain(record)
    for name, kind in _hints(type(record)).items():
        value, label, options = getattr(record, name), f"{block}{name}", get_args(kind) or (kind,)
        if get_origin(kind) is Literal:
            if not isinstance(value, str) or value not in options:
                known = ", ".join(options)
                raise ConfigError(f"{label} must be one of {known}, not {value!r}", field=label, value=value)
        elif not any(_is(value, one) for one in options):
            wanted = " or ".join(_WORDS.get(one, one.__name__) for one in options)
            raise ConfigError(f"{label} must be {wanted}, not {value!r}", field=label, value=value)


def check_at_least(record: object, block: str, **least: int) -> None:
    """Raise a ConfigError if one of these fields is smaller; None is."""
    for name, n in least.items():
        value = getattr(record, name)
        if value is not None and value < n:
            raise ConfigError(f"{block}{name} must be at least {n}, not {value}", field=f"{block}{name}")


def check_positive(record: object, block: str, *names: str) -> None:
    """Raise a ConfigError unless these fields are above 0 and finite."""
    for name in names:
        value = getattr(record, name)
        if not 0 < value < math.inf:
            raise ConfigError(f"{block}{name} must be above 0 and finite, not {value}", field=f"{block}{name}")


def check_rate(record: object, block: str, name: str) -> None:
    """Raise a ConfigError unless this field is a rate of dropout."""
    value = getattr(record, name)
    if not 0 <= value < 1:
        raise ConfigError(f"{block}{name} must be in [0, 1), not {value}", field=f"{block}{name}")


def to_data(record: Any, kinds: Mapping[str, type]) -> Any:
    """Return a record as what JSON can hold.

    Args:
        record: or a plain value.
        kinds: the records of which one takes another's place, by name; the name is written beside their fields.
    """
    if not is_dataclass(record):
        return record
    names = [kind for kind, cls in kinds.items() if cls is type(record)]
    named = {KIND: names[0]} if names else {}
    return named | {field.name: to_data(getattr(record, field.name), kinds) for field in fields(record)}


def from_data(cls: type[Record], data: Any, kinds: Mapping[str, type], path: str = "") -> Record:
    """Return the record that `to_data` was given; every field must be named, and no other.

    Args:
        cls: of the record.
        data: from JSON.
        kinds: as in `to_data`.
        path: of the record in the whole, ending in a dot.

    Raises:
        ConfigError: if a field is missing or unknown, or a value makes no sense.
    """
    if not isinstance(data, Mapping):
        raise ConfigError(f"{path[:-1]} must hold fields, not {data!r}", field=path[:-1], value=data)
    known, found = {field.name for field in fields(cls)}, _hints(cls)  # type: ignore[arg-type]
    hints = {name: kind for name, kind in found.items() if name in known}  # what belongs to the class is no field
    check_names({f"{path}{name}" for name in data}, {f"{path}{name}" for name in hints})
    return cls(**{name: _value(kind, data[name], kinds, f"{path}{name}.") for name, kind in hints.items()})


def check_names(given: set[str], known: set[str]) -> None:
    """Raise a ConfigError unless these names of fields are exactly the known ones."""
    unknown, missing = sorted(given - known), sorted(known - given)
    if unknown or missing:
        raise ConfigError(
            f"a config needs exactly its {len(known)} fields; unknown: {unknown or 'none'}, missing: "
            f"{missing or 'none'}",
            unknown=unknown,
            missing=missing,
        )


def _value(kind: Any, value: Any, kinds: Mapping[str, type], path: str) -> Any:
    classes = [one for one in get_args(kind) or (kind,) if isinstance(one, type) and is_dataclass(one)]
    if not classes or value is None:
        return value  # whether it may be None, the record checks
    if len(classes) == 1:
        return from_data(classes[0], value, kinds, path)
    if not isinstance(value, Mapping):
        raise ConfigError(f"{path[:-1]} must hold fields, not {value!r}", field=path[:-1], value=value)
    name = value.get(KIND)
    if name not in tuple(kinds):
        raise ConfigError(f"{path}{KIND} must be one of {', '.join(kinds)}, not {name!r}", field=f"{path}{KIND}")
    return from_data(kinds[name], {key: one for key, one in value.items() if key != KIND}, kinds, path)


def _is(value: object, kind: type) -> bool:
    if kind in (int, float):
        return isinstance(value, int if kind is int else int | float) and not isinstance(value, bool)
    return isinstance(value, kind)
