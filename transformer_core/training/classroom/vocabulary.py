"""The words of a course in sentences: each word of the tables of vocabulary in some of the frames of its kind."""

from __future__ import annotations

import random
from collections.abc import Iterator

from transformer_core.glass.errors import DataError
from transformer_core.training.classroom.languages import english
from transformer_core.training.classroom.patterns import fill
from transformer_core.training.classroom.tables import NONE, Row, read_table
from transformer_core.training.classroom.values import Value

_PER_WORD = 8
_NEEDED = {"m": "zh_measure", "a": "en_plural", "pl": "en_plural", "er": "en_more"}  # a form's cell in the table


def vocabulary() -> Iterator[Row]:
    """Yield the words that have frames: nouns, adjectives, and verbs with what goes with them."""
    yield from read_table("vocabulary_nouns")
    yield from read_table("vocabulary_adjectives")
    yield from (_with_object(row) for row in read_table("vocabulary_verbs"))


def vocabulary_pairs(source: str, target: str, seed: int) -> Iterator[tuple[str, str]]:
    """Yield up to eight pairs for each word; none for a language that the tables do not have."""
    frames = read_table("vocabulary_frames")
    if not {source, target} <= frames[0].keys():
        return
    for row in vocabulary():
        yield from frame_pairs(row, source, target, random.Random(f"{seed}/{row['kind']}/{row['zh']}/{row['en']}"))


def frame_pairs(row: Row, source: str, target: str, dice: random.Random) -> Iterator[tuple[str, str]]:
    """Yield up to eight pairs for one word, each from another frame of its kind.

    Raises:
        DataError: if the word's kind has no frame.
    """
    frames = [frame for frame in read_table("vocabulary_frames") if frame["kind"] == row["kind"]]
    if not frames:
        raise DataError(f"{row['zh']}: no frame has the kind {row['kind']!r}", word=row["zh"], kind=row["kind"])
    for form, column in _NEEDED.items():
        if row.get(column) == NONE:
            frames = [frame for frame in frames if f"{{word:{form}}}" not in frame["zh"] + frame["en"]]
    for frame in dice.sample(frames, min(_PER_WORD, len(frames))):
        yield fill(frame, source, target, dice, word=Value(row))


def sentence_pairs(source: str, target: str) -> Iterator[tuple[str, str]]:
    """Yield the sentences that were written one by one; none for a language that the table does not have."""
    for row in read_table("sentences"):
        if source in row and target in row:
            yield row[source], row[target]


def _with_object(row: Row) -> Row:
    """A verb and its object as one word, as the activities of the other patterns are."""
    past = row["en_past"] or english.past(row["en_verb"])
    return {
        **row,
        "zh": _joined("", row["zh_verb"], row["zh_object"]),
        "en": _joined(" ", row["en_verb"], row["en_object"]),
        "en_past": _joined(" ", past, row["en_object"]),
    }


def _joined(space: str, *words: str) -> str:
    return space.join(word for word in words if word != NONE)
