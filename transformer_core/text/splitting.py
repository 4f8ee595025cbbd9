"""Where a text is cut before pieces are looked for: words, marks and single digits, by the language's rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import tokenizers
from tokenizers import models, pre_tokenizers

Kind = Literal["character", "bpe"]

_LETTER = r"[\p{L}\p{M}]"
WORD = {
    # "'s" is a piece of its own, any other apostrophe inside a word stays there: "o'clock"
    "en": rf"'[sS](?!{_LETTER})| ?{_LETTER}+(?:'(?![sS](?!{_LETTER})){_LETTER}+)*",
    # an elided word keeps its apostrophe ("l'"), what follows is the next word
    "fr": rf" ?[Aa]ujourd'hui(?!{_LETTER})| ?{_LETTER}+'(?={_LETTER})| ?{_LETTER}+",
}
_ONE_DIGIT_OR_MARK = r" ?\p{N}| ?[^ \p{L}\p{M}\p{N}]"


def with_splitter(model: models.BPE, language: str, kind: Kind) -> tokenizers.Tokenizer:
    """The library's tokenizer around a model; of byte-pair pieces, none crosses the language's cuts."""
    inner = tokenizers.Tokenizer(model)
    if kind == "bpe":
        pattern = tokenizers.Regex(f"{WORD[language]}|{_ONE_DIGIT_OR_MARK}")
        inner.pre_tokenizer = pre_tokenizers.Split(pattern, behavior="isolated")
    return inner


def words(inner: tokenizers.Tokenizer, text: str) -> Iterator[str]:
    """The words and marks of a text, each without the space before it."""
    for word, _ in inner.pre_tokenizer.pre_tokenize_str(text):
        if word != " ":
            yield word.removeprefix(" ")
