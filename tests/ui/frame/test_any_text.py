"""Any text that can be typed, as the source or as the target, is read as text; what the model does not get is said."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.drawn import maps
from tests.ui.opened import components, open_page, sound, type_source, warnings, words
from transformer_core.text.incoming import prepare
from ui.frame.text import escape, t
from ui.state.models import DEFAULT_MODEL, get_model

CHINESE = "我有一只猫"
RIGHT_TO_LEFT = "\u200fשלום\u202e猫\u202c مرحبا"
DANGEROUS = [
    "<s>",
    "</s>",
    "<pad>",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "$x$",
    "$$\\frac{1}{0}$$",
    "{}",
    "{0}",
    "{source}",
    "%s %(x)d",
    "**猫** _猫_ `猫` [猫](http://猫) ![猫](猫) :red[猫] :cat: # 猫",
    "&lt;b&gt; &amp; &",
    RIGHT_TO_LEFT,
    "😀👩‍👩‍👧‍👦🇨🇳",
    "猫 猫 猫 猫 猫",
    "a\u0000b\u0007c",
    "e\u0301\u0301\u0301",
    "..//\\\\..",
    "NaN None null -1 1e999",
]


@pytest.fixture(scope="module")
def page() -> AppTest:
    """The attention page, kept open: the tests that use it type one sentence after another."""
    return open_page(source=CHINESE, lang="en", stage="weights", block="cross_attn")


@pytest.mark.slow
@pytest.mark.parametrize("text", DANGEROUS)
def test_any_text_is_shown_as_it_is(page: AppTest, text: str) -> None:
    type_source(page, text)
    tokenizer, ready = get_model(DEFAULT_MODEL).source_tokenizer, prepare(text, "zh")
    assert tokenizer is not None
    for note in ready.notes:  # what the model does not get is said
        assert any(escape("  ".join(note.found)) in warning for warning in warnings(page))
    assert components(page)["address"]["query"]["source"] == text
    if not ready.text:
        assert t("error.empty_text", "en") in warnings(page)
        return
    ids = tokenizer.encode(ready.text)
    assert words(page)[0] == [*tokenizer.pieces(ids), "</s>"]
    flags = components(page)["words"]["lines"][0]
    assert flags["special"] == [False] * len(ids) + [True]
    assert len(flags["unseen"]) == len(ids) + 1
    pieces = [*words(page)[0]]
    assert maps(page)["map0"]["column_labels"] == [f"{i} {piece}" for i, piece in enumerate(pieces)]
    for warning in warnings(page):  # what training never saw is said, with every mark of Markdown escaped
        assert "<" not in warning.replace("\\<", "")
        assert "$" not in warning.replace("\\$", "")


@pytest.mark.parametrize("text", ["<s>", "<script>alert(1)</script>", "$x$ {0} {}", "I have a cat.", RIGHT_TO_LEFT])
def test_the_decoder_is_made_to_write_any_text(page: AppTest, text: str) -> None:
    page.text_input(key="target").set_value(text)
    type_source(page, CHINESE)
    tokenizer = get_model(DEFAULT_MODEL).target_tokenizer
    assert tokenizer is not None
    source, forced, own = words(page)
    assert source == [*CHINESE, "</s>"]
    assert forced == [*tokenizer.pieces(tokenizer.encode(text)), "</s>"]
    assert own == list(get_model(DEFAULT_MODEL).translate(CHINESE).tokens)
    sound(page.text_input(key="target").set_value("").run())
    assert words(page)[1:] == [own]


@pytest.mark.slow
def test_a_target_of_spaces_is_none(page: AppTest) -> None:
    page.text_input(key="target").set_value("  ")
    assert len(words(type_source(page, CHINESE))) == 2
    sound(page.text_input(key="target").set_value("").run())


@pytest.mark.slow
@pytest.mark.parametrize("side", ["source", "target"])
def test_200_words_are_too_many_and_nothing_is_lost(page: AppTest, side: str) -> None:
    limit = get_model(DEFAULT_MODEL).config.max_length - 1
    text = " ".join(["猫"] * 200)
    sound(page.text_input(key=side).set_value(text).run())
    (warning,) = warnings(page)
    assert str(limit) in warning
    assert page.text_input(key=side).value == text
    assert maps(page) == {}
    sound(page.text_input(key=side).set_value(CHINESE if side == "source" else "").run())
    assert warnings(page) == []
    assert len(maps(page)) == 1


@pytest.mark.slow
def test_the_longest_sentence_it_takes_is_drawn(page: AppTest) -> None:
    limit = get_model(DEFAULT_MODEL).config.max_length - 1
    type_source(page, "猫" * limit)
    assert len(words(page)[0]) == limit + 1
    assert len(maps(page)) == 1


@pytest.mark.slow
def test_what_training_never_saw_is_marked_and_named(page: AppTest) -> None:
    type_source(page, "我有ж")
    assert components(page)["words"]["lines"][0]["unseen"][:2] == [False, False]
    assert all(components(page)["words"]["lines"][0]["unseen"][2:-1])
    assert any("ж" in warning for warning in warnings(page))
    type_source(page, CHINESE)
    assert warnings(page) == []


@pytest.mark.slow
def test_traditional_characters_are_read_as_simplified_ones_and_the_reader_is_told(page: AppTest) -> None:
    type_source(page, "我昨天買了一本書😀")
    assert words(page)[0] == [*"我昨天买了一本书", "</s>"]
    assert words(page)[1] == list(get_model(DEFAULT_MODEL).translate("我昨天买了一本书").tokens)
    assert warnings(page) == [
        t("incoming.simplified", "en", found=escape("買 → 买  書 → 书")),
        t("incoming.emoji", "en", found="😀"),
    ]
    assert components(page)["address"]["query"]["source"] == "我昨天買了一本書😀"
