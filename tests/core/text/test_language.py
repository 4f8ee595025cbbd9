"""A text in another language is told by its letters and its words; no sentence of our own lists is taken for one."""

from __future__ import annotations

from functools import cache

import pytest

from transformer_core.glass.files.assets import ASSETS
from transformer_core.glass.files.stored import BUNDLED
from transformer_core.text.base import TextTokenizer
from transformer_core.text.language import seems
from transformer_core.text.tokenizer import Tokenizer
from transformer_core.training.classroom.held_back import read_class_sentences


@cache
def known() -> dict[str, TextTokenizer]:
    places = {"zh": "zh-en/source", "en": "en-fr/source", "fr": "en-fr/target"}
    return {language: Tokenizer.load(BUNDLED / f"{place}_tokenizer.json") for language, place in places.items()}


@pytest.mark.parametrize("pair", ["zh-en", "en-fr"])
def test_each_sentence_of_a_class_is_in_its_language_whoever_reads_it(pair: str) -> None:
    read, written = pair.split("-")
    sentences = read_class_sentences(ASSETS / "held_back" / f"class.{pair}.tsv")
    assert len(sentences) == 100
    for reads in ("zh", "en"):
        assert {seems(one.source, reads, known()) for one in sentences} == {read}
    assert {seems(one.reference, read, known()) for one in sentences} == {written}


@pytest.mark.parametrize(
    ("text", "reads", "found"),
    [
        ("我喜欢 playing football with my friends", "zh", "en"),
        ("我叫Tom，我喜欢看NBA。", "zh", "zh"),
        ("I love 北京 and the food there", "en", "en"),
        ("Привет, как дела?", "en", ""),
        ("12 + 34", "en", "en"),
        ("", "zh", "zh"),
    ],
)
def test_names_of_another_language_do_not_make_a_text_one(text: str, reads: str, found: str) -> None:
    assert seems(text, reads, known()) == found
    assert reads != "en" or not found or seems(text, "en", {}) == "en"  # with one language there is nothing to weigh
