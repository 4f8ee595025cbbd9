"""Whether the words nearest to a word are of its kind: asked of words that were listed before anybody looked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from transformer_core.ancestors.vectors import WordVectors
from transformer_core.ancestors.word2vec import Word2Vec
from transformer_core.glass.arrays import as_array
from transformer_core.glass.errors import DataError
from transformer_core.glass.files.assets import ASSETS
from transformer_core.models.glass import Glass
from transformer_core.text.word_tokenizer import WordTokenizer


@dataclass(frozen=True)
class Kind:
    """Words of a kind.

    Attributes:
        name: of the kind.
        asked: those whose nearest word is looked at.
        members: all of them; a word that is missing here counts as one of another kind.
    """

    name: str
    asked: tuple[str, ...]
    members: frozenset[str]


@dataclass(frozen=True)
class Asked:
    """A word and the nearest others, the nearest first: none if it has no vector; `right` if the nearest is alike."""

    kind: str
    word: str
    near: tuple[str, ...]
    right: bool


def read_kinds(path: Path) -> tuple[Kind, ...]:
    """Return the kinds of a file with lines `name: asked words | other words`.

    Raises:
        DataError: if it cannot be read, or a line is none of these.
    """
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line]
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}", path=str(path)) from error
    parts = [(*line.partition(":")[::2], line.count("|")) for line in lines]
    if not parts or any(not words or bars != 1 for _, words, bars in parts):
        raise DataError(f"{path} must hold lines like 'name: words | other words'", path=str(path))
    halves = [(name.strip(), words.partition("|")) for name, words, _ in parts]
    return tuple(
        Kind(name, tuple(asked.split()), frozenset(f"{asked} {others}".split())) for name, (asked, _, others) in halves
    )


def near_words(vectors: WordVectors, kinds: Iterable[Kind], n: int = 3) -> Iterator[Asked]:
    """Return what stands nearest to each word that is asked for, among all words that have a vector."""
    for kind in kinds:
        for word in kind.asked:
            known = vectors.tokenizer.id_of(word) is not None
            near = tuple(one.word for one in vectors.nearest(word, n + 1)[1:]) if known else ()
            yield Asked(kind.name, word, near, known and near[0] in kind.members)


def told_neighbours(glass: Glass) -> str:
    """A table of the words nearest to those that are listed for the language of word vectors; "" if none are."""
    words = glass.target_tokenizer
    if not isinstance(glass.model, Word2Vec) or not isinstance(words, WordTokenizer):
        return ""
    path = ASSETS / "road" / f"neighbours.{words.language}.txt"
    if not path.exists():
        return ""
    vectors = WordVectors(as_array(glass.model.embed.W_E.detach()), words)
    asked = list(near_words(vectors, read_kinds(path)))
    cells = [(a.kind, a.word, ", ".join(a.near) or "no vector", "yes" if a.right else "no") for a in asked]
    rows = [f"| {' | '.join(row)} |" for row in cells]
    title = f"Of {len(asked)} words the nearest one of **{sum(one.right for one in asked)}** is of the same kind:"
    return "\n".join([title, "", "| kind | word | nearest | same kind |", "|---|---|---|---|", *rows])
