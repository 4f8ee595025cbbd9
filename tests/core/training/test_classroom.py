"""Training pairs for a classroom: grammar of three languages, patterns, exchanged words, and what no pair may be."""

from __future__ import annotations

import random
import re
from functools import lru_cache
from itertools import islice
from pathlib import Path

import pytest

from tests.sampled import some_quick
from transformer_core.glass.errors import DataError
from transformer_core.training.classroom import exchange
from transformer_core.training.classroom.__main__ import main
from transformer_core.training.classroom.draw import made_up_name
from transformer_core.training.classroom.held_back import (
    ASSETS,
    PUBLISHED,
    folded,
    held_back,
    read_class_sentences,
    without,
)
from transformer_core.training.classroom.languages import english, french, numbers
from transformer_core.training.classroom.patterns import pattern_pairs
from transformer_core.training.classroom.pronouns import Case, all_cases, pronoun_pairs, written_pronoun
from transformer_core.training.classroom.tables import read_table, rows_of
from transformer_core.training.classroom.values import Value
from transformer_core.training.classroom.words import word_pairs

DIRECTIONS = [("zh", "en"), ("en", "fr")]


@lru_cache
def pairs_of(source: str, target: str) -> tuple[tuple[str, str], ...]:
    """The pairs of all patterns with the first seed, which take seconds to make."""
    return tuple(pattern_pairs(source, target, 1))


@lru_cache
def cases() -> tuple[Case, ...]:
    return tuple(all_cases())


@pytest.mark.parametrize(
    ("n", "zh", "en", "fr"),
    [
        (0, "零", "zero", "zéro"),
        (10, "十", "ten", "dix"),
        (14, "十四", "fourteen", "quatorze"),
        (21, "二十一", "twenty-one", "vingt et un"),
        (70, "七十", "seventy", "soixante-dix"),
        (71, "七十一", "seventy-one", "soixante et onze"),
        (80, "八十", "eighty", "quatre-vingts"),
        (81, "八十一", "eighty-one", "quatre-vingt-un"),
        (91, "九十一", "ninety-one", "quatre-vingt-onze"),
        (99, "九十九", "ninety-nine", "quatre-vingt-dix-neuf"),
        (100, "一百", "one hundred", "cent"),
        (105, "一百零五", "one hundred and five", "cent cinq"),
        (110, "一百一十", "one hundred and ten", "cent dix"),
        (200, "两百", "two hundred", "deux cents"),
        (280, "两百八十", "two hundred and eighty", "deux cent quatre-vingts"),
        (1000, "一千", "one thousand", "mille"),
        (1999, "一千九百九十九", "one thousand nine hundred and ninety-nine", "mille neuf cent quatre-vingt-dix-neuf"),
        (2005, "两千零五", "two thousand and five", "deux mille cinq"),
    ],
)
def test_numbers_in_words(n: int, zh: str, en: str, fr: str) -> None:
    assert (numbers.chinese(n), numbers.english(n), numbers.french(n)) == (zh, en, fr)


def test_every_number_has_its_own_words() -> None:
    for write in (numbers.chinese, numbers.english, numbers.french):
        assert len({write(n) for n in range(numbers.LIMIT)}) == numbers.LIMIT
        with pytest.raises(ValueError, match="10000 is not in 0 to 9,999"):
            write(numbers.LIMIT)
    assert numbers.chinese(2, counting=True) == "两"


def test_dates_and_times() -> None:
    assert numbers.dates(3, 15, 2024, digits=True) == ("2024年3月15日", "March 15, 2024", "15 mars 2024")
    assert numbers.dates(10, 1, None, digits=False) == ("十月一日", "October 1", "1er octobre")
    assert numbers.dates(12, 25, 1905, digits=False)[0] == "一九零五年十二月二十五日"
    assert numbers.times(1, 0, digits=False) == ("一点", "one o'clock", "une heure")
    assert numbers.times(2, 30, digits=False) == ("两点半", "half past two", "deux heures et demie")
    assert numbers.times(9, 5, digits=False) == ("九点零五分", "five past nine", "neuf heures cinq")
    assert numbers.times(6, 10, digits=True) == ("6点10分", "6:10", "6 h 10")


