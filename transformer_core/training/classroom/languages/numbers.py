"""Whole numbers, dates and times of day in Chinese, English and French, in words and in digits."""

from __future__ import annotations

_ZH_DIGITS = "零一二三四五六七八九"
_ZH_UNITS = ("", "十", "百", "千")
_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_EN_TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
_FR = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit "
    "dix-neuf"
).split()
_FR_TENS = "- - vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt".split()
LIMIT = 10_000  # numbers below it have words here
MONTHS = "January February March April May June July August September October November December".split()
MOIS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()


def chinese(n: int, *, counting: bool = False) -> str:
    """The number in Chinese words, 0 to 9,999; with `counting`, as before a measure word: 两, not 二."""
    _check(n)
    if n == 2 and counting:
        return "两"
    if n < 10:
        return _ZH_DIGITS[n]
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = n // 10**place % 10
        if digit == 0:
            gap = bool(words)
            continue
        words += ("零" if gap else "") + _ZH_DIGITS[digit] + _ZH_UNITS[place]
        gap = False
    words = words.removeprefix("一") if words.startswith("一十") else words
    return "两" + words[1:] if words[:2] in ("二千", "二百") else words


def english(n: int) -> str:
    """The number in English words, 0 to 9,999: "one hundred and twenty-five"."""
    _check(n)
    if n < 20:
        return _EN[n]
    if n < 100:
        return _EN_TENS[n // 10] + (f"-{_EN[n % 10]}" if n % 10 else "")
    size, word = (1000, "thousand") if n >= 1000 else (100, "hundred")
    rest = n % size
    joint = " and " if rest < 100 else " "
    return f"{_EN[n // size]} {word}" + (f"{joint}{english(rest)}" if rest else "")


def french(n: int) -> str:
    """The number in French words, 0 to 9,999: "quatre-vingt-onze", "deux cents"."""
    _check(n)
    if n < 20:
        return _FR[n]
    if n < 100:
        tens, ones = divmod(n, 10)
        if tens in (7, 9):
            tens, ones = tens - 1, ones + 10
        if ones == 0:
            return _FR_TENS[tens] + ("s" if tens == 8 else "")
        return _FR_TENS[tens] + (" et " if ones in (1, 11) and tens != 8 else "-") + _FR[ones]
    size, word = (1000, "mille") if n >= 1000 else (100, "cent")
    many, rest = divmod(n, size)
    head = word if many == 1 else f"{_FR[many]} {word}"
    if rest == 0:
        return head + ("s" if word == "cent" and many > 1 else "")
    return f"{head} {french(rest)}"


def dates(month: int, day: int, year: int | None, *, digits: bool) -> tuple[str, str, str]:
    """A date in the three languages; the French one without its "le". Days and years in English and French are digits.

    Args:
        month: 1 to 12.
        day: 1 to 31.
        year: None to leave it out.
        digits: whether Chinese writes digits.
    """
    zh = f"{month}月{day}日" if digits else f"{chinese(month)}月{chinese(day)}日"
    zh_year = "" if year is None else f"{year}年" if digits else "".join(_ZH_DIGITS[int(d)] for d in str(year)) + "年"
    en = f"{MONTHS[month - 1]} {day}" + ("" if year is None else f", {year}")
    fr = f"{'1er' if day == 1 else day} {MOIS[month - 1]}" + ("" if year is None else f" {year}")
    return zh_year + zh, en, fr


def times(hour: int, minute: int, *, digits: bool) -> tuple[str, str, str]:
    """A time of day, hour 1 to 11, in the three languages, in words or in digits.

    Raises:
        ValueError: if `minute` has no words here: 0, 5, 10, 15, 20 and 30 have.
    """
    if digits:
        return f"{hour}点{minute:02}分", f"{hour}:{minute:02}", f"{hour} h {minute:02}"
    zh, en, fr = f"{chinese(hour, counting=True)}点", english(hour), f"{french(hour)} heure{'s' * (hour > 1)}"
    fr = "une heure" if hour == 1 else fr
    if minute == 0:
        return zh, f"{en} o'clock", fr
    if minute == 30:
        return f"{zh}半", f"half past {en}", f"{fr} et demie"
    if minute == 15:
        return f"{zh}一刻", f"a quarter past {en}", f"{fr} et quart"
    if minute in (5, 10, 20):
        zero = "零" if minute < 10 else ""
        return f"{zh}{zero}{chinese(minute)}分", f"{english(minute)} past {en}", f"{fr} {french(minute)}"
    raise ValueError(f"minute {minute} has no words here")


def _check(n: int) -> None:
    if not 0 <= n < LIMIT:
        raise ValueError(f"{n} is not in 0 to {LIMIT - 1:,}")
