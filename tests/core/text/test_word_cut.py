"""Where a text without spaces is cut: into the words whose shares multiply to most, found against all ways to cut."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from pathlib import Path

import pytest

from transformer_core.glass.errors import ConfigError
from transformer_core.text.hub_tokenizer import load_tokenizer
from transformer_core.text.word_cut import WordCut
from transformer_core.text.word_tokenizer import WordTokenizer

COUNTS = {"我": 9, "我们": 7, "们": 1, "去": 8, "学": 2, "校": 1, "学校": 5, "校门": 1, "门": 3, "tom": 4}


def ways(text: str) -> Iterator[list[str]]:
    if not text:
        yield []
    for n in range(1, len(text) + 1):
        yield from ([text[:n], *rest] for rest in ways(text[n:]))


@pytest.mark.parametrize("text", ["我们去学校", "学校门", "去学我们", "我去学校门"])
def test_it_is_the_most_probable_of_all_ways(text: str) -> None:
    total = sum(COUNTS.values())
    shares = {tuple(words): prod(COUNTS.get(word, 0) / total for word in words) for words in ways(text)}
    assert tuple(WordCut(COUNTS)(text)) == max(shares, key=shares.__getitem__)


def test_what_is_in_no_word_stands_alone_and_marks_and_digits_are_none() -> None:
    assert WordCut(COUNTS)("我们，去龘学校3次。Tom去！") == ["我们", "去", "龘", "学校", "次", "Tom", "去"]
    assert WordCut({})("我们") == ["我", "们"]


def test_a_list_of_chinese_words_reads_a_sentence() -> None:
    words = WordTokenizer("zh", tuple(COUNTS), tuple(COUNTS.values()))
    assert words.pieces(words.encode("我们，和Tom去学校！")) == ("我们", "tom", "去", "学校")
    assert words.unseen("我们和Tom去学校！") == ("和",)
    assert words.decode(words.encode("我们去学校")) == "我们去学校"


def test_a_list_is_read_again_and_one_of_no_language_is_refused(tmp_path: Path) -> None:
    words = WordTokenizer("zh", tuple(COUNTS), tuple(COUNTS.values()))
    words.save(tmp_path / "words.json")
    again = load_tokenizer(tmp_path / "words.json")
    assert again.encode("我们去学校") == words.encode("我们去学校")
    with pytest.raises(ConfigError, match="a language out of"):
        WordTokenizer("xx", ("a",))