def value(kind: str, en: str) -> Value:
    return Value(next(row for row in rows_of(kind) if row["en"] == en))


@pytest.mark.parametrize(
    ("kind", "en", "forms"),
    [
        ("animal", "owl", {"le": "le hibou", "un": "un hibou", "les": "les hiboux", "ce": "ce hibou"}),
        ("animal", "horse", {"le": "le cheval", "les": "les chevaux", "au": "au cheval", "du": "du cheval"}),
        ("animal", "spider", {"le": "l'araignée", "mon": "mon araignée", "au": "à l'araignée", "de": "d'araignée"}),
        ("animal", "elephant", {"ce": "cet éléphant", "celui": "celui", "du": "de l'éléphant"}),
        ("drink", "water", {"du": "de l'eau", "les": "l'eau", "des": "de l'eau"}),
        ("massfood", "bread", {"du": "du pain", "le": "le pain"}),
        ("subject", "math", {"le": "les mathématiques", "is": "sont", "mon": "mes mathématiques"}),
        ("country", "France", {"in": "en France", "from": "de France", "of": "de la France"}),
        ("country", "Italy", {"in": "en Italie", "from": "d'Italie", "of": "de l'Italie", "le": "l'Italie"}),
        ("country", "Japan", {"in": "au Japon", "from": "du Japon", "of": "du Japon"}),
        ("country", "Iran", {"in": "en Iran", "from": "d'Iran", "of": "de l'Iran"}),
        ("country", "the Netherlands", {"in": "aux Pays-Bas", "from": "des Pays-Bas", "of": "des Pays-Bas"}),
        ("country", "Cuba", {"in": "à Cuba", "from": "de Cuba", "le": "Cuba"}),
        ("country", "Hungary", {"in": "en Hongrie", "from": "de Hongrie", "le_speech": "le hongrois"}),
        ("country", "England", {"le_speech": "l'anglais", "de_speech": "de l'anglais", "capital": "Londres"}),
        ("season", "spring", {"in": "au printemps", "le": "le printemps"}),
        ("season", "summer", {"in": "en été", "le": "l'été"}),
    ],
)
def test_french_words_take_the_form_that_the_sentence_asks_for(kind: str, en: str, forms: dict[str, str]) -> None:
    one = value(kind, en)
    assert {form: french.elided(french.render(one, form, [], {})) for form in forms} == forms


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("je aime", "j'aime"),
        ("Je écoute", "J'écoute"),
        ("que Anna", "qu'Anna"),
        ("si il pleut", "s'il pleut"),
        ("de le pain", "du pain"),
        ("à les élèves", "aux élèves"),
        ("à Le Caire", "au Caire"),
        ("de *Huijia", "de Huijia"),
        ("de onze", "d'onze"),  # the tables write *onze
        ("Puis-je utiliser", "Puis-je utiliser"),
        ("la école", "l'école"),
        ("quelque amie", "quelque amie"),
    ],
)
def test_elision_and_contraction(before: str, after: str) -> None:
    assert french.elided(before) == after


def test_english_words_in_their_forms() -> None:
    assert [english.article(word) for word in ("owl", "university", "hour", "cat", "European")] == [
        "an owl",
        "a university",
        "an hour",
        "a cat",
        "a European",
    ]
    assert [english.plural(*two) for two in (("box", ""), ("city", ""), ("mouse", "mice"), ("toy", ""))] == [
        "boxes",
        "cities",
        "mice",
        "toys",
    ]
    assert [english.compared(*two, "er") for two in (("big", "er"), ("happy", "er"), ("nice", "er"))] == [
        "bigger",
        "happier",
        "nicer",
    ]
    assert english.compared("expensive", "more", "est") == "most expensive"
    assert [english.third_person(verb) for verb in ("watch television", "do homework", "study", "play chess")] == [
        "watches television",
        "does homework",
        "studies",
        "plays chess",
    ]
    assert [english.ing(verb) for verb in ("swim", "dance", "have lunch")] == ["swimming", "dancing", "having lunch"]
    assert english.british("My favorite color of a truck") == "My favourite colour of a lorry"


