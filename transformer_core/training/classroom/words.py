"""Single words, answered by a word: every word of the tables that stands for itself."""

from __future__ import annotations

from collections.abc import Iterator

from transformer_core.training.classroom.draw import cities
from transformer_core.training.classroom.languages import english, french, numbers
from transformer_core.training.classroom.tables import NONE, Row, read_table
from transformer_core.training.classroom.vocabulary import vocabulary

_COUNTED_TO = 100


def word_pairs(source: str, target: str) -> Iterator[tuple[str, str]]:
    """Yield each word once with its translation, as it stands in a dictionary: in lower case and without a mark.

    Where a word has several translations in the tables the first one is taken.
    """
    seen = set()
    for row in _words():
        one, other = (row.get(side, NONE).replace("*", "") for side in (source, target))
        if NONE not in (one, other) and one not in seen:
            seen.add(one)
            yield one, other
            if source != "zh":  # a word at the beginning of a line is often typed with a capital
                yield one[0].upper() + one[1:], other[0].upper() + other[1:]


def _words() -> Iterator[Row | dict[str, str]]:
    for row in read_table("nouns"):
        yield row
        if row["en_plural"] != NONE and row["fr_plural"] != NONE and row["fr_gender"] in "mf":
            en = english.plural(row["en"], row["en_plural"])
            yield {"en": en, "fr": french.plural(row["fr"], row["fr_plural"])}  # Chinese has no plural of its own
    for table in ("adjectives", "jobs", "activities", "calendar", "countries", "actors", "prepositions"):
        yield from read_table(table)
    yield from (row for row in read_table("names") if len(row["zh"]) > 1)  # 让 is "let" before it is Jean
    for row in read_table("countries"):
        yield {side: row[f"speech_{side}"] for side in ("zh", "en", "fr")}
        yield {"zh": f"{row['zh']}人", "en": row["people_en"], "fr": row["people_fr"]}
    yield from cities()
    yield from (row for row in read_table("people") if row["kind"] == "relative")
    for n in range(_COUNTED_TO + 1):
        yield {"zh": numbers.chinese(n), "en": numbers.english(n), "fr": numbers.french(n)}
    yield from read_table("words")
    yield from vocabulary()
    yield from read_table("vocabulary_words")
