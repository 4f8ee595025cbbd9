"""Tokenizers of invented sentences, and models on disk that use them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.core.tiny import make_config, make_model
from transformer_core.models.files import save_model
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.transformer.model import Transformer

CHINESE_LINES = ["我有一只猫。", "他是一个学生。"]
ENGLISH_LINES = ["I have a cat.", "He is a student."] * 3


@pytest.fixture(scope="session")
def chinese() -> Tokenizer:
    """A character tokenizer."""
    return Tokenizer.train_characters(CHINESE_LINES)


@pytest.fixture(scope="session")
def english() -> Tokenizer:
    """A byte-pair tokenizer with every word of its sentences whole."""
    return Tokenizer.train_bpe(ENGLISH_LINES, 400, language="en")


@pytest.fixture
def save(tmp_path: Path, chinese: Tokenizer, english: Tokenizer) -> Callable[..., tuple[Path, Transformer]]:
    """A function that saves a random float32 model of a shape to the folder "tiny" and returns both."""

    def save(
        architecture: str = "encoder-decoder", dtype: torch.dtype = torch.float32, **options: Any
    ) -> tuple[Path, Transformer]:
        if architecture != "decoder-only":
            options["source_vocab_size"] = chinese.vocab_size
        if architecture != "encoder-only":
            options["target_vocab_size"] = english.vocab_size
        model = make_model(make_config(architecture, **options), dtype=torch.float32)
        source = chinese if model.config.has_encoder else None
        target = english if model.config.has_decoder else None
        save_model(tmp_path / "tiny", model, source, target, dtype=dtype)
        return tmp_path / "tiny", model

    return save
