"""A plan as plain data for a file, and back: records become dictionaries that name their class."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from transformer_core.glass import plan as records
from transformer_core.glass.formula import counts, kinds, positions, rows, starts, sums
from transformer_core.glass.formula.operations import OPERATIONS, Operation
from transformer_core.glass.plan import Plan

_CLASS = "class"
# What may stand in a file; anything else is refused, so that reading one runs no code but these constructors.
_RECORDS: dict[str, type[Any]] = {
    one.__name__: one
    for module in (records, counts, kinds, positions, rows, starts, sums)
    for one in vars(module).values()
    if isinstance(one, type) and one.__module__ == module.__name__ and hasattr(one, "__dataclass_fields__")
}


def to_data(value: Any) -> Any:
    """Return a plan, or a part of one, as what JSON can hold."""
    if isinstance(value, Operation):
        return {_CLASS: "Operation", "name": value.name}
    if type(value).__name__ in _RECORDS and type(value) is _RECORDS[type(value).__name__]:
        there = {field.name: getattr(value, field.name) for field in fields(value)}
        defaults = {field.name: field.default for field in fields(value)}
        kept = {name: to_data(one) for name, one in there.items() if one != defaults[name]}
        return {_CLASS: type(value).__name__, **kept}
    if isinstance(value, tuple):
        return [to_data(one) for one in value]
    return value


def from_data(data: Any) -> Any:
    """Return what `to_data` was given.

    Raises:
        KeyError, TypeError, ValueError: if it is nothing that `to_data` could have made.
    """
    if isinstance(data, list):
        return tuple(from_data(one) for one in data)
    if not isinstance(data, dict):
        return data
    values = {name: from_data(one) for name, one in data.items() if name != _CLASS}
    if data[_CLASS] == "Operation":
        return OPERATIONS[values["name"]]
    return _RECORDS[data[_CLASS]](**values)


def plan_from_data(data: Any) -> Plan:
    """Return a plan from a file; errors as in `from_data`, also for what is no plan."""
    plan = from_data(data)
    if not isinstance(plan, Plan):
        raise TypeError(f"no plan, but {type(plan).__name__}")
    return plan
