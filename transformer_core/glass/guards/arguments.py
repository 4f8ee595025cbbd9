"""What a reader hands over, made plain: numbers and lists of numpy and torch become Python's own, as the hint says.

    @checked("max_length")  # this one has an error of its own
    def decode(model: Transformer, prefix: Sequence[int] = (), max_length: int | None = None) -> ...

`np.int64(3)` is 3, a tensor of ids is a tuple of ids; whatever cannot be meant is an `ArgumentError` that names it. It
works without torch: a tensor is known by what it can do.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import fields
from functools import cache, wraps
from os import PathLike, fspath
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, ParamSpec, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.arrays import as_array
from transformer_core.glass.errors import ArgumentError, UnknownIdError

Array = NDArray[Any]
P = ParamSpec("P")
R = TypeVar("R")
Reader = Callable[[str, Any], Any]  # from the name of an argument and what was given to what is meant


def checked(*leave: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator that makes all arguments plain by their hints, but those named, which the function checks.

    Raises:
        ArgumentError: from the function, if an argument is not of the kind that its hint says; the message names it.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        names = tuple(inspect.signature(function).parameters)

        @cache
        def readers() -> dict[str, Reader]:  # when first called: a hint may name what is defined further down
            found = get_type_hints(inspect.unwrap(function))
            return {name: _reader(hint) for name, hint in found.items() if name not in (*leave, "return")}

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            known = readers()
            read = [known[name](name, one) if name in known else one for name, one in zip(names, args, strict=False)]
            named = {name: known[name](name, one) if name in known else one for name, one in kwargs.items()}
            # Of more arguments than there are, Python itself says so.
            return function(*read, *args[len(read) :], **named)  # type: ignore[arg-type]

        return call

    return decorate


def made_plain(hint: Any, name: str, value: Any) -> Any:
    """Return a value as its hint says it is; an ArgumentError under this name if it is not."""
    return _reader(hint)(name, value)


@cache
def _reader(hint: Any) -> Reader:
    """Return what makes a value plain by this hint: taking a hint apart takes longer than reading a value."""
    origin, parts = get_origin(hint), get_args(hint)
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if hint is Any:
        return lambda name, value: value
    if origin in (Union, UnionType):
        return _union_reader(parts)
    if origin is Literal:
        wanted = f"one of {', '.join(parts)}"
        return lambda name, value: value if text(name, value) in parts else _refuse(name, value, wanted)
    if origin is tuple and parts[-1] is not Ellipsis:
        return lambda name, value: _row(parts, name, value)
    if origin in (tuple, list, Sequence, Iterable):
        return lambda name, value: _many(origin, parts[0], name, value)
    if origin is np.ndarray:
        return numbers
    if origin is Callable:
        return lambda name, value: value if callable(value) else _refuse(name, value, "a function")
    kind = origin or hint
    return lambda name, value: value if isinstance(value, kind) else _refuse(name, value, f"a {kind.__name__}")


def _union_reader(parts: tuple[Any, ...]) -> Reader:
    some = [hint for hint in parts if hint is not NoneType]
    one: Reader = _reader(some[0]) if len(some) == 1 else lambda name, value: _one_of(some, name, value)
    if len(some) == len(parts):
        return one
    return lambda name, value: None if value is None else one(name, value)


def _row(parts: tuple[Any, ...], name: str, value: Any) -> tuple[Any, ...]:
    items = _items(tuple, name, value)
    if len(items) != len(parts):
        _refuse(name, value, f"{len(parts)} values")
    return tuple(made_plain(part, name, item) for part, item in zip(parts, items, strict=True))


def _many(origin: Any, kind: Any, name: str, value: Any) -> tuple[Any, ...]:
    # As a rule all is Python's own, and a trace reads a hundred ids and labels.
    items = tuple(value) if type(value) in (list, tuple) else _items(origin, name, value)
    if set(map(type, items)) <= {kind} and (kind is not int or _fit(items)):
        return items
    return tuple(made_plain(kind, f"{name}[{i}]", item) for i, item in enumerate(items))


def plain(value: Any) -> Any:
    """Return a number out of numpy or torch as Python's own, and everything else as it is."""
    return value.item() if getattr(value, "shape", None) == () and hasattr(value, "item") else value


