"""French words in sentences: gender, articles, elision, agreement, prepositions before countries."""

from __future__ import annotations

import re
from collections.abc import Mapping

from transformer_core.training.classroom.values import PERSONS, Unfit, Value, cell, spelled

# A word that begins like a vowel takes no elision where the tables write * before it: le *hibou, de *Hongrie.
_VOWEL = "[aeiouàâéèêëîïôùûüœhAEIOUÀÂÉÈÊËÎÏÔÙÛÜŒH]"
_ELIDED = re.compile(
    rf"(?<![\w-])([Jj]|[Mm]|[Tt]|[Ss]|[Ll]|[Dd]|[Nn]|[Qq]u|[Jj]usqu|[Ll]orsqu|[Pp]uisqu|[Cc])e (?={_VOWEL})"
)
_ELIDED_LA = re.compile(rf"\b([Ll])a (?={_VOWEL})")
_AVOIR = dict(zip(PERSONS, "ai as a avons avez ont".split(), strict=True))


def elided(text: str) -> str:
    """The text with elision (l'eau, j'aime, d'Emma, s'il) and contraction (du, au, des, aux); * marks are taken out.

    Only the article contracts, so a pronoun "le" must not follow "de" or "à" in a pattern.
    """
    text = re.sub(r"\b([Ss])i (?=ils?\b)", r"\1'", text)
    text = _ELIDED_LA.sub(r"\1'", _ELIDED.sub(r"\1'", text))
    for before, after in (("de [Ll]e", "du"), ("de [Ll]es", "des"), ("à [Ll]e", "au"), ("à [Ll]es", "aux")):
        text = re.sub(rf"\b{before} ", f"{after} ", text)
    return text.replace("*", "")


def begins_with_vowel(word: str) -> bool:
    """Whether the article before a word of the tables elides."""
    return re.match(_VOWEL, word) is not None


def plural(word: str, given: str = "") -> str:
    """The plural of a noun or an adjective by the rule, unless the table gives one."""
    if given:
        return given
    if re.search(r"[sxz]$", word):
        return word
    if re.search(r"(eau|eu)$", word):
        return f"{word}x" if word != "bleu" else "bleus"
    return re.sub(r"al$", "aux", word) if word.endswith("al") else f"{word}s"


def agreed(row: Mapping[str, str], gender: str, *, many: bool = False) -> str:
    """An adjective of the tables in a gender ("m" or "f") and number."""
    word = row["fr_f"] if gender == "f" else row["fr"]
    return word if not many or " " in word else plural(word)


def render(value: Value, form: str, words: list[str], values: Mapping[str, Value]) -> str:
    """The French text of a value in a form; elision is left to `elided`.

    Raises:
        Unfit: if this value has no such form.
    """
    row = value.row
    match form:
        case "with" | "pl" if words:
            other = values[words[0]]
            return agreed(row, other.gender, many=form == "pl" or other.is_plural)
        case "people" | "as" | "un_as" if "fr_present" not in row:
            feminine = words and values[words[0]].gender == "f"
            one = cell(row, ("people_fr" if form == "people" else "fr") + ("_f" if feminine else ""))
            return f"{'une' if feminine else 'un'} {one}" if form == "un_as" else one
        case "speech" | "le_speech" | "de_speech":
            speech = cell(row, "speech_fr")
            return {"speech": "", "le_speech": "le ", "de_speech": "de le "}[form] + speech
        case "capital":
            return cell(row, "capital_fr")
        case "past" | "if" | "future" if "fr_if" in row:
            return cell(row, f"fr_{form}")
        case "f":
            return cell(row, "fr_f")
        case "v" | "obj":
            return spelled(words, value.person)
        case "mf":
            return spelled(words, value.person, by=value.gender)
        case "two":
            both = value.gender == values[words[0]].gender == "f"
            return spelled(words[1:], value.person, by="f" if both else "m")
        case "agree":
            genders = {"m": 0, "a": 0, "f": 1, "p": 2, "mp": 2, "fp": 3}
            forms = [*words, f"{words[1]}s"] if len(words) == 3 else words
            return forms[genders[value.fr_gender]].replace("_", " ") if genders[value.fr_gender] < len(forms) else ""
        case "pp":
            if words:
                return words[2 * value.is_plural + (value.gender == "f")]
            return f"{row['fr_past']}"
        case "is":
            return "sont" if value.is_plural else "est"
        case "il":
            return _pronoun_or_verb(value)
        case "as":
            return _present(row, values[words[0]].person)
        case "perfect":
            return f"{_AVOIR[values[words[0]].person]} {row['fr_past']}"
    return _noun(value, form)


def _pronoun_or_verb(value: Value) -> str:
    if "fr_present" in value.row:
        return _present(value.row, "3s")
    if value.person in ("1s", "2s", "1p", "2p"):
        return cell(value.row, "fr")
    return ("elle" if value.gender == "f" else "il") + ("s" if value.is_plural else "")


def _present(row: Mapping[str, str], person: str) -> str:
    verb = row["fr_present"].split()[PERSONS.index(person)]
    return f"{verb} {row['fr'].partition(' ')[2]}".strip()


def _noun(value: Value, form: str) -> str:
    text, gender = cell(value.row, "fr"), value.fr_gender
    feminine, many = gender in ("f", "fp"), value.is_plural
    soft = begins_with_vowel(text)
    if "gender" in value.row and "capital_fr" in value.row:
        found = _country(text, gender, form)
        if found is not None:
            return found
    uncountable = value.row.get("fr_plural") == "-"
    plurals = text if many or uncountable else plural(text, value.row.get("fr_plural", ""))
    own = {"mon": "m", "ton": "t", "son": "s"}
    match form:
        case "":
            return text
        case "le":
            return f"{'les' if many else 'la' if feminine else 'le'} {text}"
        case "un":
            return f"{'une' if feminine else 'un'} {text}"
        case "pl":
            return plurals
        case "les":
            return _noun(value, "le") if uncountable else f"les {plurals}"
        case "des":
            return _noun(value, "du") if uncountable else f"des {plurals}"
        case "du":
            return f"de {_noun(value, 'le')}"
        case "de":
            return f"de {text}"
        case "au":
            return f"à {_noun(value, 'le')}"
        case "mon" | "ton" | "son":
            return f"{own[form]}{'es' if many else 'a' if feminine and not soft else 'on'} {text}"
        case "ce":
            return f"{'ces' if many else 'cette' if feminine else 'cet' if soft else 'ce'} {text}"
        case "celui":
            return "celle" if feminine else "celui"
        case "in":  # of a season
            return f"au {text}" if text == "printemps" else f"en {text}"
    raise Unfit(f"French has no form {form!r}")


def _country(text: str, gender: str, form: str) -> str | None:
    soft, many = begins_with_vowel(text), gender in ("p", "fp")
    the = "" if gender == "a" else "les " if many else "la " if gender == "f" else "le "
    match form:
        case "le":
            return the + text
        case "of":
            return f"de {the}{text}"
        case "from":
            return f"de {text}" if gender in ("f", "a") or (gender == "m" and soft) else f"de {the}{text}"
        case "in":
            if gender == "a":
                return f"à {text}"
            return f"en {text}" if gender == "f" or (gender == "m" and soft) else f"à {the}{text}"
    return None
