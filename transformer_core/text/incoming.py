"""What a person types, made ready for a translator: traditional characters, emoji, characters that cannot be seen.

Nothing is done in silence: whatever is changed or set aside is told in a note.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from tokenizers import Regex, pre_tokenizers

from transformer_core.glass.files.assets import missing

if TYPE_CHECKING:
    from opencc import OpenCC

NoteCode = Literal["simplified", "emoji", "invisible"]

# A picture sign: coloured by itself, or by U+FE0F behind it; older signs that are also text (©, ™, ↔) only by that.
_SIGN = (
    r"(?:\p{Emoji_Presentation}|[\p{Extended_Pictographic}&&[^\x{A9}\x{AE}\x{203C}\x{2049}\x{2122}\x{2139}"
    r"\x{2194}-\x{21AA}]]|\p{Extended_Pictographic}(?=\x{FE0F}))"
)
# Flags, keycaps, and signs with a skin tone or joined to others: one emoji each (Unicode Technical Standard 51).
_EMOJI = (
    rf"\p{{Regional_Indicator}}{{2}}|[0-9#*]\x{{FE0F}}?\x{{20E3}}"
    rf"|{_SIGN}(?:\x{{FE0F}}|\p{{Emoji_Modifier}}|\x{{200D}}{_SIGN})*"
)
# Joiners, direction marks, variation selectors, fillers, control characters; white space is no such thing.
_INVISIBLE = r"[\p{Default_Ignorable_Code_Point}\p{Cc}\x{2800}&&[^\s]]"

_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Note:
    """One thing that was done to a typed text.

    Attributes:
        code: "simplified" for traditional characters, "emoji" and "invisible" for what was set aside.
        found: what it was, each once, in order: "買 → 买", "😀", "U+200B ZERO WIDTH SPACE".
    """

    code: NoteCode
    found: tuple[str, ...]


@dataclass(frozen=True)
class Prepared:
    """A typed text as a translator gets it.

    Attributes:
        text: empty if nothing is left.
        notes: what was done, at most one of each code; empty if the text is as it was typed.
    """

    text: str
    notes: tuple[Note, ...]


def prepare(text: str, language: str) -> Prepared:
    """Return a typed text without emoji and invisible characters and, in Chinese, in simplified characters.

    White space stays as it is, which `Tokenizer.normalise` sees to; lone surrogates become U+FFFD, as there. Doing it
    twice changes nothing more.

    Args:
        text: as it was typed.
        language: that the model reads: "zh", "en" or "fr".

    Raises:
        MissingPackageError: if the language is Chinese and OpenCC is not installed, which the extra "chinese" asks for.
    """
    text = _SURROGATES.sub("\ufffd", text)
    emoji, invisible = list[str](), list[str]()
    before = None
    while text != before:  # what is taken out may bring the parts of another emoji together
        before = text
        text = _without(_without(text, _EMOJI, emoji), _INVISIBLE, invisible)
    simplified = _converter().convert(text) if language == "zh" else text
    named = [_named(mark) for mark in "".join(invisible)]
    every: tuple[tuple[NoteCode, list[str]], ...] = (
        ("simplified", _changes(text, simplified)),
        ("emoji", emoji),
        ("invisible", named),
    )
    return Prepared(simplified, tuple(Note(code, tuple(dict.fromkeys(found))) for code, found in every if found))


def _without(text: str, pattern: str, found: list[str]) -> str:
    """The text without what the pattern finds, which is put to `found`."""
    parts = [part for part, _ in _cut(pattern).pre_tokenize_str(text)]
    taken = [not _is_left(pattern, part) for part in parts]
    found += [part for part, gone in zip(parts, taken, strict=True) if gone]
    return "".join(part for part, gone in zip(parts, taken, strict=True) if not gone)


def _is_left(pattern: str, part: str) -> bool:
    return bool(_cut(pattern, "removed").pre_tokenize_str(part))


@cache
def _cut(pattern: str, behavior: str = "isolated") -> pre_tokenizers.Split:
    return pre_tokenizers.Split(Regex(pattern), behavior=behavior)  # Python's own `re` knows no emoji


def _changes(before: str, after: str) -> list[str]:
    """Which characters were changed; the whole text where a phrase changed its length."""
    if len(before) != len(after):
        return [f"{before} → {after}"]
    return [f"{one} → {other}" for one, other in zip(before, after, strict=True) if one != other]


def _named(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".strip()


@cache
def _converter() -> OpenCC:
    try:
        from opencc import OpenCC  # only Chinese needs its dictionaries
    except ModuleNotFoundError as error:
        raise missing("opencc", "chinese") from error
    return OpenCC("t2s")
