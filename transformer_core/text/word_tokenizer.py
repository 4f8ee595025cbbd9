"""Text to whole words: what a model of word vectors reads. A word that has no vector is left out, as by word2vec.

Ids: `<pad>` 0, `<s>` 1, `</s>` 2, as in our other tokenizers, then the words, the most frequent first. Words are cut as
for byte-pair pieces, Chinese ones by how often each was counted, and folded to small letters; marks and digits are no
words.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer as Inner
from tokenizers import models

from transformer_core.glass.errors import CheckpointError, ConfigError
from transformer_core.glass.guards.arguments import as_path, known_ids
from transformer_core.text.base import TextTokenizer
from transformer_core.text.normalise import normalise
from transformer_core.text.pieces import SPECIALS
from transformer_core.text.splitting import WORD, with_splitter
from transformer_core.text.splitting import words as split_words
from transformer_core.text.word_cut import WordCut

KIND = "word"
NO_SPACES = ("zh",)  # languages that are cut by counts


class WordTokenizer(TextTokenizer):
    """The text-to-ids rule of a list of words.

    Attributes:
        words: the most frequent first.
        counts: how often each was there in the texts that they were taken from; () if nobody counted.
        first_piece: the id of the first of them.
    """

    pad_id, bos_id, eos_id = 0, 1, 2
    first_piece = len(SPECIALS)

    def __init__(self, language: str, words: Sequence[str], counts: Sequence[int] = ()) -> None:
        languages = (*WORD, *NO_SPACES)
        if language not in languages or len(set(words)) != len(words) or len(counts) not in (0, len(words)):
            raise ConfigError(
                f"a list of words has a language out of {', '.join(languages)}, no word twice, and a count for each or "
                f"none",
                language=language,
            )
        self.language, self.words, self.counts = language, tuple(words), tuple(counts)
        self._ids = {word: i for i, word in enumerate(self.words, start=self.first_piece)}
        if language in NO_SPACES:
            counted = dict(zip(self.words, self.counts or (1,) * len(self.words), strict=True))
            self._cut: Callable[[str], list[str]] = WordCut(counted)
        else:
            inner = with_splitter(models.BPE(), language, "bpe")
            self._cut = partial(_at_spaces, inner)

    @property
    def vocab_size(self) -> int:
        """How many ids there are, signs included."""
        return self.first_piece + len(self.words)

    @property
    def special_ids(self) -> frozenset[int]:
        """The ids of the signs."""
        return frozenset(range(self.first_piece))

    def split(self, text: str) -> list[str]:
        """All words of a text, known or not, in small letters."""
        found = self._cut(normalise(text, self.language))
        return [word.lower() for word in found if any(character.isalpha() for character in word)]

    def encode(self, text: str, *, masks: bool = False) -> list[int]:
        """The ids of those words that have one."""
        return [self._ids[word] for word in self.split(text) if word in self._ids]

    def id_of(self, word: str) -> int | None:
        """The id of a word; None if it has none."""
        return self._ids.get(word.lower())

    def decode(self, ids: Sequence[int]) -> str:
        """The words of the ids, without signs."""
        between = "" if self.language in NO_SPACES else " "
        return between.join(self.words[i - self.first_piece] for i in self._known(ids) if i >= self.first_piece)

    def pieces(self, ids: Sequence[int]) -> tuple[str, ...]:
        """The ids as words for an axis."""
        names = (*SPECIALS, *self.words)
        return tuple(names[i] for i in self._known(ids))

    def unseen(self, text: str, *, masks: bool = False) -> tuple[str, ...]:
        """The distinct words of the text that have no vector, in order."""
        return tuple(dict.fromkeys(word for word in self.split(text) if word not in self._ids))

    def unseen_flags(self, text: str, *, masks: bool = False) -> tuple[bool, ...]:
        """For each id of `encode(text)` False: a word without a vector has no id."""
        return (False,) * len(self.encode(text))

    def save(self, path: str | Path) -> None:
        """Write language, words and counts to one JSON file."""
        data = {"language": self.language, "kind": KIND, "words": self.words, "counts": self.counts}
        as_path("path", path).write_text(json.dumps(data, ensure_ascii=False) + "\n", encoding="utf-8")

    def _known(self, ids: Sequence[int]) -> tuple[int, ...]:
        return known_ids("ids", ids, self.vocab_size, self.language)


def _at_spaces(inner: Inner, text: str) -> list[str]:
    return list(split_words(inner, f" {text}"))


def read_words(data: dict[str, Any], path: Path) -> WordTokenizer:
    """Return the tokenizer that `WordTokenizer.save` wrote.

    Raises:
        CheckpointError: if it is none.
    """
    try:
        words, counts = [str(word) for word in data["words"]], [int(count) for count in data.get("counts", ())]
        return WordTokenizer(data["language"], words, counts)
    except (KeyError, TypeError, ValueError, ConfigError) as error:
        raise CheckpointError(f"{path} is not a tokenizer file ({error})", path=str(path)) from error


def frequent_words(texts: Iterable[str], most: int, language: str) -> WordTokenizer:
    """Return the tokenizer of the most frequent words of texts, with how often each of them occurs."""
    counts: dict[str, int] = {}
    empty = WordTokenizer(language, ())
    for text in texts:
        for word in empty.split(text):
            counts[word] = counts.get(word, 0) + 1
    order = sorted(counts, key=lambda word: (-counts[word], word))[:most]
    return WordTokenizer(language, order, [counts[word] for word in order])
