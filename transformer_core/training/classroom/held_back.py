"""What no model may learn from: the project's own test sentences, and whatever else is named; compared folded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from transformer_core.glass.errors import DataError
from transformer_core.glass.files.assets import ASSETS
from transformer_core.text.contractions import expand

PUBLISHED = (
    "The animal didn't cross the street because it was too tired.",
    "The animal didn't cross the street because it was too wide.",
    "动物没有过马路，因为它太累了。",
)
_INVERTED = re.compile(r"-(?=(?:t-)?(?:je|tu|ils?|elles?|on|nous|vous|ce|moi|toi|les?|la|lui|leur|y|en)\b)")
_OTHER = re.compile(r"[^\w]|_")


@dataclass(frozen=True)
class ClassSentence:
    """A sentence that a class might type.

    Attributes:
        kind: what it is about.
        source, reference: the sentence, and one right translation.
        essential: for each part that a right translation keeps, the words of which one is enough.
    """

    kind: str
    source: str
    reference: str
    essential: tuple[tuple[str, ...], ...]

    def kept(self, translation: str) -> tuple[bool, ...]:
        """For each essential part, whether the translation has one of its words."""
        text = _spoken(translation)
        return tuple(any(f" {_spoken(word)} " in f" {text} " for word in words) for words in self.essential)


def read_class_sentences(path: Path) -> tuple[ClassSentence, ...]:
    """The sentences of a list such as assets/held_back/class.zh-en.tsv.

    Raises:
        DataError: if the file cannot be read, or a line is of another form.
    """
    sentences = []
    for number, cells in read_lines(path):
        if len(cells) != 4 or not all(cells):
            reason = (
                f"{path}, line {number}: wanted kind, source, reference and essential words, with tabs between them"
            )
            raise DataError(reason, path=str(path), line=number)
        parts = tuple(tuple(word.strip() for word in part.split("|")) for part in cells[3].split(";"))
        sentences.append(ClassSentence(cells[0], cells[1], cells[2], parts))
    return tuple(sentences)


def read_lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the number and the cells of each line that is neither empty nor a comment (#).

    Raises:
        DataError: if the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}", path=str(path)) from error
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            yield number, line.split("\t")


def folded(text: str) -> str:
    """The letters and digits of a text alone: without case, marks, spaces, width, and with contractions written out."""
    text = expand(unicodedata.normalize("NFKC", text).replace("\u2019", "'"))
    return _OTHER.sub("", text).casefold()


def held_back(assets: Path = ASSETS) -> frozenset[str]:
    """The folded sentences of all lists in assets/held_back and of the app's own examples, and the published ones."""
    sentences = set(PUBLISHED)
    for path in sorted((assets / "held_back").glob("*.tsv")):
        columns = slice(1, 3) if path.name.startswith("class.") else slice(0, 2)
        for _, cells in read_lines(path):
            sentences |= set(cells[columns])
    for path in sorted((assets / "examples").glob("*.txt")):
        for _, cells in read_lines(path):
            sentences |= set(cells[:2])
    return frozenset(folded(sentence) for sentence in sentences) - {""}


def without(pairs: Iterable[tuple[str, str]], forbidden: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of which neither side is a forbidden sentence."""
    for source, target in pairs:
        if folded(source) not in forbidden and folded(target) not in forbidden:
            yield source, target


def _spoken(text: str) -> str:
    """Words with single spaces between them, for looking a word up: marks are spaces, and hyphens before a pronoun."""
    text = _INVERTED.sub(" ", expand(text.replace("\u2019", "'")).casefold())
    return " ".join(re.sub(r"[^\w-]", " ", text).split())
