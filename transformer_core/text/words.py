"""Which pieces of a text are one word, to be hidden, looked at or counted together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from transformer_core.text.base import LONE_SPACE, TextTokenizer


def word_spans(tokenizer: TextTokenizer, ids: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """The words and marks of the ids in order, each as (first piece, one behind its last).

    Pieces that continue a word belong to it, a space that is a piece of its own to what follows it, and the bytes of an
    unknown character to each other.
    """
    shown = tokenizer.pieces(ids)
    starts = [i for i in range(len(shown)) if not _continues(shown[i - 1] if i else "", shown[i])]
    return tuple(pairwise([*starts, len(shown)]))


def is_word(tokenizer: TextTokenizer, ids: Sequence[int]) -> bool:
    """Whether the pieces hold a letter or a digit: a word or a number, and no mark."""
    return any(character.isalnum() for character in tokenizer.decode(ids))


def _continues(before: str, piece: str) -> bool:
    if before == LONE_SPACE:
        return True
    if piece.startswith("<0x") and len(piece) == 6:
        return before.startswith("<0x") and len(before) == 6 and _is_tail(piece)
    return piece.startswith("##") and len(piece) > 2


def _is_tail(piece: str) -> bool:
    return 0x80 <= int(piece[3:5], 16) < 0xC0  # what UTF-8 continues a character with
