"""Training pairs for a classroom: patterns, exchanged words, single words, and the command that writes them."""

from __future__ import annotations

import random
import re
from functools import lru_cache
from itertools import islice
from pathlib import Path

import pytest

from transformer_core.glass.errors import DataError
from transformer_core.training.classroom import exchange
from transformer_core.training.classroom.__main__ import main
from transformer_core.training.classroom.held_back import (
    folded,
)
from transformer_core.training.classroom.patterns import pattern_pairs
from transformer_core.training.classroom.tables import read_table, rows_of
from transformer_core.training.classroom.words import word_pairs

DIRECTIONS = [("zh", "en"), ("en", "fr")]


@lru_cache
def pairs_of(source: str, target: str) -> tuple[tuple[str, str], ...]:
    """The pairs of all patterns with the first seed, which take seconds to make."""
    return tuple(pattern_pairs(source, target, 1))


@pytest.mark.parametrize(("source", "target"), DIRECTIONS)
class TestPatterns:
    @pytest.mark.slow
    def test_they_give_thousands_of_distinct_pairs_the_same_for_the_same_seed(self, source: str, target: str) -> None:
        pairs = pairs_of(source, target)
        assert len(set(pairs)) == len(pairs) >= 5000
        assert pairs[:300] == tuple(islice(pattern_pairs(source, target, 1), 300))
        assert pairs[:300] != tuple(islice(pattern_pairs(source, target, 2), 300))

    @pytest.mark.parametrize("whole", [False, True], ids=["some", "all"])
    def test_no_slot_and_no_mark_of_the_tables_is_left(self, source: str, target: str, whole: bool) -> None:
        for pair in pairs_of(source, target) if whole else islice(pattern_pairs(source, target, 1), 600):
            assert not re.search(r"[{}*_]|  |\b(?:None|nan)\b| -|- ", "".join(pair)), pair
            if target == "fr":
                assert not re.search(r"(?<!-)\b(?:de|que|je|ne|le|la) [aeiouéèêâô]", pair[1]), pair
                assert not re.search(r"\b(?:de le|de les|à le|à les|si il)\b", pair[1]), pair

    def test_all_ten_kinds_are_there(self, source: str, target: str) -> None:
        kinds = {row["kind"] for row in read_table("patterns") if row[source] and row[target]}
        wanted = set("intro where compare clause notonly date shop weather school feeling".split())
        assert wanted <= kinds

    @pytest.mark.slow
    def test_an_unknown_name_is_carried_over_as_it_is(self, source: str, target: str) -> None:
        begins = "我叫" if source == "zh" else "My name is "
        known = {row[source].replace("*", "") for row in read_table("names")}
        asked = [
            (one.removeprefix(begins)[:-1], other) for one, other in pairs_of(source, target) if one.startswith(begins)
        ]
        unknown = [(name, other) for name, other in asked if re.fullmatch("[A-Z][a-z]+", name) and name not in known]
        assert len(unknown) > 2
        assert all(name in other for name, other in unknown)


