"""Sentences from patterns: each slot is filled with a value, in each language in the form that its grammar asks for."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from types import ModuleType

from transformer_core.glass.errors import DataError
from transformer_core.training.classroom.draw import draw
from transformer_core.training.classroom.languages import chinese, english, french
from transformer_core.training.classroom.tables import Row, read_table
from transformer_core.training.classroom.values import Unfit, Value

_SLOT = re.compile(r"\{([a-z]+)(\d*)(?::(\w+)((?: [^{} ]+)*))?\}")
_LANGUAGES: dict[str, ModuleType] = {"zh": chinese, "en": english, "fr": french}
_TRIES = 40
EACH = {0: 1, 1: 28, 2: 48}  # sentences from a pattern with so many slots; with more: MOST
MOST = 64


def pattern_pairs(source: str, target: str, seed: int) -> Iterator[tuple[str, str]]:
    """Yield distinct pairs from all patterns that both languages have, the same for the same seed."""
    seen = set[tuple[str, str]]()
    for number, row in enumerate(read_table("patterns")):
        if row[source] and row[target]:
            dice = random.Random(f"{seed}/{number}/{source}-{target}")
            new = [pair for pair in fill_often(row, source, target, dice) if pair not in seen]
            seen.update(new)
            yield from new


def fill_often(row: Row, source: str, target: str, dice: random.Random) -> Iterator[tuple[str, str]]:
    """Yield distinct pairs of one pattern: more of a pattern with more slots."""
    slots = {name + digit for name, digit, _, _ in _SLOT.findall(row[source] + row[target])}
    wanted, seen = EACH.get(len(slots), MOST), set[tuple[str, str]]()
    for _ in range(3 * wanted):
        pair = fill(row, source, target, dice)
        if pair not in seen and len(seen) < wanted:
            seen.add(pair)
            yield pair


def fill(row: Row, source: str, target: str, dice: random.Random, **given: Value) -> tuple[str, str]:
    """A pair of sentences from one pattern; slots that are not given are drawn.

    Raises:
        DataError: if no values were found that have the forms which the pattern asks for.
    """
    reason: Unfit | None = None
    for _ in range(_TRIES):
        values = _values(row, source, target, dice, given)
        if values is None:
            continue
        try:
            return write(row[source], source, values), write(row[target], target, values)
        except Unfit as unfit:
            reason = unfit
    raise DataError(f"the pattern {row[source]!r} was not filled in {_TRIES} tries: {reason}", pattern=row[source])


def write(pattern: str, language: str, values: Mapping[str, Value]) -> str:
    """A pattern with its slots filled, with elision and capitals where the language wants them."""
    module = _LANGUAGES[language]

    def one(found: re.Match[str]) -> str:
        name, digit, form, words = found.groups()
        text: str = module.render(values[name + digit], form or "", (words or "").split(), values)
        return text

    text = _SLOT.sub(one, pattern)
    if language == "fr":
        text = french.elided(text)
    return text if language == "zh" else re.sub(r"(?:^|(?<=[.?!] ))\w", lambda found: found.group().upper(), text)


def _values(
    row: Row, source: str, target: str, dice: random.Random, given: Mapping[str, Value]
) -> dict[str, Value] | None:
    """A value for each slot; None if two of them are one word, or speak one language."""
    values = dict(given)
    gendered = re.search(r":(ta|he|his)\b", row[source]) is not None
    for name, digit, _, _ in _SLOT.findall(row[source] + row[target]):
        if name + digit not in values:
            values[name + digit] = draw(name, dice, chinese="zh" in (source, target), gendered=gendered)
    words = [value.row[side] for value in values.values() for side in ("zh", "speech_en") if side in value.row]
    words = [word for word in words if word != "-"]
    return values if len(set(words)) == len(words) else None
