"""The tables of words in assets/classroom: countries, names, nouns and their grammar, one row a word."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from transformer_core.glass.errors import DataError
from transformer_core.glass.files.assets import ASSETS

FOLDER = ASSETS / "classroom"
NONE = "-"  # in a cell: there is no such word

Row = Mapping[str, str]


@cache
def read_table(name: str, folder: Path = FOLDER) -> tuple[Row, ...]:
    """Return the rows of the table `name`.tsv, each by the names of the columns; lines that begin with # are comments.

    Raises:
        DataError: if the file cannot be read, or a row has more or fewer cells than there are columns.
    """
    path = folder / f"{name}.tsv"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}", path=str(path)) from error
    numbered = [(i, line.split("\t")) for i, line in enumerate(lines, 1) if line.strip() and line[0] != "#"]
    columns = numbered[0][1] if numbered else []
    for number, cells in numbered:
        if len(cells) != len(columns):
            raise DataError(
                f"{path}, line {number}: {len(cells)} cells, but the table has {len(columns)} columns",
                path=str(path),
                line=number,
            )
    return tuple(MappingProxyType(dict(zip(columns, cells, strict=True))) for _, cells in numbered[1:])


# Which rows a slot of a pattern takes: the table and the kinds in it, all where there are none.
_CLASSES = {
    "country": ("countries", ()),
    "job": ("jobs", ()),
    "prep": ("prepositions", ()),
    "weatherevent": ("weather_events", ()),
    "who": ("people", ("pronoun", "relative", "other")),
    "relative": ("people", ("relative",)),
    "act": ("activities", ("sport", "music", "free", "work", "eat")),
    "skill": ("activities", ("sport", "music")),
    "food": ("nouns", ("fruit", "vegetable", "countfood", "massfood")),
    "countable": ("nouns", ("fruit", "vegetable", "countfood")),
}
_TABLES_BY_KIND = ("nouns", "adjectives", "activities", "calendar")


@cache
def rows_of(kind: str) -> tuple[Row, ...]:
    """Return the rows that a slot of this kind may take.

    Raises:
        DataError: if no table has such a kind.
    """
    if kind in _CLASSES:
        table, kinds = _CLASSES[kind]
        rows = read_table(table)
        return tuple(row for row in rows if not kinds or set(row["kind"].split(",")) & set(kinds))
    for table in _TABLES_BY_KIND:
        found = tuple(row for row in read_table(table) if kind in row["kind"].split(","))
        if found:
            return found
    raise DataError(f"no table of words has the kind {kind!r}", kind=kind)
