"""Random little models of every kind, saved where the app finds them in place of the bundled ones."""

from __future__ import annotations

from pathlib import Path

from tests.core.glasses import ENGLISH, HIDING, little_glass
from transformer_core.models.files import save_model

# What a model is called, and what it is; none has an examples file or a name in the texts.
KINDS = {
    "little-filler": ("encoder-only", HIDING, {}),
    "little-reader": ("encoder-only", ENGLISH, {"head_transform": True}),
    "little-teller": ("decoder-only", ENGLISH, {"norm_position": "pre", "positions": "learned"}),
    "little-translator": ("encoder-decoder", ENGLISH, {"end": 12.0}),
    "twelve": ("decoder-only", ENGLISH, {"n_decoder_layers": 12, "n_heads": 12, "d_model": 48}),
}
TEXTS = {
    "little-filler": "I have a [MASK].",
    "little-reader": "He is a student.",
    "little-teller": "The cats were",
    "little-translator": "我有一只猫",
    "twelve": "I have a",
}
FILLERS, WRITERS = ("little-filler",), ("little-teller", "little-translator", "twelve")


def save_little_models(folder: Path) -> None:
    """Write all of them, each into a folder of its name."""
    for seed, (name, (architecture, tokenizer, options)) in enumerate(KINDS.items()):
        glass = little_glass(architecture, tokenizer, seed=seed, **options)
        save_model(folder / name, glass.model, glass.source_tokenizer, glass.target_tokenizer)
