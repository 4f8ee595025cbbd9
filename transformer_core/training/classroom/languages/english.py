"""English words in sentences: articles, plurals, comparison, verbs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from transformer_core.training.classroom.values import PERSONS, Unfit, Value, cell, spelled

_DOUBLED = {
    word: word + word[-1]
    for word in "big hot sad thin fat wet swim shop put cut run get set sit win plan chat dig stop begin forget".split()
}
_HE = {"m": "he", "f": "she", "p": "they"}
_HIS = {"m": "his", "f": "her", "p": "their"}
_PRONOUNS = {"1s": "I", "2s": "you", "1p": "we", "2p": "you", "3p": "they"}
BRITISH = {
    "neighbor": "neighbour", "favorite": "favourite", "color": "colour", "traveled": "travelled", "gray": "grey",
    "math": "maths", "movie": "film", "movies": "films", "soccer": "football", "subway": "underground",
    "theater": "theatre", "cookie": "biscuit", "cookies": "biscuits", "kilometers": "kilometres", "truck": "lorry",
    "trucks": "lorries", "cell phone": "mobile phone", "cell phones": "mobile phones", "television": "TV",
}  # fmt: skip
_AMERICAN = re.compile(rf"\b({'|'.join(sorted(BRITISH, key=len, reverse=True))})\b")


def british(text: str) -> str:
    """The text with British words and spellings where the patterns have American ones."""
    return _AMERICAN.sub(lambda found: BRITISH[found.group()], text)


def article(phrase: str) -> str:
    """The phrase with "a" or "an" before it, by its first sound."""
    vowel = phrase[:1].lower() in "aeiou" and not re.match(r"(uni|use|eu|one\b)", phrase.lower())
    return ("an " if vowel or phrase.startswith(("hour", "honest")) else "a ") + phrase


def plural(noun: str, given: str = "") -> str:
    """The plural of a noun by the rule, unless the table gives one."""
    if given:
        return given
    if re.search(r"(s|x|z|ch|sh)$", noun):
        return f"{noun}es"
    return f"{noun[:-1]}ies" if re.search(r"[^aeiou]y$", noun) else f"{noun}s"


def compared(adjective: str, more: str, ending: str) -> str:
    """The comparative ("er") or superlative ("est") of an adjective; `more` is the table's cell."""
    if more == "more":
        return f"{'more' if ending == 'er' else 'most'} {adjective}"
    if more == "better":
        return "better" if ending == "er" else "best"
    stem = _DOUBLED.get(adjective, adjective)
    stem = f"{stem[:-1]}i" if re.search(r"[^aeiou]y$", stem) else stem.removesuffix("e")
    return stem + ending


def third_person(verb: str) -> str:
    """A verb phrase as he or she does it: "play chess" is "plays chess"."""
    first, _, rest = verb.partition(" ")
    irregular = {"have": "has", "do": "does", "go": "goes"}
    return " ".join(filter(None, (irregular.get(first) or plural(first), rest)))


def ing(verb: str) -> str:
    """A verb phrase in its -ing form: "dance" is "dancing"."""
    first, _, rest = verb.partition(" ")
    stem = _DOUBLED.get(first, first)
    if stem.endswith("ie"):
        stem = f"{stem[:-2]}y"
    elif not stem.endswith(("ee", "oe", "ye")):
        stem = stem.removesuffix("e")
    return " ".join(filter(None, (f"{stem}ing", rest)))


def past(verb: str) -> str:
    """The past of a regular verb: "cry" is "cried"."""
    stem = _DOUBLED.get(verb, verb)
    stem = f"{stem[:-1]}i" if re.search(r"[^aeiou]y$", stem) else stem.removesuffix("e")
    return f"{stem}ed"


def render(value: Value, form: str, words: list[str], values: Mapping[str, Value]) -> str:
    """The English text of a value in a form; "" is its plain one.

    Raises:
        Unfit: if this value has no such form.
    """
    row, text = value.row, value.row.get("en", "")
    match form:
        case "":
            return cell(row, "en")
        case "a":
            return article(text)
        case "pl":
            return text if row["en_plural"] == "-" else plural(text, row["en_plural"])
        case "er" | "est":
            return compared(text, row["en_more"], form)
        case "people" | "speech" | "capital":
            return cell(row, f"{form}_en")
        case "past" | "present" | "future":
            return cell(row, f"en_{form}")
        case "v":
            return spelled(words, value.person)
        case "he" | "his":
            return (
                _PRONOUNS.get(value.person, "")
                if form == "he" and value.person in _PRONOUNS
                else ((_HE if form == "he" else _HIS)[value.gender])
            )
    return _activity(text, form, words, values)


def _activity(text: str, form: str, words: list[str], values: Mapping[str, Value]) -> str:
    match form:
        case "s":
            return third_person(text)
        case "ing":
            return ing(text)
        case "is_ing" | "was_ing":
            return f"{form.removesuffix('_ing')} {ing(text)}"
        case "as":
            return third_person(text) if values[words[0]].person == "3s" else text
        case "prog":
            being = dict(zip(PERSONS, ("am", "are", "is", "are", "are", "are"), strict=True))
            return f"{being[values[words[0]].person]} {ing(text)}"
    raise Unfit(f"English has no form {form!r}")
