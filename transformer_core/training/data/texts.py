"""Plain text to learn from: files of documents, and their sentences as ids."""

from __future__ import annotations

import gzip
import hashlib
import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from transformer_core.glass.errors import DataError
from transformer_core.text.tokenizer import Tokenizer

BOOK = "# "  # begins the title line of a book
PART = 1200  # characters of the parts into which books are gathered from their paragraphs, at least

# A final mark, perhaps a closing quote, a space, and what may begin a sentence.
_BETWEEN = re.compile(r"""(?:(?<=[.!?])|(?<=[.!?]["')]))\s+(?=["'(]?[A-Z])""")


@dataclass(frozen=True)
class DataFile:
    """A file to learn from, and its weight: how often it is read beside the others, or its share of what is drawn."""

    path: Path
    weight: float = 1.0

    @classmethod
    def parse(cls, text: str) -> DataFile:
        """The file of `FILE` or `FILE=WEIGHT`.

        Raises:
            DataError: if the weight is no number above 0.
        """
        name, _, weight = text.rpartition("=")
        if not name:
            return cls(Path(text))
        try:
            number = float(weight)
        except ValueError:
            return cls(Path(text))  # a name with "=" in it
        if not 0 < number < float("inf"):
            raise DataError(f"the weight of {name} must be a number above 0, not {weight}", path=name, weight=weight)
        return cls(Path(name), number)


def read_documents(path: Path) -> list[str]:
    """The documents of a text file, `.gz` or not.

    Each line is a document, empty ones aside. In a file of books a title line begins with "# " and any other line is a
    paragraph; paragraphs of one book that follow each other are gathered into documents of some length.

    Raises:
        DataError: if the file cannot be read or holds no document.
    """
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}", path=str(path)) from error
    lines = [line.strip() for line in text.split("\n")]
    books = any(line.startswith(BOOK) for line in lines)
    documents = _parts_of_books(lines) if books else [line for line in lines if line]
    if not documents:
        raise DataError(f"{path} holds no text", path=str(path))
    return documents


def split_sentences(text: str) -> list[str]:
    """The sentences of a text, told apart by marks and capitals alone ("Mr. Fox" is cut as well)."""
    return _BETWEEN.split(text)


class Corpus:
    """Encoded documents in one row, and where their sentences begin.

    Attributes:
        ids: of all documents, without <s> and </s>.
        begins: where in `ids` each sentence begins, and at last where the last one ends.
        beyond: for each sentence, the first sentence that is not of its document any more.
        documents: the first sentence of each.
    """

    def __init__(self, documents: Iterable[str], tokenizer: Tokenizer) -> None:
        self.ids, self.begins = array("i"), array("i", [0])
        self.beyond, self.documents = array("i"), array("i")
        for document in documents:
            first = len(self.begins) - 1
            for sentence in split_sentences(document):
                encoded = tokenizer.encode(sentence)
                if encoded:
                    self.ids.extend(encoded)
                    self.begins.append(len(self.ids))
            n_sentences = len(self.begins) - 1 - first
            if n_sentences:
                self.documents.append(first)
                self.beyond.extend([first + n_sentences] * n_sentences)

    def between(self, first: int, behind: int) -> list[int]:
        """The ids of the sentences from `first` to before `behind`."""
        return self.ids[self.begins[first] : self.begins[behind]].tolist()

    def __len__(self) -> int:
        """How many sentences there are."""
        return len(self.beyond)


def fingerprint(corpora: Sequence[tuple[Corpus, float]]) -> str:
    """What tells these encoded texts and weights from any others."""
    digest = hashlib.sha256()
    for corpus, weight in corpora:
        for part in (corpus.ids, corpus.begins, corpus.documents, array("d", [weight])):
            digest.update(part.tobytes())
    return digest.hexdigest()[:16]


def _parts_of_books(lines: Iterable[str]) -> list[str]:
    parts: list[str] = []
    part: list[str] = []
    for line in [*lines, BOOK]:
        title = line.startswith(BOOK.strip())
        if part and (title or sum(map(len, part)) >= PART):
            parts.append(" ".join(part))
            part = []
        if line and not title:
            part.append(line)
    return parts