def make_plain(record: Any) -> None:
    """Make the numbers of a frozen record Python's own, while it is made; what they must be is for it to say."""
    for field in fields(record):
        object.__setattr__(record, field.name, plain(getattr(record, field.name)))


def is_whole(value: object) -> bool:
    """Return whether a plain value is an integer; a truth value is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_real(value: object) -> bool:
    """Return whether a plain value is a number, be it infinite or none; a truth value is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def whole(name: str, value: Any) -> int:
    """Return an integer as Python's own."""
    number = plain(value)
    return number if is_whole(number) and _fit((number,)) else _refuse(name, value, "an integer")


def below(name: str, value: int, end: int) -> int:
    """Return an integer from 0 on that is below `end`."""
    return value if 0 <= value < end else _refuse(name, value, f"from 0 to {end - 1}")


def real(name: str, value: Any) -> float:
    """Return a number as Python's own; an integer stays one."""
    number = plain(value)
    return number if is_real(number) else _refuse(name, value, "a number")


def known_ids(name: str, value: Any, n_words: int, side: str) -> tuple[int, ...]:
    """Return ids, each of which is one of `n_words`; an UnknownIdError names the first that is not, and its place."""
    ids: tuple[int, ...] = made_plain(Sequence[int], name, value)
    for place, found in enumerate(ids):
        if not 0 <= found < n_words:
            raise UnknownIdError(
                f"{name} holds the id {found} at position {place}; ids go from 0 to {n_words - 1}",
                side=side,
                id=found,
                place=place,
                row=0,
                last=n_words - 1,
            )
    return ids


def flag(name: str, value: Any) -> bool:
    """Return a truth value as Python's own."""
    truth = plain(value)
    return truth if isinstance(truth, bool) else _refuse(name, value, "True or False")


def text(name: str, value: Any) -> str:
    """Return a text."""
    return value if isinstance(value, str) else _refuse(name, value, "a text (str)")


def numbers(name: str, value: Any) -> Array:
    """Return numbers of a list, a tensor or an array as an array."""
    try:
        found = np.asarray(as_array(value) if hasattr(value, "detach") else value)
    except (TypeError, ValueError) as error:
        wanted = "an array of numbers"
        raise ArgumentError(
            f"{name} must be {wanted}: {error}", name=name, value=shown(value), wanted=wanted
        ) from error
    return found if found.dtype.kind in "biuf" else _refuse(name, value, "an array of numbers")


def as_path(name: str, value: Any) -> Path:
    """Return a path, with a leading ~ written out."""
    if not isinstance(value, str | PathLike) or not isinstance(fspath(value), str):
        _refuse(name, value, "a path (str or Path)")
    try:
        return Path(value).expanduser()
    except RuntimeError:  # there is no such home
        return Path(value)


def shown(value: object) -> str:
    """Return how a value is named in a message: its type, and as much of it as fits."""
    written = " ".join(repr(value).split())
    return f"{type(value).__name__} {written if len(written) <= 60 else written[:59] + '…'}"


def _fit(integers: Sequence[int]) -> bool:
    """Whether all have 64 bits at most: more is no count and no id, and no tensor holds it."""
    return not integers or (-(2**63) <= min(integers) and max(integers) < 2**63)


def _refuse(name: str, value: object, wanted: str) -> Any:
    raise ArgumentError(
        f"{name} must be {wanted}, not {shown(value)}", name=name, value=shown(value), wanted=wanted
    ) from None


def _items(origin: Any, name: str, value: Any) -> tuple[Any, ...]:
    if hasattr(value, "tolist") and getattr(value, "shape", ()) != ():
        value = value.tolist()
    wrong = (str, bytes, Mapping) if origin is Iterable else (str, bytes, Mapping, Set)
    if not isinstance(value, Iterable) or isinstance(value, wrong) or getattr(value, "shape", None) == ():
        _refuse(name, value, "a list")
    return tuple(value)


def _one_of(hints: Iterable[Any], name: str, value: Any) -> Any:
    errors = []
    for hint in hints:
        try:
            return made_plain(hint, name, value)
        except ArgumentError as error:
            errors.append(error)
    inner = [error for error in errors if error.fields["name"] != name]  # a list that holds a wrong item says more
    if inner:
        raise inner[0]
    return _refuse(name, value, " or ".join(str(error.fields["wanted"]) for error in errors))


_SIMPLE: Mapping[Any, Reader] = {int: whole, float: real, bool: flag, str: text, Path: as_path}
