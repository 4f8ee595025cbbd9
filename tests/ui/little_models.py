"""Random little models of every kind, saved where the app finds them in place of the bundled ones."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest

from tests.core.glasses import ENGLISH, HIDING, little_glass
from tests.ui.opened import open_page
from transformer_core.models import files
from transformer_core.models.files import save_model
from transformer_core.transformer.blocks import AttentionConfig, EmbeddingConfig

GROUPED = AttentionConfig(12, n_kv_heads=4, scale=False)  # three heads read the same keys and values
# What a model is called, and what it is; none has an examples file or a name in the texts.
KINDS: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "little-embedder": ("encoder-only", ENGLISH, {"head": None}),
    "little-filler": ("encoder-only", HIDING, {}),
    "little-reader": ("encoder-only", ENGLISH, {"head_transform": True, "embedding": EmbeddingConfig(norm=True)}),
    "little-teller": ("decoder-only", ENGLISH, {"norm_position": "pre", "positions": "learned"}),
    "little-translator": ("encoder-decoder", ENGLISH, {}),
    "twelve": ("decoder-only", ENGLISH, {"n_decoder_layers": 12, "d_model": 48, "attention": GROUPED}),
}
TEXTS = {
    "little-embedder": "He is a student.",
    "little-filler": "I have a [MASK].",
    "little-reader": "He is a student.",
    "little-teller": "The cats were",
    "little-translator": "我有一只猫",
    "twelve": "I have a",
}
SMALL, SEED = 0.05, 2  # of every bias; with this seed what the models say differs from text to text
INNER = 64  # as in a larger model, the map shows a part of so many dimensions
WITHOUT_OUTPUT = "little-embedder"  # it only embeds
ABLE_TO_WRITE = ("little-teller", "little-translator", "twelve")
# One of each sort, by the architecture.
EDITS = {
    "encoder-only": "off:encoder.1.self_attn:0;zero:encoder.0.out:1;drop:source:2",
    "decoder-only": "off:decoder.1.self_attn:0;zero:decoder.0.out:1;drop:target:1",
    "encoder-decoder": "off:decoder.1.cross_attn:0;zero:encoder.0.out:1;drop:source:2",
}


def save_little_models(folder: Path) -> None:
    """Write all of them, each into a folder of its name."""
    for seed, (name, (architecture, tokenizer, options)) in enumerate(KINDS.items(), SEED):
        glass = little_glass(architecture, tokenizer, seed=seed, d_ff=INNER, **options)
        with torch.no_grad():  # else most of them say the same whatever they read
            for key, parameter in glass.model.named_parameters():
                if parameter.ndim == 1 and not key.endswith("gamma"):
                    parameter *= SMALL
        save_model(folder / name, glass.model, glass.source_tokenizer, glass.target_tokenizer)


@contextmanager
def little_models(folder: Path) -> Iterator[None]:
    """The app's models are the little ones; what it kept of others, or keeps of these, outlives no change."""
    save_little_models(folder)
    _forget()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BUNDLED", folder)
        yield
    _forget()


def _forget() -> None:
    """Empty every cache of the app."""
    st.cache_resource.clear()
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "ui":
            for value in vars(module).values():
                if hasattr(value, "cache_clear") and not isinstance(value, type):
                    value.cache_clear()


def opened(page: str, model: str, **more: object) -> AppTest:
    """A page that shows a model reading its text."""
    query = {"lang": "en", "source": TEXTS[model]} | more
    return open_page(page, model=model, **query)
