"""What a table of word vectors knows: the nearest words, and what is to one word as another is to a third. numpy only.

Letters: V vocabulary, D width.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.errors import ArgumentError, DataError
from transformer_core.glass.guards.arguments import shown
from transformer_core.text.word_tokenizer import WordTokenizer

Array = NDArray[Any]


@dataclass(frozen=True)
class Neighbour:
    """A word and the cosine of its angle with what was asked; `is_input` says that it was itself asked for."""

    word: str
    cosine: float
    is_input: bool = False


class WordVectors:
    """The rows of a table by word.

    Attributes:
        words: the most frequent first.
        rows: float64 [V, D], each of length 1.
    """

    def __init__(self, table: Array, tokenizer: WordTokenizer) -> None:
        self.tokenizer, self.words = tokenizer, tokenizer.words
        rows = np.asarray(table, dtype=np.float64)[tokenizer.first_piece :]
        self.rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)

    def row(self, word: str) -> int:
        """The row of a word.

        Raises:
            ArgumentError: if it has no vector.
        """
        found = self.tokenizer.id_of(word)
        if found is None:
            wanted = f"one of the {len(self.words)} words that have a vector"
            raise ArgumentError(
                f"word must be {wanted}, not {shown(word)}", name="word", value=shown(word), wanted=wanted
            )
        return found - self.tokenizer.first_piece

    def nearest(self, word: str, n: int = 10) -> tuple[Neighbour, ...]:
        """Return the words with the smallest angle to a word, the word itself first."""
        return self._nearest(self.rows[self.row(word)], [word], n)

    def analogy(self, a: str, b: str, c: str, n: int = 10) -> tuple[Neighbour, ...]:
        """Return what is to `c` as `b` is to `a`: the words nearest to b - a + c (Mikolov, Yih & Zweig 2013).

        The inputs stand among them, marked: the famous answers leave them out.
        """
        one, two, three = (self.rows[self.row(word)] for word in (a, b, c))
        return self._nearest(two - one + three, [a, b, c], n)

    def belonging(self, words: Sequence[str]) -> Array:
        """Return how well each of some words goes with the others: its mean cosine with them, float64 [words].

        Raises:
            ArgumentError: if a word has no vector.
        """
        rows = self.rows[[self.row(word) for word in words]]
        cosines = rows @ rows.T
        return (cosines.sum(axis=1) - cosines.diagonal()) / max(1, len(words) - 1)

    def score_analogies(self, questions: Iterable[Sequence[str]], most_frequent: int) -> tuple[int, int, int]:
        """Return how many questions "a is to b as c is to d" could be asked, and of how many d came first and in five.

        Args:
            questions: of four words each; asked if all are among the most frequent.
            most_frequent: so many words, among which the answer is looked for, without a, b and c.
        """
        rows = self.rows[:most_frequent]
        known = {word: i for i, word in enumerate(self.words[:most_frequent])}
        asked = [[known[word] for word in four] for four in questions if all(word in known for word in four)]
        a, b, c, d = np.array(asked, dtype=np.int64).reshape(-1, 4).T
        first = in_five = 0
        for part in np.array_split(np.arange(len(a)), max(1, len(a) // 1000)):
            cosines = (rows[b[part]] - rows[a[part]] + rows[c[part]]) @ rows.T
            for inputs in (a, b, c):
                cosines[np.arange(len(part)), inputs[part]] = -np.inf
            own = cosines[np.arange(len(part)), d[part]]
            rank = (cosines > own[:, None]).sum(axis=1)
            first, in_five = first + int((rank == 0).sum()), in_five + int((rank < 5).sum())
        return len(a), first, in_five

    def _nearest(self, vector: Array, inputs: Sequence[str], n: int) -> tuple[Neighbour, ...]:
        cosines = self.rows @ vector / max(float(np.linalg.norm(vector)), 1e-12)
        asked = {word.lower() for word in inputs}
        best = np.argsort(-cosines, kind="stable")[:n]
        return tuple(Neighbour(self.words[i], float(cosines[i]), self.words[i] in asked) for i in best)


def read_analogies(path: Path) -> dict[str, list[tuple[str, ...]]]:
    """Return the questions of a file in the format of questions-words.txt, in small letters, by their groups' names.

    Raises:
        DataError: if it cannot be read, or a line has not four words.
    """
    try:
        lines = path.read_text(encoding="utf-8").lower().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}", path=str(path)) from error
    found: dict[str, list[tuple[str, ...]]] = {}
    group = ""
    for line in lines:
        if line.startswith(":"):
            group = line[1:].strip()
        elif line.strip():
            found.setdefault(group, []).append(tuple(line.split()))
    if not found or any(len(four) != 4 for questions in found.values() for four in questions):
        raise DataError(f"{path} must hold four words a line, and lines that begin with a colon", path=str(path))
    return found
