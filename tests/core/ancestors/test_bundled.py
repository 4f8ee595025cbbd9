"""The bundled ancestors: their budget, their tokenizer, and every value of theirs explained."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.core.explained import SINGLE_PRECISION, check_cells
from transformer_core.ancestors.vectors import WordVectors
from transformer_core.glass.files.assets import ASSETS
from transformer_core.glass.files.stored import BUNDLED, ROAD
from transformer_core.glass.formulas import difference
from transformer_core.models.files import load_model, road_models
from transformer_core.models.glass import Glass
from transformer_core.studies.road.copying import by_length, copied
from transformer_core.studies.road.near_words import near_words, read_kinds, told_neighbours
from transformer_core.text.word_tokenizer import WordTokenizer

COPYING = ("copy-32", "copy-128", "copy-attention-32", "copy-attention-128")
BLEU = re.compile(r"BLEU ([\d.]+)")
SENTENCES = {"zh": "小女孩昨天在图书馆看了一本书。", "en": "Once upon a time there was a zebra."}
UNSEEN = (
    "Tom ate a cold pear behind the school, and then the old goat painted a kite.",
    "My uncle keeps seven green snails in his left shoe.",
    "In the evening the baker told the moon a secret about bread.",
)


def test_they_keep_to_the_budget() -> None:
    assert "ngram-en" in road_models()
    assert sum(file.stat().st_size for file in (BUNDLED / ROAD).rglob("*") if file.is_file()) < 27e6


@pytest.mark.parametrize("name", road_models())
def test_every_value_is_recomputed_and_explained(name: str) -> None:
    trace = load_model(name).trace(SENTENCES["zh" if name.endswith("-zh") else "en"])
    assert max(difference(trace, key) for key in trace) <= SINGLE_PRECISION
    check_cells(trace, SINGLE_PRECISION, np.random.default_rng(0))


def test_the_nearest_of_most_chinese_words_that_were_listed_beforehand_is_of_their_kind() -> None:
    glass = load_model("word2vec-zh")
    words = glass.target_tokenizer
    assert isinstance(words, WordTokenizer)
    vectors = WordVectors(glass.model.get_parameter("embed.W_E").detach().numpy(), words)
    asked = list(near_words(vectors, read_kinds(ASSETS / "road" / "neighbours.zh.txt")))
    assert len(asked) == 40
    assert sum(one.right for one in asked) >= 0.7 * len(asked)
    assert told_neighbours(glass) in (BUNDLED / ROAD / "word2vec-zh" / "card.md").read_text(encoding="utf-8")
    assert words.pieces(words.encode("小女孩星期一没去图书馆。")) == ("小女孩", "星期一", "没", "去", "图书馆")


def test_longer_memory_that_is_smoothed_by_adding_one_is_worse_than_none() -> None:
    glass = load_model("ngram-en")
    bits = {}
    for order, smoothing in ((1, "add_k"), (3, "add_k"), (3, "kneser_ney"), (4, "kneser_ney")):
        model = glass.model.smoothed(order, smoothing=smoothing, k=1.0)
        other = Glass("ngram", model, None, glass.target_tokenizer)
        bits[order, smoothing] = sum(other.score(text).bits_per_character for text in UNSEEN)
    assert bits[4, "kneser_ney"] < bits[3, "kneser_ney"] < bits[1, "add_k"] < bits[3, "add_k"]


def test_what_looks_back_copies_what_no_suitcase_carries() -> None:
    sentences = (ASSETS / "road" / "copying.en.txt").read_text(encoding="utf-8").splitlines()
    found = {name: by_length(copied(load_model(name), sentences)) for name in COPYING}
    right = {
        name: {n: sum(one.right for one in its) / len(its) for n, its in one.items()} for name, one in found.items()
    }
    for name, shares in right.items():
        assert shares[8] >= 0.95 if "attention" in name else shares[8] <= {"copy-32": 0.2, "copy-128": 0.9}[name]
    assert right["copy-32"][2] > right["copy-32"][6] > 0  # it is full, and not broken


def test_the_twin_that_looks_back_translates_better_and_the_transformer_best() -> None:
    folders = BUNDLED / ROAD / "seq2seq-zh-en", BUNDLED / ROAD / "seq2seq-attention-zh-en", BUNDLED / "zh-en"
    carried, looked, ours = (float(BLEU.findall((one / "card.md").read_text(encoding="utf-8"))[0]) for one in folders)
    assert looked >= carried + 3
    assert ours > looked
