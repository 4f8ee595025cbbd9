"""Two sets of sentences in each language that no model of the road has read, near to its training and far from it."""

from __future__ import annotations

from functools import lru_cache

from transformer_core.studies.road.surprise import ToldCounts, bits_per_character, told_counts
from ui.state.examples import example_file
from ui.state.models import get_model, language_of

SETS = ("near", "far")


@lru_cache(maxsize=4)
def unseen(language: str, name: str) -> tuple[str, ...]:
    """Return the sentences of a set."""
    return tuple(example_file(f"unseen.{name}", language).read_text(encoding="utf-8").splitlines())


@lru_cache(maxsize=256)
def unseen_bits(model: str, name: str) -> float:
    """Return the bits a character that a model needs for a set."""
    return bits_per_character(get_model(model), unseen(language_of(model), name))


@lru_cache(maxsize=64)
def unseen_counts(tables: str, name: str, order: int) -> ToldCounts:
    """Return what the tables of a model hold of the words of a set."""
    return told_counts(get_model(tables), unseen(language_of(tables), name), order)
