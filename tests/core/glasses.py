"""Little models of every kind with random weights and real tokenizers, and tokenizers that put other signs in place."""

from __future__ import annotations

from typing import Any

import torch

from tests.core.tiny import make_config, make_model
from transformer_core.glass.words import Word
from transformer_core.models.glass import Glass
from transformer_core.text.tokenizer import Tokenizer

LINES = ["I have a cat.", "He is a student.", "The cats were reading."] * 3
CHINESE = Tokenizer.train_characters(["我有一只猫。", "他是一个学生。"])
ENGLISH = Tokenizer.train_bpe(LINES, 420, language="en")
TEXT = "I have a cat."
HIDING = Tokenizer.train_bpe(LINES, 420, language="en", mask=True)


def little_glass(
    architecture: str, tokenizer: Tokenizer = ENGLISH, *, end: float = 0.0, seed: int = 0, **options: Any
) -> Glass:
    """A model that reads `tokenizer`'s texts (a translator: Chinese) and, if it writes, writes them.

    Args:
        architecture: of the model.
        tokenizer: of its one text, or of the translation.
        end: added to the logit of </s>.
        seed: of the weights.
        options: of the config.
    """
    if architecture != "decoder-only":
        one = CHINESE if architecture == "encoder-decoder" else tokenizer
        options["source_vocab_size"] = one.vocab_size
    if architecture != "encoder-only":
        options["target_vocab_size"] = tokenizer.vocab_size
    model = make_model(make_config(architecture, output_bias=True, **options), dtype=torch.float32, seed=seed)
    if model.config.head is not None:
        with torch.no_grad():
            model.head.b[2] += end
    sides = {"encoder-decoder": (CHINESE, tokenizer), "encoder-only": (tokenizer, None)}
    return Glass("tiny", model, *sides.get(architecture, (None, tokenizer)))


def with_signs(tokenizer: Tokenizer, **signs: tuple[int, ...]) -> Tokenizer:
    """The same tokenizer with other signs around a text: `before`, `behind`, `start`."""
    other: Tokenizer = object.__new__(type(tokenizer))
    other.__dict__.update(tokenizer.__dict__ | signs)
    return other


def bare(words: tuple[Word, ...]) -> list[tuple[str, str]]:
    """Words with their flags: s for a special one, t for a typed one."""
    return [(word.text, "s" * word.special + "t" * word.typed) for word in words]
