"""The words of a course: tables, frames, sentences."""

from __future__ import annotations

import random
import re

import pytest

from transformer_core.glass.errors import DataError
from transformer_core.training.classroom.held_back import folded
from transformer_core.training.classroom.languages import english
from transformer_core.training.classroom.tables import read_table
from transformer_core.training.classroom.vocabulary import frame_pairs, sentence_pairs, vocabulary, vocabulary_pairs
from transformer_core.training.classroom.words import word_pairs

TABLES = [f"vocabulary_{kind}" for kind in ("nouns", "verbs", "adjectives", "words", "frames")] + ["sentences"]


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_chinese_here_and_english_there_and_stands_once(table: str) -> None:
    rows = read_table(table)
    for row in rows:
        chinese = {column for column in row if column.startswith("zh")}
        for column, text in row.items():
            assert text == text.strip(), row
            written = re.sub(r"{[^}]*}", "", text)
            if column in chinese:  # a letter, a note: what is Latin there stands in the English as well
                assert set(re.findall(r"[a-z]+", written)) <= set(re.findall(r"[a-z]+", row.get("en", ""))), row
            else:
                assert not re.search(r"[一-鿿。，？]", written), row
        assert all(row[column] for column in (*chinese, "kind") if column in row), row
    assert len({tuple(row.values()) for row in rows}) == len(rows)


def test_every_word_is_in_several_sentences_without_a_slot_left_and_with_the_right_article() -> None:
    pairs = list(vocabulary_pairs("zh", "en", 1))
    words = {(row["kind"], row["zh"], row["en"]) for row in vocabulary()}
    assert len(set(pairs)) == len(pairs) >= 7 * len(words)
    for pair in pairs:
        assert not re.search(r"[{}*_|]|  | -|- ", "".join(pair)), pair
        assert re.search(r"[。？！]$", pair[0]), pair
        assert not re.search(r"(?<![\w'])(?:a [aeio]|an [^aeiouh])", pair[1].lower()), pair
    assert pairs[:40] == list(vocabulary_pairs("zh", "en", 1))[:40]


def test_the_words_of_a_course_are_chinese_and_english_only() -> None:
    assert not list(vocabulary_pairs("en", "fr", 1))
    french = dict(word_pairs("en", "fr"))
    assert "ticket" in french
    assert "traffic light" not in french


def test_the_sentences_are_hundreds_and_each_stands_once() -> None:
    pairs = list(sentence_pairs("zh", "en"))
    assert len({folded(source) for source, _ in pairs}) == len(pairs) >= 800
    for source, target in pairs:
        assert source[-1] in "。？！", source
        assert target[-1] in ".?!", target
        assert target[0].isupper(), target
    assert not list(sentence_pairs("en", "de"))


def test_every_sentence_has_its_french_with_the_marks_of_the_english_and_a_space_before_the_high_ones() -> None:
    pairs = list(sentence_pairs("en", "fr"))
    assert len({folded(source) for source, _ in pairs}) == len(pairs) == len(read_table("sentences"))
    for source, target in pairs:
        assert target[:1].isupper(), source
        assert re.findall(r"[?!]", target) == re.findall(r"[?!]", source), target
        assert target[-1] == source[-1], target
        assert not re.search(r"[’«»\u00a0\u202f]|\S[?!;:]|  ", target), target


def test_verbs_take_their_forms() -> None:
    assert [english.past(verb) for verb in ("cry", "invite", "plan", "play")] == [
        "cried",
        "invited",
        "planned",
        "played",
    ]
    forms = [english.ing(verb) for verb in ("see a doctor", "lie", "put on a hat", "take a bath", "ski")]
    assert forms == ["seeing a doctor", "lying", "putting on a hat", "taking a bath", "skiing"]
    assert english.article("honest man") == "an honest man"


def test_a_word_of_an_unknown_kind_is_named() -> None:
    with pytest.raises(DataError, match="独角兽: no frame has the kind 'unicorn'"):
        list(frame_pairs({"kind": "unicorn", "zh": "独角兽", "en": "unicorn"}, "zh", "en", random.Random(1)))
