"""One set of byte-pair pieces for two languages, as in the paper (section 5.1), so that a name is cut alike in both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import tokenizers
from tokenizers import models, pre_tokenizers

from transformer_core.glass.errors import ConfigError
from transformer_core.text.normalise import normalise
from transformer_core.text.pieces import learn_pieces
from transformer_core.text.splitting import WORD, with_splitter
from transformer_core.text.tokenizer import Tokenizer

_BETWEEN = "\0"  # stands in no normalised text that a person wrote; it only parts words here


def train_shared(lines: Mapping[str, Iterable[str]], vocab_size: int) -> dict[str, Tokenizer]:
    """A tokenizer for each language; all have the same pieces and merges, each cuts words by its own rule.

    Args:
        lines: of text, by language: "en", "fr".
        vocab_size: pieces at most, reserved ones included.

    Raises:
        ConfigError: if a language has no byte-pair pieces, or `vocab_size` is too small for bytes and characters.
    """
    words = {language: [list(cut) for cut in split_words(texts, language)] for language, texts in lines.items()}
    inner = tokenizers.Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.Split(_BETWEEN, behavior="removed")
    texts = (_BETWEEN.join(cut) for cuts in words.values() for cut in cuts)
    pieces, merges = learn_pieces(inner, texts, vocab_size)
    return {
        language: Tokenizer(
            language, "bpe", pieces, merges, {word.removeprefix(" ") for cut in cuts for word in cut} - {""}
        )
        for language, cuts in words.items()
    }


def split_words(lines: Iterable[str], language: str) -> Iterator[list[str]]:
    """Yield the words and marks of each line, with the space before each, as byte-pair pieces are learned inside them.

    Raises:
        ConfigError: if the language has no byte-pair pieces.
    """
    if language not in WORD:
        raise ConfigError(f"byte-pair pieces are for {', '.join(WORD)}, not for {language!r}", language=language)
    inner = with_splitter(models.BPE(), language, "bpe")
    for line in lines:
        yield [word for word, _ in inner.pre_tokenizer.pre_tokenize_str(" " + normalise(line, language))]
