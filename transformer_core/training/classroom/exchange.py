"""One word of a real pair, put in place of its like on both sides: another name, city, country, day, number, noun.

What the grammar of the sentence asks for is kept: the new word has the old one's gender and number in French and begins
like it where an article or a preposition shows that; "a" and "an", and the elision before names, are made anew.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from transformer_core.training.classroom.draw import cities, name
from transformer_core.training.classroom.languages import english, french, numbers
from transformer_core.training.classroom.tables import NONE, Row, read_table, rows_of

_WRITERS: dict[str, Callable[[int], str]] = {"zh": numbers.chinese, "en": numbers.english, "fr": numbers.french}
_SHORTEST = {"zh": 2, "en": 1, "fr": 1}  # a single character stands inside other Chinese words


class Like(NamedTuple):
    """A word on both sides, and the group inside which it may be exchanged."""

    source: str
    target: str
    group: str


class Exchanger:
    """Makes new pairs of real ones for one direction, "zh-en" or "en-fr"."""

    def __init__(self, source: str, target: str) -> None:
        self.languages = source, target
        self._groups: dict[str, list[Like]] = defaultdict(list)
        self._by_source: dict[str, list[Like]] = defaultdict(list)
        for like in _likes(source, target):
            if len(like.source) >= _SHORTEST[source] and like not in self._by_source[like.source]:
                self._groups[like.group].append(like)
                self._by_source[like.source].append(like)
        words = sorted((word for word, likes in self._by_source.items() if likes), key=len, reverse=True)
        self._pattern = re.compile(_bounded("|".join(map(re.escape, words)), source))

    def exchanged(self, pair: tuple[str, str], dice: random.Random) -> tuple[str, str] | None:
        """A new pair with one word exchanged, or None if the pair has none that stands once on both sides."""
        found = list(self._found(pair))
        by_number = _numbers_exchanged(pair, self.languages, dice)
        if by_number is not None and (not found or dice.random() < 0.4):
            return by_number
        if not found:
            return None
        old = dice.choice(found)
        new = self._another(old, dice)
        if new is None:
            return None
        source = _replaced(pair[0], old.source, new.source, self.languages[0])
        return source, _replaced(pair[1], old.target, new.target, self.languages[1])

    def _found(self, pair: tuple[str, str]) -> Iterator[Like]:
        """The words of the pair that have one place on each side, and no second meaning there."""
        source, target = pair
        stretches = [found.group() for found in self._pattern.finditer(source)]
        for stretch in sorted({one for one in stretches if stretches.count(one) == 1}):
            fitting = [like for like in self._by_source[stretch] if _times(like.target, target, self.languages[1]) == 1]
            if len({like.group for like in fitting}) == 1:
                yield fitting[0]

    def _another(self, old: Like, dice: random.Random) -> Like | None:
        if old.group.startswith("name"):
            row = name(old.group[-1], dice, "zh" in self.languages)
            new = Like(_plain(row[self.languages[0]]), row[self.languages[1]], old.group)
            return new if new.source != old.source else None
        others = [like for like in self._groups[old.group] if like.target != old.target and like.source != old.source]
        return dice.choice(others) if others else None


def exchanged_pairs(
    pairs: Sequence[tuple[str, str]], source: str, target: str, count: int, seed: int
) -> Iterator[tuple[str, str]]:
    """Yield up to `count` distinct pairs with a word exchanged, from pairs drawn at random."""
    exchanger, dice = Exchanger(source, target), random.Random(f"{seed}/exchange/{source}-{target}")
    order = list(range(len(pairs)))
    made: set[tuple[str, str]] = set()
    for _ in range(3):  # a pair may be used again with another word
        dice.shuffle(order)
        for i in order:
            if len(made) >= count:
                return
            new = exchanger.exchanged(pairs[i], dice)
            if new is not None and new != pairs[i] and new not in made:
                made.add(new)
                yield new


def _likes(source: str, target: str) -> Iterator[Like]:
    """All words that may be exchanged. Single ones that mean something else as well are left out."""
    for row in read_table("names"):
        if len(row["zh"]) > 1 or source != "zh":
            yield Like(_plain(row[source]), row[target], f"name {row['gender']}")
    for row in cities():
        if not row["fr"].startswith(("Le ", "La ")):
            yield Like(row[source], row[target], "city")
    for row in read_table("countries"):
        yield from _of_country(row, source, target)
    for kind in ("weekday", "month"):
        for row in rows_of(kind):
            soft = french.begins_with_vowel(row["fr"])
            style = row["zh"][0] if kind == "weekday" and source == "zh" else ""
            yield Like(row[source], row[target], f"{kind} {style} {soft}")
    for row in rows_of("relative"):
        yield Like(row[source], row[target], f"relative {row['gender']} {row['fr'].split()[0]}")
    for kind in ("animal", "fruit", "countfood", "massfood", "drink", "clothes", "place", "furniture"):
        for row in rows_of(kind):
            yield from _of_noun(kind, row, source, target)
    for row in rows_of("colour"):
        yield from _of_colour(row, source, target)


def _of_country(row: Row, source: str, target: str) -> Iterator[Like]:
    the = row["en"].startswith("the ")
    grammar = f"{row['gender']} {french.begins_with_vowel(row['fr'])} {the}" if "fr" in (source, target) else ""
    yield Like(_plain(row[source]), row[target], f"country {grammar} {the}")
    if source == "zh" and NONE not in (row["speech_zh"], row["speech_en"]):
        yield Like(row["speech_zh"], row["speech_en"], "speech")
        yield Like(f"{row['zh']}人", row["people_en"], "people")
    # as an adjective and as a language it is one word in both languages: "French" is français either way
    if source == "en" and row["speech_en"] == row["people_en"] and row["speech_fr"] == row["people_fr"]:
        soft = french.begins_with_vowel(row["people_fr"])
        yield Like(row["people_en"], row["people_fr"], f"people {soft}")


def _of_noun(kind: str, row: Row, source: str, target: str) -> Iterator[Like]:
    if source == "zh":
        yield Like(row["zh"], row["en"], f"{kind} {row['zh_measure']}")
        if row["en_plural"] != NONE:
            plural = english.plural(row["en"], row["en_plural"])
            yield Like(row["zh"], plural, f"{kind} {row['zh_measure']} many")
        return
    grammar = f"{kind} {row['fr_gender']} {french.begins_with_vowel(row['fr'])}"
    yield Like(row["en"], row["fr"].replace("*", ""), grammar)
    if row["en_plural"] != NONE and row["fr_plural"] != NONE:
        many = french.plural(row["fr"], row["fr_plural"]).replace("*", "")
        yield Like(english.plural(row["en"], row["en_plural"]), many, f"{grammar} many")


def _of_colour(row: Row, source: str, target: str) -> Iterator[Like]:
    if source == "zh":
        yield Like(row["zh"], row["en"], "colour")
        return
    forms = {french.agreed(row, gender, many=many): (gender, many) for gender in "mf" for many in (False, True)}
    kind = "invariable" if row["fr"] == row["fr_f"] else "variable"
    for word, (gender, many) in forms.items():
        if len(forms) == (2 if kind == "invariable" else 4):  # "gris" is one form for one and for many
            yield Like(row["en"], word, f"colour {kind} {'' if kind == 'invariable' else gender} {many}")


def _bounded(pattern: str, language: str) -> str:
    return f"(?:{pattern})" if language == "zh" else rf"(?<![\w-])(?:{pattern})(?![\w-])"


def _times(word: str, text: str, language: str) -> int:
    return len(_finder(word.replace("*", ""), language).findall(text))


@cache
def _finder(word: str, language: str) -> re.Pattern[str]:
    return re.compile(_bounded(re.escape(word), language))


def _plain(word: str) -> str:
    return word.replace("*", "")


def _replaced(text: str, old: str, new: str, language: str) -> str:
    """The text with the one `old` exchanged, and the little word before it as the new one wants it."""
    before, _, after = _split_at(text, _plain(old), language)
    if language == "en" and (found := re.search(r"\b([Aa])n? $", before)):
        right = english.article(new).partition(" ")[0]
        before = before[: found.start()] + (right.capitalize() if found.group(1) == "A" else right) + " "
    if language == "fr":
        if not old.islower():  # a name: d'Anna becomes de Tom, and de Tom d'Anna
            before = re.sub(r"\b([Dd]|[Qq]u|[Ll]orsqu|[Pp]uisqu|[Jj]usqu)'$", r"\1e ", before)
        joined = french.elided(before[-8:] + new)
        return before[:-8] + joined + after
    return before + new + after


def _split_at(text: str, word: str, language: str) -> tuple[str, str, str]:
    found = _finder(word, language).search(text)
    assert found is not None  # the caller counted it
    return text[: found.start()], found.group(), text[found.end() :]


@cache
def _number_words(language: str) -> tuple[dict[str, int], re.Pattern[str]]:
    words = {_WRITERS[language](n): n for n in range(2, 1000)} | ({"两": 2} if language == "zh" else {})
    if language == "zh":
        return words, re.compile("[零一二三四五六七八九十百千万亿两几第半]+|[0-9]+")
    ordered = sorted(words, key=len, reverse=True)
    return words, re.compile(rf"(?<![\w-])(?:{'|'.join(ordered)})(?![\w-])|[0-9]+")


def _numbers_exchanged(
    pair: tuple[str, str], languages: tuple[str, str], dice: random.Random
) -> tuple[str, str] | None:
    """The pair with its one number exchanged, in words or digits as it was written on each side."""
    places = []
    for text, language in zip(pair, languages, strict=True):
        words, pattern = _number_words(language)
        found = [one for one in pattern.finditer(text) if one.group().isdigit() or one.group() in words]
        if len(found) != 1:
            return None
        places.append((found[0], words.get(found[0].group()) or int(found[0].group())))
    old = places[0][1]
    if old != places[1][1] or old < 2:
        return None
    new = _like_number(old, dice)
    if new == old or re.match(r"[,.:]\d", pair[0][places[0][0].end() :]):
        return None
    made = []
    for text, language, (place, _) in zip(pair, languages, places, strict=True):
        word = str(new) if place.group().isdigit() else _WRITERS[language](new)
        made.append(text[: place.start()] + word + text[place.end() :])
    return made[0], made[1]


def _like_number(old: int, dice: random.Random) -> int:
    if 1000 <= old < 2100:
        return dice.randint(1800, 2035)
    for limit in (10, 31, 100, 1000):
        if old <= limit:
            return dice.randint(3, 9) if limit == 10 else dice.randint(limit // 5, limit - 1)
    return dice.randint(old // 2, min(2 * old, numbers.LIMIT - 1)) if old < numbers.LIMIT else old
