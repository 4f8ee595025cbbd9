"""Which of a few languages a text seems to be in: told by its letters, and by which vocabulary knows its words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from transformer_core.text.base import TextTokenizer

_SCRIPT = {"zh": "CJK"}  # as the names of its letters begin in Unicode; of all other languages here: Latin
_LATIN = "LATIN"


def seems(text: str, reads: str, known: Mapping[str, TextTokenizer]) -> str:
    """Return the language in which a text seems to be; `reads` if nothing speaks against it, "" if it is none of these.

    It is in letters of another kind if more than a third of it is. Among languages with the same letters it is in that
    which knows most of its words, and `reads` if none knows more.

    Args:
        text: what was typed.
        reads: the language that is expected, as "en".
        known: what reads each of the languages that come into question.
    """
    kinds = _kinds(text)
    own = script = _SCRIPT.get(reads, _LATIN)
    strange = sum(n for kind, n in kinds.items() if kind != own)
    if 3 * strange > sum(kinds.values()):
        script = max((kind for kind in kinds if kind != own), key=kinds.__getitem__)
    same = [language for language in known if _SCRIPT.get(language, _LATIN) == script]
    if script == own:
        same = [reads, *(language for language in same if language != reads)]
    if len(same) < 2:
        return same[0] if same else ""
    return min(same, key=lambda language: len(known[language].unseen(text)) if language in known else 0)


def _kinds(text: str) -> dict[str, int]:
    """How much of a text is written in which letters: a Latin word of two is one, and so is any other letter.

    A Latin letter alone is a name in a formula, or a mark, in any language.
    """
    words = re.sub(r"[A-Za-zÀ-ɏ]+(?:['’-][A-Za-zÀ-ɏ]+)*", lambda word: "a" if len(word[0]) > 1 else " ", text)
    kinds: dict[str, int] = {}
    for letter in filter(str.isalpha, words):
        kind = unicodedata.name(letter, "?").split()[0]
        kinds[kind] = kinds.get(kind, 0) + 1
    return kinds