@pytest.mark.parametrize(("source", "target"), DIRECTIONS)
class TestPatterns:
    @pytest.mark.slow
    def test_they_give_thousands_of_distinct_pairs_the_same_for_the_same_seed(self, source: str, target: str) -> None:
        pairs = pairs_of(source, target)
        assert len(set(pairs)) == len(pairs) >= 5000
        assert pairs[:300] == tuple(islice(pattern_pairs(source, target, 1), 300))
        assert pairs[:300] != tuple(islice(pattern_pairs(source, target, 2), 300))

    @pytest.mark.parametrize("whole", some_quick([False, True]), ids=["some", "all"])
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


def test_made_up_names_can_be_said_and_differ() -> None:
    names = {made_up_name(random.Random(seed)) for seed in range(200)}
    assert len(names) > 190
    assert all(name.istitle() and 3 <= len(name) <= 14 for name in names)


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


class TestPronouns:
    @pytest.mark.slow
    def test_no_held_out_combination_and_no_published_scene_is_learned(self) -> None:
        learned = {text for text, _ in pronoun_pairs("en", "fr", 30_000, 1)}
        held = {case.text("en") for case in cases() if case.held_out}
        assert len(held) > 1000
        assert not learned & held
        assert not [text for text in learned if "animal" in text and "street" in text]
        combinations = {
            (c.scene["scene"], c.referent["en"], c.reason["en"]) for c in cases() if c.text("en") in learned
        }
        lines = (ASSETS / "held_back" / "pronouns.en-fr.tsv").read_text(encoding="utf-8").splitlines()
        listed = {line.split("\t")[0] for line in lines if not line.startswith("#")}
        of_list = {(c.scene["scene"], c.referent["en"], c.reason["en"]) for c in cases() if c.text("en") in listed}
        assert len(of_list) > 100
        assert not of_list & combinations

    def test_the_pronoun_has_the_gender_of_the_noun_that_the_reason_suits(self) -> None:
        by_text = {case.text("en"): case for case in cases()}
        case = by_text["The cow did not cross the bridge because it was too tired."]
        assert case.text("fr") == "La vache n'a pas traversé le pont parce qu'elle était trop fatiguée."
        case = by_text["The cow did not cross the bridge because it was too long."]
        assert case.text("fr") == "La vache n'a pas traversé le pont parce qu'il était trop long."
        assert case.text("zh") == "牛没有穿过桥，因为它太长了。"

    def test_a_hundred_nouns_and_most_pairs_tell_two_genders_apart(self) -> None:
        assert len({case.referent["en"] for case in cases()}) >= 100
        telling = {case.text("en") for case in cases() if case.telling}
        learned = [text for text, _ in pronoun_pairs("en", "fr", 2400, 1)]
        assert len(set(learned)) == 2400
        assert sum(text in telling for text in learned) >= 1600

    @pytest.mark.parametrize(
        ("text", "pronoun"),
        [
            ("Il dort parce qu'elle était fatiguée.", "elle"),
            ("Elle dort car il est tard.", "il"),
            ("Elle dort.", None),
        ],
    )
    def test_the_written_pronoun_is_the_one_behind_the_reason(self, text: str, pronoun: str | None) -> None:
        assert written_pronoun(text) == pronoun


@pytest.mark.parametrize(("source", "target"), DIRECTIONS)
def test_a_word_is_answered_by_a_word(source: str, target: str) -> None:
    pairs = dict(word_pairs(source, target))
    assert len(pairs) > 800
    assert pairs["猫" if source == "zh" else "cat"] == ("cat" if target == "en" else "chat")
    assert not [one for both in pairs.items() for one in both if one.endswith((".", "。")) or "*" in one]


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

    @pytest.mark.parametrize("name", ["zh-en", "en-fr"])
    def test_the_lists_have_a_hundred_sentences_of_twenty_kinds_and_their_references_keep_all(self, name: str) -> None:
        sentences = read_class_sentences(ASSETS / "held_back" / f"class.{name}.tsv")
        assert len(sentences) == len({folded(one.source) for one in sentences}) == 100
        kinds = [one.kind for one in sentences]
        assert {kinds.count(kind) for kind in kinds} == {5}
        patterned = {row["kind"] for row in read_table("patterns")}
        assert sum(kind in patterned for kind in kinds) == 50
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
