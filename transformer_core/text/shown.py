"""Other people's pieces as readable words: their marks for spaces, bytes and continued words in ours."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Literal

from transformer_core.text.base import LONE_SPACE

Style = Literal["bytes", "spaces", "wordpiece"]
"""How a vocabulary writes its pieces: every byte as a letter, a space as ▁, or what continues a word behind ##."""

SPACE = "▁"
_SIGHT = str.maketrans({"\n": "↵", "\r": "↵", "\t": "⇥"})
_ONE_BY_ONE = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))  # written without spaces


def piece_text(piece: str, style: Style) -> str:
    """Return the text of a piece, the space in front included; bytes that are no character as `<0xF0>` each."""
    if style == "spaces":
        return piece.replace(SPACE, " ")
    if style == "bytes" and all(letter in _bytes() for letter in piece):
        text = bytes(_bytes()[letter] for letter in piece).decode("utf-8", "surrogateescape")
        return "".join(f"<0x{ord(one) - 0xDC00:02X}>" if "\udc80" <= one <= "\udcff" else one for one in text)
    return piece


def shown_piece(text: str, before: str, style: Style) -> str:
    """Return the text of a piece as a word for an axis; `before` is the text of the piece in front of it."""
    word = text.removeprefix(" ").translate(_SIGHT) or LONE_SPACE
    continues = style != "wordpiece" and _is_letter(text[:1]) and _is_letter(before[-1:])
    return f"##{word}" if continues else word


def _is_letter(character: str) -> bool:
    if not character or any(first <= ord(character) <= last for first, last in _ONE_BY_ONE):
        return False
    return unicodedata.category(character)[0] in "LM"


@cache
def _bytes() -> dict[str, int]:
    """The byte of each letter that stands for one (Radford et al. 2019, their `bytes_to_unicode`)."""
    visible = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [byte for byte in range(256) if byte not in visible]
    return {chr(byte): byte for byte in visible} | {chr(256 + n): byte for n, byte in enumerate(rest)}
