"""Words for the tests, as text."""

from __future__ import annotations

from figures.base.wire import WordOf
from transformer_core.glass.words import Word
from transformer_core.models.glass import Glass

SIGNS = ("<pad>", "<s>", "</s>")


def spelled(*texts: str) -> tuple[Word, ...]:
    """Return pieces of text as words, of which padding, start and end are special."""
    return tuple(Word(text, special=text in SIGNS) for text in texts)


def word_of(glass: Glass) -> WordOf:
    """Return how an id is read that a model writes, each for itself."""
    tokenizer = glass.target_tokenizer
    assert tokenizer is not None
    return lambda i: spelled(*tokenizer.pieces([i]))[0]
