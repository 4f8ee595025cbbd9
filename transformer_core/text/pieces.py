"""The pieces that all tokenizers of ours have, and how byte-pair pieces are learned from texts."""

from __future__ import annotations

import json
from collections.abc import Iterable

import tokenizers
from tokenizers import trainers

from transformer_core.glass.errors import ConfigError
from transformer_core.text.base import MASK

SPECIALS = ("<pad>", "<s>", "</s>")
BYTES = tuple(f"<0x{byte:02X}>" for byte in range(256))
RESERVED = SPECIALS + BYTES
RESERVED_WITH_MASK = (*SPECIALS, MASK, *BYTES)
ASCII = tuple(chr(code) for code in range(32, 127))  # always pieces, seen or not: a typed "<" is shown as itself


def learn_pieces(
    inner: tokenizers.Tokenizer, texts: Iterable[str], vocab_size: int, reserved: tuple[str, ...] = RESERVED
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return byte-pair pieces, the reserved ones first, and the merges that make them, in the order of learning.

    Args:
        inner: the library's tokenizer, which cuts the texts; it is trained.
        texts: what is learned from.
        vocab_size: pieces at most, reserved ones included.
        reserved: the pieces that are there before.

    Raises:
        ConfigError: if `vocab_size` is too small for the reserved pieces and single characters.
    """
    if vocab_size < len(reserved):
        raise ConfigError(f"vocab_size must be at least {len(reserved)}, not {vocab_size}", vocab_size=vocab_size)
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size, special_tokens=list(reserved), initial_alphabet=list(ASCII), show_progress=False
    )
    inner.train_from_iterator(texts, trainer)
    model = json.loads(inner.to_str())["model"]
    pieces = sorted(model["vocab"], key=model["vocab"].__getitem__)
    if len(pieces) > vocab_size:
        raise ConfigError(
            f"vocab_size is {vocab_size}, but {len(pieces)} are needed for bytes and single characters alone",
            vocab_size=vocab_size,
        )
    return pieces, [(left, right) for left, right in model["merges"]]
