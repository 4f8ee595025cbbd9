"""Choices that belong to one page: kept in the session, taken once from the link, and written back into it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import streamlit as st

from ui.state.view import Problem

T = TypeVar("T")


@dataclass(frozen=True)
class Option(Generic[T]):
    """One choice of a page.

    Attributes:
        name: of the parameter in the link, and of the state.
        default: until something is chosen.
        read: the value that a link's text means; None if it means nothing here.
        write: the text that stands for a value in a link.
    """

    name: str
    default: T
    read: Callable[[str], T | None]
    write: Callable[[T], str] = str

    @property
    def first(self) -> T:
        """What holds until something is chosen."""
        return self.default

    @property
    def value(self) -> T:
        """What is chosen."""
        return st.session_state.get(self._key, self.first)

    def choose(self, value: T) -> None:
        """Choose a value."""
        st.session_state[self._key] = value

    def widget(self) -> dict[str, Any]:
        """Return the arguments that let a Streamlit widget show the choice and change it.

        Streamlit forgets the state of a widget that a run does not draw; so the choice is kept apart from it.
        """
        key = f"choose_{self.name}"
        st.session_state[key] = self.value
        return {"key": key, "on_change": lambda: self._take(st.session_state[key])}

    def _take(self, shown: T) -> None:
        """Choose what a widget shows, if a link could say it: a browser may tell anything."""
        value = self.read(self.write(shown))
        if value is not None:
            self.choose(value)

    @property
    def _key(self) -> str:
        return f"option.{self.name}"


@dataclass(frozen=True)
class OptionOf(Option[T]):
    """A choice that belongs to something: what is chosen for one waits until that one is looked at again.

    Attributes:
        belongs: returns to what a choice belongs just now.
        firsts: what holds for some of them until something is chosen, where it is not the default.
    """

    belongs: Callable[[], Hashable] = field(kw_only=True)
    firsts: Mapping[Any, T] = field(kw_only=True, default_factory=dict, hash=False)

    @property
    def first(self) -> T:
        """What holds for what is looked at until something is chosen."""
        return self.firsts.get(self.belongs(), self.default)

    @property
    def value(self) -> T:
        """What is chosen for what is looked at."""
        chosen: dict[Hashable, T] = st.session_state.get(self._key, {})
        return chosen.get(self.belongs(), self.first)

    def choose(self, value: T) -> None:
        """Choose a value for what is looked at."""
        st.session_state.setdefault(self._key, {})[self.belongs()] = value


def read_link(*options: Option[Any]) -> list[Problem]:
    """Take from the link, once a session, what it says of these options; return what in it makes no sense."""
    link: dict[str, str] = st.session_state.get("rest_of_link", {})
    problems = []
    for option in options:
        text = link.pop(option.name, None)
        if text is None:
            continue
        value = option.read(text)
        if value is None:
            problems.append(Problem(option.name, text, option.write(option.first)))
        else:
            option.choose(value)
    return problems


def tied(option: Option[T], to: Hashable) -> T:
    """Return what was chosen for `to`, else the default; the choice of a link belongs to what is shown first."""
    key = f"option.{option.name}.for"
    if st.session_state.setdefault(key, to) != to:
        st.session_state[key] = to
        option.choose(option.first)
    return option.value


def to_link(*options: Option[Any]) -> dict[str, str]:
    """Return the parameters of those options that are not as they were at first."""
    return {option.name: option.write(option.value) for option in options if option.value != option.first}


def one_of(*names: str) -> Callable[[str], str | None]:
    """Return a reader of texts that takes these names only."""
    return lambda text: text if text in names else None


def whole_number(least: int, most: int) -> Callable[[str], int | None]:
    """Return a reader of texts that takes whole numbers from `least` to `most`."""

    def read(text: str) -> int | None:
        if not (text.isascii() and text.isdigit() and len(text) <= 9):
            return None
        return int(text) if least <= int(text) <= most else None

    return read


def decimal(least: float, most: float) -> Callable[[str], float | None]:
    """Return a reader of texts that takes numbers from `least` to `most`."""

    def read(text: str) -> float | None:
        try:
            value = float(text)
        except ValueError:
            return None
        return value if least <= value <= most else None  # NaN is in no interval

    return read


def flag(text: str) -> bool | None:
    """Return whether a text that is 0 or 1 says yes."""
    return {"0": False, "1": True}.get(text)


def two_numbers(text: str) -> tuple[int, int] | None:
    """Return the row and column of a text like `3,17`."""
    row, column = (whole_number(0, 999999)(part) for part in (*text.split(",", 1), "")[:2])
    return None if row is None or column is None else (row, column)
