"""Drawing what fills a slot: names, known and made up, numbers, dates, and rows of the tables."""

from __future__ import annotations

import random

from transformer_core.training.classroom.languages import numbers
from transformer_core.training.classroom.tables import Row, read_table, rows_of
from transformer_core.training.classroom.values import Value

_STARTS = "B Br C Ch D Dr F Fl G Gr H J K Kl L M N P Pr R S Sh St T Tr V W Z".split()
_VOWELS = "a e i o u a e i o ai ou ie".split()
_MIDDLES = "b d f g k l ll m n nd nn p r rr s ss st t v z".split()
_ENDS = ["", "n", "r", "l", "s", "k", "x", "th", "m", "ck"]

# The numbers of a slot: the smallest, the largest, whether Chinese counts with 两, and how often digits are written.
_RANGES = {
    "n": (2, 10, True, 0.2),
    "nn": (11, 99, False, 0.4),
    "age": (5, 99, True, 0.4),
    "price": (5, 999, True, 0.5),
    "page": (2, 300, False, 0.5),
    "km": (11, 980, False, 0.6),
    "temp": (3, 39, False, 0.5),
    "year": (1850, 2035, False, 1.0),
}


def draw(kind: str, dice: random.Random, *, chinese: bool, gendered: bool = True) -> Value:
    """Draw a value for a slot of this kind.

    Args:
        kind: the slot's name.
        dice: what decides.
        chinese: whether Chinese is one of the two languages.
        gendered: whether the source says "he" or "she" of a name; if not, an unknown name is a man's.
    """
    if kind in ("name", "man", "woman", "fullname"):
        gender = {"man": "m", "woman": "f"}.get(kind) or dice.choice("mf")
        one = chinese_name(gender, dice, full=True) if kind == "fullname" else name(gender, dice, chinese)
        if not gendered and kind in ("name", "fullname") and one not in read_table("names"):
            one = {**one, "gender": "m"}
        return Value(one)
    if kind in _RANGES:
        return Value(number(kind, dice))
    if kind == "phone":
        digits = "".join(dice.choice("0123456789") for _ in range(dice.randint(5, 11)))
        return Value({"zh": digits, "en": digits, "fr": digits})
    if kind in ("date", "time"):
        return Value(_when(kind, dice))
    if kind == "city":
        return Value(dice.choice(cities()))
    return Value(dice.choice(rows_of(kind)))


def name(gender: str, dice: random.Random, chinese: bool) -> dict[str, str]:
    """A first name: of the table, Chinese, or one that nobody has, to be carried over as it is."""
    share = dice.random()
    if share < (0.4 if chinese else 0.55):
        return dict(dice.choice([row for row in read_table("names") if row["gender"] == gender]))
    if share < (0.85 if chinese else 0.7):
        return chinese_name(gender, dice, full=dice.random() < 0.4)
    made_up = made_up_name(dice)
    return {"zh": made_up, "en": made_up, "fr": _aspirated(made_up), "gender": gender}


def chinese_name(gender: str, dice: random.Random, *, full: bool) -> dict[str, str]:
    """A Chinese given name of two characters or, with `full`, a family name with one or two."""
    family, given = (_part("family"), _part("given"))
    first, second = dice.choice(given), dice.choice(given)
    if full and dice.random() < 0.3:
        zh, latin = first["zh"], first["en"]
    else:
        if not full and dice.random() < 0.4:
            first = next(row for row in given if row["zh"] == "晓") if dice.random() < 0.2 else _LITTLE
        joint = "'" if second["en"][0] in "aeo" else ""  # pinyin's own rule: Xi'an
        zh, latin = first["zh"] + second["zh"], first["en"] + joint + second["en"]
    latin = latin.capitalize()
    if full:
        surname = dice.choice(family)
        zh, latin = surname["zh"] + zh, f"{surname['en']} {latin}"
    return {"zh": zh, "en": latin, "fr": _aspirated(latin), "gender": gender}


_LITTLE = {"zh": "小", "en": "xiao"}


def made_up_name(dice: random.Random) -> str:
    """A name of two or three syllables that can be said and is in no list: "Drello", "Kavius"."""
    text = dice.choice(_STARTS) + dice.choice(_VOWELS)
    for _ in range(dice.choice((1, 1, 1, 2))):
        text += dice.choice(_MIDDLES) + dice.choice(_VOWELS)
    return text + dice.choice(_ENDS)


def _aspirated(latin: str) -> str:
    return f"*{latin}" if latin.startswith("H") else latin


def number(kind: str, dice: random.Random) -> dict[str, str]:
    """A number of a slot, in words or in digits on all sides."""
    low, high, counting, share = _RANGES[kind]
    n = dice.randint(low, high)
    if kind == "price" and dice.random() < 0.2:
        n *= 10
    if dice.random() < share:
        return {"zh": str(n), "en": str(n), "fr": str(n), "zh_plain": str(n)}
    plain = numbers.chinese(n)
    zh = numbers.chinese(n, counting=True) if counting else plain
    # "huit" and "onze" take no elision, which * says
    star = "*" if n in (8, 11) or numbers.french(n).startswith(("huit", "onze")) else ""
    return {"zh": zh, "zh_plain": plain, "en": numbers.english(n), "fr": star + numbers.french(n)}


def cities() -> list[Row | dict[str, str]]:
    """The cities of the table and the capitals of the table of countries."""
    capitals = [
        {side: row[f"capital_{side}"] for side in ("zh", "en", "fr")}
        for row in read_table("countries")
        if row["capital_en"] != "-"
    ]
    return [*read_table("cities"), *capitals]


def _part(part: str) -> list[Row]:
    return [row for row in read_table("chinese_names") if row["part"] == part]


def _when(kind: str, dice: random.Random) -> dict[str, str]:
    digits = dice.random() < 0.5
    if kind == "date":
        year = dice.randint(1900, 2035) if dice.random() < 0.5 else None
        texts = numbers.dates(dice.randint(1, 12), dice.randint(1, 28), year, digits=digits)
    else:
        minute = dice.choice((0, 0, 0, 30, 30, 15, 10, 20, 5))
        digits = digits and minute != 0 and dice.random() < 0.4
        texts = numbers.times(dice.randint(1, 11), minute, digits=digits)
    return dict(zip(("zh", "en", "fr"), texts, strict=True))
