"""The surprise of unseen texts: what the tables hold of them is what the models themselves say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from transformer_core.glass.errors import ConfigError
from transformer_core.models.files import load_model
from transformer_core.models.readings import Reading, as_reading
from transformer_core.studies.road.surprise import bits_per_character, told_counts

TEXTS = ("The king gave his hat to the mouse.", "Tom had a purple dragon.")


@pytest.mark.parametrize(("order", "k"), [(1, 1.0), (2, 0.01), (3, 1e-4), (4, 1.0)])
def test_adding_k_to_counts_says_what_the_model_says(order: int, k: float) -> None:
    found = told_counts(load_model("ngram-en"), TEXTS, order)
    said = bits_per_character(load_model(Reading("ngram-en", order, "add_k", k).name), TEXTS)
    assert math.isclose(found.bits_per_character(k), said, rel_tol=1e-5)
    assert len(found.counts) == len(found.text)
    assert (found.counts <= found.totals).all()


def test_a_text_is_impossible_if_one_of_its_words_was_never_seen_there() -> None:
    glass = load_model("ngram-en")
    found = told_counts(glass, TEXTS, 3)
    lost = {int(i) for i in found.text[found.counts == 0]}
    assert found.impossible == len(lost) / len(TEXTS)
    traces = [load_model("ngram-en~3~add_k~1").trace(text) for text in TEXTS]
    for number, trace in enumerate(traces):
        told = [*glass.read_ids(TEXTS[number])[1:], glass.config.eos_id]
        counts = trace["order3.count"][np.arange(len(told)), told]
        assert (counts == found.counts[found.text == number]).all()


def test_a_longer_memory_with_one_added_is_worse_than_none() -> None:
    """Laplace's rule as the road shows it: measured here on its own unseen sentences."""
    glass, texts = load_model("ngram-en"), TEXTS
    one, three = (told_counts(glass, texts, order) for order in (1, 3))
    assert three.bits_per_character(1.0) > one.bits_per_character(1.0)


@pytest.mark.parametrize("name", ["ngram-en~3~add_k~0.1", "ngram-en~1~back_off", "ngram-en~4~kneser_ney"])
def test_a_name_says_how_tables_are_read(name: str) -> None:
    reading, glass = as_reading(name), load_model(name)
    assert reading is not None
    assert (reading.name, glass.name) == (name, name)
    assert (glass.config.order, glass.config.smoothing) == (reading.order, reading.smoothing)
    with pytest.raises(ConfigError, match=r"ngram-en~3~add_k~0\.1 or \S+ would"):
        load_model("ngram-en~3")
