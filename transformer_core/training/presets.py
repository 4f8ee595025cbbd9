"""The trainings that have a name."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from transformer_core.glass.errors import ConfigError
from transformer_core.training.recipe import Family, Language, Recipe

_ONE_STACK: dict[str, Any] = {
    "norm_position": "pre",
    "optimizer": "muon",
    "attention_dropout": 0.0,
    "batch_tokens": 2560,
    "warmup_steps": 100,
    "smoothing": 0.0,
    "average_decay": 0.995,
}
_STORIES = Recipe(
    name="stories-en",
    task="next-word",
    source=None,
    target="en",
    max_length=128,
    n_encoder_layers=0,
    n_decoder_layers=4,
    dropout=0.05,
    peak_rate=5e-3,
    matrix_rate=6e-3,
    **_ONE_STACK,
)
_WORDS = Recipe(
    name="words-en",
    task="masked-word",
    source="en",
    target=None,
    max_length=64,
    n_encoder_layers=4,
    n_decoder_layers=0,
    dropout=0.05,
    peak_rate=5e-3,
    matrix_rate=6e-3,
    **_ONE_STACK,
)


def _chain(family: Family, width: int, **changes: Any) -> Recipe:
    shape = {"d_model": width, "n_decoder_layers": 0, "optimizer": "adam", "dropout": 0.1, "peak_rate": 4e-3}
    shape["steps"] = 3500
    return replace(_STORIES, name=f"{family}-en", family=family, **{**shape, **changes})


def _vectors(family: Family, width: int, epochs: int) -> Recipe:
    shape: dict[str, Any] = {"target_vocab_size": 8000, "max_length": 128, "batch_tokens": 512, "peak_rate": 0.1}
    shape |= {"subsample": 1e-3, "epochs": epochs}
    return Recipe(name=f"{family}-en", task="vectors", family=family, source=None, target="en", d_model=width, **shape)


def _two_way(source: Language, width: int, **changes: Any) -> Recipe:
    shape: dict[str, Any] = {"d_model": width, "n_encoder_layers": 2, "n_decoder_layers": 0, "dropout": 0.1}
    shape |= {"optimizer": "adam", "peak_rate": 4e-3, "max_length": 64, "target": None, "source": source}
    return replace(_STORIES, name=f"bilm-{source}", task="two-way", family="bilm", **{**shape, **changes})


def _twins(name: str, source: Language, target: Language, width: int, **changes: Any) -> list[Recipe]:
    """A reader and a writer, and the twin that looks back."""
    shape: dict[str, Any] = {"d_model": width, "dropout": 0.1, "peak_rate": 3e-3, "warmup_steps": 100}
    shape |= {"n_encoder_layers": 0, "n_decoder_layers": 0, "average_decay": 0.995, **changes}
    families: tuple[Family, ...] = ("seq2seq", "seq2seq-attention")
    return [
        Recipe(name=name.format(family.removeprefix("seq2seq")), family=family, source=source, target=target, **shape)
        for family in families
    ]


def _copying(width: int) -> list[Recipe]:
    pieces = {"source_vocab_size": 800, "target_vocab_size": 800, "tie_embeddings": True}
    changes = {
        "dropout": 0.0,
        "smoothing": 0.0,
        "max_length": 40,
        "peak_rate": 5e-3,
        "batch_tokens": 2000,
        "steps": 3000,
    }
    return _twins(f"copy{{}}-{width}", "en", "en", width, **pieces, **changes)


PRESETS = {
    "zh-en": Recipe(name="zh-en", source="zh", target="en"),
    "en-fr": Recipe(name="en-fr", source="en", target="fr", dropout=0.1, peak_rate=1.1e-3, warmup_steps=1200),
    "en-zh": Recipe(name="en-zh", source="en", target="zh"),
    "stories-en": _STORIES,
    "words-en": _WORDS,
    "ngram-en": _chain("ngram", 1, steps=None),
    "ngram-zh": replace(_chain("ngram", 1, steps=None), name="ngram-zh", target="zh"),
    "nnlm-en": _chain("nnlm", 64, d_ff=160, window=4, peak_rate=2e-3),
    "rnn-en": _chain("rnn", 232),
    "gru-en": _chain("gru", 202),
    "lstm-en": _chain("lstm", 192),
    "word2vec-en": _vectors("word2vec", 96, 4),
    "word2vec-cbow-en": _vectors("word2vec-cbow", 64, 5),
    "word2vec-everyday-en": replace(_vectors("word2vec", 48, 8), name="word2vec-everyday-en", target_vocab_size=3000),
    "word2vec-zh": replace(
        _vectors("word2vec", 48, 20), name="word2vec-zh", target="zh", target_vocab_size=3000, window=2, subsample=1e-2
    ),
    "bilm-en": _two_way("en", 112),
    "bilm-zh": _two_way("zh", 112, dropout=0.2),
}
PRESETS |= {one.name: one for one in _twins("seq2seq{}-zh-en", "zh", "en", 96, target_vocab_size=3000, steps=4000)}
PRESETS |= {one.name: one for width in (32, 128) for one in _copying(width)}
PRESETS["copy-32"] = replace(PRESETS["copy-32"], steps=10_000)  # it learns slowest of the four

_BUDGETS = frozenset({"steps", "epochs", "minutes"})
# Normalising first bears a higher rate after a shorter warm-up.
_PRE_NORM = {"peak_rate": 1.5e-3, "warmup_steps": 400}


def make_recipe(preset: str, **changes: Any) -> Recipe:
    """The preset with these fields changed; the twin with pre-norm also gets the rate and warm-up that suit it.

    Raises:
        ConfigError: if there is no such preset, or no such field.
    """
    if preset not in PRESETS:
        raise ConfigError(f"preset must be one of {', '.join(PRESETS)}, not {preset!r}", preset=preset)
    unknown = sorted(set(changes) - {field.name for field in fields(Recipe)})
    if unknown:
        raise ConfigError(f"a recipe has no {', '.join(unknown)}", unknown=unknown)
    if not _BUDGETS.isdisjoint(changes):
        changes = {**dict.fromkeys(_BUDGETS), **changes}
    suited = _PRE_NORM if changes.get("norm_position") == "pre" and PRESETS[preset].norm_position == "post" else {}
    return replace(PRESETS[preset], **{**suited, **changes})
