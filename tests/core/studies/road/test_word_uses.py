"""Uses of a word: the list is fair, one vector for all uses tells nothing, and the neighbours are the nearest."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from transformer_core.ancestors.two_way.model import TwoWay, TwoWayConfig
from transformer_core.glass.errors import ArgumentError, DataError
from transformer_core.glass.files.assets import ASSETS
from transformer_core.glass.files.stored import BUNDLED, ROAD
from transformer_core.models.files import load_model
from transformer_core.models.glass import Glass
from transformer_core.studies.road.word_plane import cosines_of
from transformer_core.studies.road.word_uses import (
    nearest_uses,
    read_uses,
    use_vectors,
    vectors_at,
    word_place,
)
from transformer_core.text.tokenizer import Tokenizer

FILES = {lang: ASSETS / "road" / f"uses.{lang}.tsv" for lang in ("en", "zh")}


def beside(lang: str, sentence: str, word: str) -> tuple[str, str]:
    """What stands on either side of a word."""
    parts = list(sentence) if lang == "zh" else sentence.lower().replace(".", " .").replace("?", " ?").split()
    place = parts.index(word)
    return ["^", *parts][place], parts[place + 1]


@pytest.mark.parametrize("lang", FILES)
def test_no_word_beside_gives_the_sense_away(lang: str) -> None:
    uses = read_uses(FILES[lang])
    assert set(Counter((one.word, one.sense) for one in uses).values()) == {4}
    seen = [Counter((u.word, u.sense, beside(lang, u.sentence, u.word)[side]) for u in uses) for side in (0, 1)]
    for side in (0, 1):
        for (word, sense, neighbour), n in seen[side].items():
            other = sum(m for (w, s, x), m in seen[side].items() if (w, x) == (word, neighbour) and s != sense)
            assert n == 1 or other, (word, sense, neighbour)


def test_the_nearest_use_is_the_one_with_the_largest_cosine() -> None:
    uses = read_uses(FILES["zh"])[:16]
    tokenizer = Tokenizer.train_characters([one.sentence for one in uses])
    torch.manual_seed(0)
    model = TwoWay(TwoWayConfig(vocab_size=tokenizer.vocab_size, d_model=4, max_length=20)).eval()
    glass = Glass("two-way", model, tokenizer, None)
    found = nearest_uses(glass, uses)
    assert found.chance == pytest.approx(3 / 7)
    np.testing.assert_allclose(found.cosines[:, 0], 1, rtol=0, atol=1e-12)  # the table has one row for all uses
    vectors = use_vectors(glass, uses).astype(np.float64)
    place = word_place(glass, uses[2].sentence, uses[2].word)
    np.testing.assert_allclose(vectors[2], vectors_at(glass.trace(uses[2].sentence), *place), rtol=0, atol=1e-6)
    for i, one in enumerate(uses):
        for layer in range(1, 4):
            v = vectors[i][layer]
            cosines = {
                j: v @ w[layer] / np.linalg.norm(v) / np.linalg.norm(w[layer])
                for j, w in enumerate(vectors)
                if j != i and uses[j].word == one.word
            }
            best = max(cosines, key=lambda j: cosines[j])
            assert (found.nearest[i, layer], found.right[i, layer]) == (best, uses[best].sense == one.sense)
    assert word_place(glass, uses[0].sentence, "会") == (3, 3)
    with pytest.raises(ArgumentError, match="花"):
        word_place(glass, uses[0].sentence, "花")


@pytest.mark.parametrize("lang", FILES)
def test_bundled_chains_keep_one_static_vector_and_tell_senses_better_than_chance(lang: str) -> None:
    glass, uses = load_model(f"bilm-{lang}"), read_uses(FILES[lang])
    first, second = use_vectors(glass, uses)[[0, 4]]
    assert np.abs(first[0] - second[0]).max() == 0
    assert (cosines_of(first, second)[1:] < 1).all()
    found = nearest_uses(glass, uses)
    best = found.right.mean(axis=0)[1:].max()
    assert best > found.chance + 0.1
    card = (BUNDLED / ROAD / f"bilm-{lang}" / "card.md").read_text(encoding="utf-8")
    told = max(int(share) for share in re.findall(r"layer \d (\d+) %", card))
    assert 100 * best == pytest.approx(told, abs=4)  # a use or two, where two neighbours are as near as each other


def test_a_file_of_other_lines_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "uses.tsv"
    path.write_text("会\t我会。\n", encoding="utf-8")
    with pytest.raises(DataError, match="a word, a sense and a sentence"):
        read_uses(path)
