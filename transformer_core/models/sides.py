"""One word list of a model with the tokenizer that fills it: from text to ids, from ids to the words that are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from transformer_core.glass.errors import EmptyTextError, TextTooLongError
from transformer_core.glass.guards.arguments import text as plain_text
from transformer_core.glass.words import Word, as_words
from transformer_core.text.base import TextTokenizer


@dataclass(frozen=True)
class Side:
    """A word list and how it is filled.

    Attributes:
        name: of the word list.
        model: its name.
        tokenizer: of the texts.
        limit: the largest number of tokens that a text may have, signs left aside.
        before, behind: ids of the signs that are read around a text.
        hides: whether a typed [MASK] is the sign that hides a word.
    """

    name: str
    model: str
    tokenizer: TextTokenizer
    limit: int
    before: tuple[int, ...] = ()
    behind: tuple[int, ...] = ()
    hides: bool = False

    def text_ids(self, text: str) -> list[int]:
        """Return the ids of a text, without any sign around them.

        Raises:
            EmptyTextError, TextTooLongError: if there are none, or more than the model takes.
        """
        text = plain_text(f"the {self.name} text", text)
        ids = self.tokenizer.encode(text, masks=self.hides)
        if not ids:
            raise EmptyTextError(f"the {self.name} {text!r} has no words; give at least one", side=self.name, text=text)
        if len(ids) > self.limit:
            raise TextTooLongError(
                f"the {self.name} has {len(ids)} tokens, and {self.model} takes at most {self.limit}",
                side=self.name,
                n_tokens=len(ids),
                limit=self.limit,
            )
        return ids

    def read_ids(self, text: str) -> list[int]:
        """Return all ids that are read of a text, the signs around it included; errors as in `text_ids`."""
        return [*self.before, *self.text_ids(text), *self.behind]

    def typed(self, read: Sequence[int]) -> list[bool]:
        """Return for each of `read_ids` whether it was typed: all but the signs around the text."""
        n = len(read) - len(self.behind)
        return [len(self.before) <= t < n for t in range(len(read))]

    def words(self, ids: Sequence[int], typed: Sequence[bool]) -> tuple[Word, ...]:
        """Return ids as words; the tokenizer knows which are signs."""
        special = self.tokenizer.special_ids
        return as_words(self.tokenizer.pieces(ids), [i in special for i in ids], typed)

    def unseen(self, text: str) -> tuple[str, ...]:
        """Return the words or characters of a text that training never saw."""
        return self.tokenizer.unseen(text, masks=self.hides)

    def unseen_flags(self, text: str) -> tuple[bool, ...]:
        """Return for each of `read_ids` whether training never saw its word or character."""
        flags = self.tokenizer.unseen_flags(text, masks=self.hides)
        return (*[False] * len(self.before), *flags, *[False] * len(self.behind))