class TestExchange:
    @pytest.mark.parametrize(
        ("languages", "pair", "shape"),
        [
            (("en", "fr"), ("Tom is with Anna's dog.", "Tom est avec le chien d'Anna."), None),
            (("en", "fr"), ("We live in Boston.", "Nous vivons à Boston."), r"Nous vivons à [A-Z].*\."),
            (("en", "fr"), ("I love Italy.", "J'aime l'Italie."), r"J'aime l'[A-ZÉ].*\."),
            (("en", "fr"), ("I love Japan.", "J'aime le Japon."), r"J'aime le (?![AEÉIOU])[A-Z].*\."),
            (("en", "fr"), ("I saw an owl.", "J'ai vu un hibou."), r"J'ai vu un .*\."),
            (("zh", "en"), ("我吃了一个苹果。", "I ate an apple."), r"I ate (a [^aeio]|an [aeio]).*\."),
            (("zh", "en"), ("他星期三来。", "He comes on Wednesday."), r"He comes on [A-Z][a-z]+day\."),
            (("zh", "en"), ("我有三本书。", "I have three books."), r"I have [a-z]+ books\."),
            (("zh", "en"), ("他1995年来的。", "He came in 1995."), r"He came in [12][0-9]{3}\."),
        ],
    )
    def test_both_sides_change_alike_and_the_rest_stays(
        self, languages: tuple[str, str], pair: tuple[str, str], shape: str | None
    ) -> None:
        exchanger = exchange.Exchanger(*languages)
        made = {exchanger.exchanged(pair, random.Random(seed)) for seed in range(60)} - {None}
        assert len(made) > 3
        for new in made:
            assert new is not None
            assert new[0] != pair[0]
            assert new[1] != pair[1]
            if shape:
                assert re.fullmatch(shape, new[1]), new

    @pytest.mark.parametrize(
        ("languages", "pair"),
        [
            (("zh", "en"), ("他马上来。", "He will be right back.")),  # 马 is no horse here
            (("zh", "en"), ("三月很冷。", "It is cold.")),
            (("en", "fr"), ("May I come in?", "Puis-je entrer ?")),  # the month is on one side only
            (("en", "fr"), ("Tom told Tom.", "Tom l'a dit à Tom.")),  # twice: which is which?
            (("zh", "en"), ("价格是1,000元。", "It costs 1,000 yuan.")),
        ],
    )
    def test_what_is_not_once_on_both_sides_stays(self, languages: tuple[str, str], pair: tuple[str, str]) -> None:
        exchanger = exchange.Exchanger(*languages)
        assert {exchanger.exchanged(pair, random.Random(seed)) for seed in range(30)} == {None}

    def test_elision_before_a_name_is_made_anew(self) -> None:
        exchanger = exchange.Exchanger("en", "fr")
        pair = ("It is Anna's book.", "C'est le livre d'Anna.")
        made = {exchanger.exchanged(pair, random.Random(seed)) for seed in range(80)} - {None}
        after = {new[1].removeprefix("C'est le livre ") for new in made if new}
        assert any(one.startswith("d'") for one in after)
        assert any(one.startswith("de ") for one in after)
        assert not [one for one in after if re.match(r"d'[^AEIOUHÉ]|de [AEIOUÉ]", one)]


@pytest.mark.parametrize(("source", "target"), DIRECTIONS)
def test_a_word_is_answered_by_a_word(source: str, target: str) -> None:
    pairs = dict(word_pairs(source, target))
    assert len(pairs) > 800
    assert pairs["猫" if source == "zh" else "cat"] == ("cat" if target == "en" else "chat")
    assert not [one for both in pairs.items() for one in both if one.endswith((".", "。")) or "*" in one]


class TestTheCommand:
    @pytest.mark.slow
    def test_it_writes_all_parts_and_keeps_the_lists_out(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        data, dev, out = tmp_path / "train.tsv", tmp_path / "dev.tsv", tmp_path / "out.tsv"
        data.write_text(
            "汤姆住在波士顿。\tTom lives in Boston.\n我叫小明。\tMy name is Ming.\n北京是中国的首都\tBeijing.\n",
            "utf-8",
        )
        dev.write_text("我叫小明！\tI am called Ming.\n", "utf-8")
        command = ["pairs", "--pair", "zh-en", "--data", str(data), "--keep-out", str(dev), "--out", str(out)]
        assert main([*command, "--exchange", "1", "--pronouns", "60"]) == 0
        written = out.read_text(encoding="utf-8").splitlines()
        assert "汤姆住在波士顿。\tTom lives in Boston." in written
        assert not [
            line for line in written if folded(line.split("\t")[0]) in (folded("我叫小明"), folded("北京是中国的首都"))
        ]
        told = capsys.readouterr().out
        assert "real              1 pairs, 2 held back" in told
        assert re.search(r"patterns +[0-9]+,[0-9]+ pairs", told)

    def test_a_wrong_request_ends_with_two(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        missing = str(tmp_path / "nothing.tsv")
        assert main(["pairs", "--pair", "en-fr", "--data", missing, "--out", str(tmp_path / "out.tsv")]) == 2
        assert "nothing.tsv cannot be read" in capsys.readouterr().err


def test_a_table_with_a_ragged_row_is_named(tmp_path: Path) -> None:
    (tmp_path / "some.tsv").write_text("# a comment\nzh\ten\n猫\tcat\n狗\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"some\.tsv, line 4: 1 cells, but the table has 2 columns"):
        read_table("some", tmp_path)
    with pytest.raises(DataError, match="cannot be read"):
        read_table("none", tmp_path)
    with pytest.raises(DataError, match="has the kind 'unicorn'"):
        rows_of("unicorn")
