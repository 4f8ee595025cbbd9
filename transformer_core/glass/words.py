"""The words that label the positions of a run: what each position reads, and what it writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Word:
    """One piece of text at one position.

    Attributes:
        text: as it is shown.
        special: whether it is a sign of the model's, as <s> and [SEP] are, and no text.
        typed: whether it was given by the reader, not written by the model nor put there by the task.
    """

    text: str
    special: bool = False
    typed: bool = True


@dataclass(frozen=True)
class Words:
    """The words of one word list of a plan.

    Attributes:
        read: what each position reads.
        written: what each position writes: the right next word, or the chosen one; () where nothing is known of it.
        written_ids: the ids of `written`.
    """

    read: tuple[Word, ...] = ()
    written: tuple[Word, ...] = ()
    written_ids: tuple[int, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """What each position reads, as text."""
        return tuple(word.text for word in self.read)

    @property
    def written_texts(self) -> tuple[str, ...]:
        """What each position writes, as text."""
        return tuple(word.text for word in self.written)


# A run labels its positions with a few words, over and over; making one takes ten times as long as finding it.
_word = lru_cache(maxsize=4096)(Word)


def as_words(texts: Sequence[str], special: Sequence[bool] = (), typed: Sequence[bool] = ()) -> tuple[Word, ...]:
    """Return pieces of text as words; by default none is special, and all but the special ones were typed."""
    signs = list(special) or [False] * len(texts)
    flags = typed or [not sign for sign in signs]
    if not len(texts) == len(signs) == len(flags):
        raise ValueError(f"{len(texts)} texts, {len(signs)} signs and {len(flags)} flags are not as many")
    return tuple(map(_word, texts, signs, flags))
