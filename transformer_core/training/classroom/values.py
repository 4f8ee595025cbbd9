"""What a slot of a pattern holds: a row of a table, with the grammar that the other words of the sentence ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from transformer_core.training.classroom.tables import NONE

PERSONS = ("1s", "2s", "3s", "1p", "2p", "3p")  # I, you, he; we, you, they


class Unfit(Exception):
    """A value that has no such form, as a city without a language; another one has to be drawn."""


@dataclass(frozen=True)
class Value:
    """A row of a table in a sentence.

    Attributes:
        row: its cells; `zh`, `en` and `fr` are the words themselves.
    """

    row: Mapping[str, str]

    @property
    def fr_gender(self) -> str:
        """Gender and number in French: m, f, mp or fp; of countries also p, and a for those without an article."""
        return self.row.get("fr_gender") or self.row.get("gender", "m")

    @property
    def gender(self) -> str:
        """Gender alone: m or f."""
        return "f" if self.fr_gender in ("f", "fp") else "m"

    @property
    def person(self) -> str:
        """The verb's person, 1s to 3p."""
        return self.row.get("person", "3s")

    @property
    def is_plural(self) -> bool:
        """Whether French treats it as several."""
        return self.fr_gender in ("p", "mp", "fp") or self.person in ("1p", "2p", "3p")


def cell(row: Mapping[str, str], column: str) -> str:
    """The cell of a row.

    Raises:
        Unfit: if the table has no such column or no such word.
    """
    text = row.get(column, NONE)
    if text == NONE:
        raise Unfit(f"{row.get('en', '')} has no {column}")
    return text


def spelled(words: Sequence[str], person: str, by: str | None = None) -> str:
    """The one of several spellings that fits: by gender (m, f), by six persons, or by "3s or not"; _ is a space."""
    if by is not None:
        index = 1 if by == "f" else 0
    elif len(words) == len(PERSONS):
        index = PERSONS.index(person)
    else:
        index = 1 if person == "3s" else 0
    return words[index].replace("_", " ")
