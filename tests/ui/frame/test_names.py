"""One thing has one name: the texts of the app keep to the table of terms in CONTRIBUTING.md."""

from __future__ import annotations

import re

import pytest

from tests.ui.code import ROOT
from ui.frame.text import LANGUAGES, section, texts

HAN = re.compile(r"[\u3400-\u9fff]")


def table() -> list[tuple[str, str, tuple[str, ...]]]:
    """English, Chinese, and the names that are not used, of each row."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = text.split("| English | 中文 | not |")[1].split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return [(english, chinese, tuple(filter(None, not_.split(", ")))) for english, chinese, not_ in cells]


def found(words: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Which of these words stand in a text: language, key, word."""
    return [
        (lang, key, word)
        for lang in LANGUAGES
        for key, text in texts(lang).items()
        for word in words
        if (word in text if HAN.search(word) else re.search(rf"\b{re.escape(word)}\b", text))
    ]


def test_the_table_is_read() -> None:
    assert len(table()) > 25
    assert all(not_ for _, _, not_ in table())


@pytest.mark.parametrize("row", table(), ids=lambda row: row[0])
def test_no_text_uses_another_name(row: tuple[str, str, tuple[str, ...]]) -> None:
    assert found(row[2]) == []


def test_a_name_that_is_not_used_would_be_found() -> None:
    text = texts("zh")["value_name.add"]
    assert found((text[-2:],))


def test_the_glossary_calls_a_term_as_the_table_does() -> None:
    names = {section("term", "en")[term]: name for term, name in section("term", "zh").items()}
    both = [(english, chinese) for english, chinese, _ in table() if english in names]
    assert len(both) > 12
    for english, chinese in both:
        assert names[english] == chinese
