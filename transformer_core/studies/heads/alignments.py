"""Word alignments made by hand: which source word belongs to which written word, read from a text file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from transformer_core.glass.guards.arguments import as_path, checked
from transformer_core.studies.errors import AlignmentError
from transformer_core.studies.heads.head_measures import Pair

_PAIR = re.compile(r"(\d+)-(\d+)")


@dataclass(frozen=True)
class AlignedSentence:
    """A sentence, a translation of it, and which of their words belong together.

    Attributes:
        source, target: as text.
        pairs: (source position, position of the written word), from 0, in the tokens of the model; </s> is in none.
    """

    source: str
    target: str
    pairs: tuple[Pair, ...]


@checked("path")
def read_alignments(path: str | Path) -> tuple[AlignedSentence, ...]:
    """Return the aligned sentences of a file.

    A line is source, target and pairs with tabs between them; the pairs are written `0-2 1-0`, source position first
    (the format of the Pharaoh decoder, Koehn 2004). Lines that begin with # are comments.

    Raises:
        AlignmentError: if the file cannot be read, or a line is not of this form; the message names the line.
    """
    path = as_path("path", path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AlignmentError(f"{path} cannot be read: {error}", path=str(path)) from error
    return tuple(
        _sentence(line, f"line {number} of {path}")
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.startswith("#")
    )


@checked()
def find_alignment(sentences: Iterable[AlignedSentence], source: str, target: str) -> tuple[Pair, ...] | None:
    """Return the alignment of this very sentence and translation, or None if nobody has aligned them."""
    return next((one.pairs for one in sentences if (one.source, one.target) == (source, target)), None)


def _sentence(line: str, where: str) -> AlignedSentence:
    fields = line.split("\t")
    if len(fields) != 3 or not all(fields):
        raise AlignmentError(f"{where} has {len(fields)} fields; right are source, target and pairs", where=where)
    pairs = [_PAIR.fullmatch(word) for word in fields[2].split()]
    if None in pairs:
        raise AlignmentError(f"{where} has pairs {fields[2]!r}; a pair is written like 0-2", where=where)
    return AlignedSentence(fields[0], fields[1], tuple((int(one[1]), int(one[2])) for one in pairs if one))
