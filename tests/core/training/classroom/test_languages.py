"""The grammar of three languages: numbers, dates, and words in the form that a sentence asks for."""

from __future__ import annotations

import random

import pytest

from transformer_core.training.classroom.draw import made_up_name
from transformer_core.training.classroom.languages import english, french, numbers
from transformer_core.training.classroom.tables import rows_of
from transformer_core.training.classroom.values import Value


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


def test_made_up_names_can_be_said_and_differ() -> None:
    names = {made_up_name(random.Random(seed)) for seed in range(200)}
    assert len(names) > 190
    assert all(name.istitle() and 3 <= len(name) <= 14 for name in names)
