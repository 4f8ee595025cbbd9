"""What no training pair of a classroom may be: the lists that are held back, published sentences, examples."""

from __future__ import annotations

from pathlib import Path

import pytest

from transformer_core.glass.errors import DataError
from transformer_core.training.classroom.held_back import (
    ASSETS,
    PUBLISHED,
    folded,
    held_back,
    read_class_sentences,
    without,
)
from transformer_core.training.classroom.tables import read_table


class TestHeldBack:
    def test_folding_sees_through_marks_case_width_and_contractions(self) -> None:
        assert folded("Don't  GO!") == folded("do not go")
        assert folded("我的号码是１２。") == folded("我的号码是12")
        assert folded("s'il vous plaît ?") == folded("S'il vous plaît?")
        assert folded("I go") != folded("I went")

    def test_lists_examples_and_published_sentences_are_all_in(self) -> None:
        forbidden = held_back()
        texts = [
            *PUBLISHED,
            "北京是中国的首都。",
            "My name is Emma",
            "我有一只猫。",
            "She bought a new book yesterday.",
        ]
        texts += [one.reference for one in read_class_sentences(ASSETS / "held_back" / "class.en-fr.tsv")]
        assert {folded(text) for text in texts} <= forbidden

    @pytest.mark.parametrize("side", [0, 1])
    def test_a_pair_with_a_forbidden_sentence_on_either_side_is_dropped(self, side: int) -> None:
        pair = ["我在北京。", "I am in Beijing."]
        pair[side] = ["北京是中国的首都！", "beijing is the capital of china"][side]
        good = ("你好。", "Hello.")
        assert list(without([(pair[0], pair[1]), good], held_back())) == [good]

    @pytest.mark.parametrize("name", ["zh-en", "en-fr", "fresh.zh-en"])
    def test_the_lists_have_a_hundred_sentences_of_twenty_kinds_and_their_references_keep_all(self, name: str) -> None:
        sentences = read_class_sentences(ASSETS / "held_back" / f"class.{name}.tsv")
        assert len(sentences) == len({folded(one.source) for one in sentences}) == 100
        kinds = [one.kind for one in sentences]
        assert {kinds.count(kind) for kind in kinds} == {5}
        patterned = {row["kind"] for row in read_table("patterns")}
        assert name.startswith("fresh") or sum(kind in patterned for kind in kinds) == 50
        assert [one.reference for one in sentences if not all(one.kept(one.reference))] == []

    def test_a_lost_or_changed_word_is_seen(self) -> None:
        one = next(s for s in read_class_sentences(ASSETS / "held_back" / "class.zh-en.tsv") if "首都" in s.source)
        assert one.kept("Kyoto is the capital of China.") == (False, True, True)
        assert one.kept("Beijing's the capital of Chinatown") == (True, True, False)

    def test_a_line_of_another_form_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "class.tsv"
        path.write_text("# list\nkind\t只有\tthree cells\n", encoding="utf-8")
        with pytest.raises(DataError, match=r"class\.tsv, line 2"):
            read_class_sentences(path)
