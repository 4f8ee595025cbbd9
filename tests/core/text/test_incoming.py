"""Typed text made ready: traditional characters, emoji and invisible characters, each with a note, and nothing else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transformer_core.text.incoming import Note, Prepared, prepare

LANGUAGES = ("zh", "en", "fr")
INVISIBLE = [
    "\u200b", "\u200c", "\u200d", "\ufeff", "\u2060", "\u200e", "\u202e", "\u2066", "\u00ad", "\u034f", "\ufe0f",
    "\U000e0100", "\U000e0061", "\u3164", "\u2800", "\x00", "\x07", "\x7f", "\u180e",
]  # fmt: skip
EMOJI = ["😀", "❤️", "👍🏽", "👨‍👩‍👧", "🇫🇷", "5️⃣", "🍕", "☀", "✅", "☎️", "©️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]


@pytest.mark.parametrize(
    ("typed", "read", "changed"),
    [
        ("我昨天買了一本書", "我昨天买了一本书", ("買 → 买", "書 → 书")),
        ("老師說蘋果比香蕉貴。", "老师说苹果比香蕉贵。", ("師 → 师", "說 → 说", "蘋 → 苹", "貴 → 贵")),
        ("他的頭髮在後面，皇后很有名。", "他的头发在后面，皇后很有名。", ("頭 → 头", "髮 → 发", "後 → 后")),
        ("著名的作家", "著名的作家", ()),
        ("我有一只猫，１２３。", "我有一只猫，１２３。", ()),
    ],
)
def test_traditional_characters_become_simplified_ones(typed: str, read: str, changed: tuple[str, ...]) -> None:
    notes = (Note("simplified", changed),) if changed else ()
    assert prepare(typed, "zh") == Prepared(read, notes)
    assert prepare(typed, "en") == Prepared(typed, ())  # another model's business


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mark", INVISIBLE, ids=lambda mark: f"U+{ord(mark):04X}")
def test_an_invisible_character_is_dropped_and_named(mark: str, language: str) -> None:
    done = prepare(f"{mark}I lo{mark}ve you.{mark}", language)
    assert done.text == "I love you."
    (note,) = done.notes
    assert note.code == "invisible"
    assert note.found == (f"U+{ord(mark):04X} {unicodedata.name(mark, '')}".strip(),)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("emoji", EMOJI)
def test_an_emoji_is_set_aside_whole_and_shown(emoji: str, language: str) -> None:
    done = prepare(f"I love pizza {emoji}{emoji}!", language)
    assert done.text == "I love pizza !"
    assert done.notes[0].code == "emoji"
    if "\U000e0067" not in emoji:  # a flag of letters that cannot be seen: they are named too
        assert done == Prepared("I love pizza !", (Note("emoji", (emoji,)),))


@pytest.mark.parametrize(
    "text",
    [
        "© 2024 ™ → ↔ ½ № €5 #1 *2",
        "12:30 — « l'été » … “x”",
        "café\u0301",
        "a\tb\nc d\u3000e",
        "漢 字 ー",
        "👁"[:0] + "ℹ!?",
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_signs_of_ordinary_text_stay(text: str, language: str) -> None:
    assert prepare(text, language) == Prepared(text, ())


def test_all_at_once_in_a_fixed_order_each_thing_once() -> None:
    done = prepare("\ufeff我愛你😀，我愛😀你\u200b\u200b", "zh")
    assert done.text == "我爱你，我爱你"
    assert [note.code for note in done.notes] == ["simplified", "emoji", "invisible"]
    assert [note.found for note in done.notes] == [
        ("愛 → 爱",),
        ("😀",),
        ("U+FEFF ZERO WIDTH NO-BREAK SPACE", "U+200B ZERO WIDTH SPACE"),
    ]


def test_nothing_may_be_left() -> None:
    assert prepare("😀\u200b", "zh").text == ""
    assert prepare("", "zh") == Prepared("", ())


@pytest.mark.parametrize("text", ["5😀\u20e3", "🇫😀🇷", "5\u200b\u20e3", "\ud800a"])
def test_what_comes_together_only_then_is_seen_too(text: str) -> None:
    once = prepare(text, "en").text
    assert prepare(once, "en") == Prepared(once, ())


@pytest.mark.slow
@given(st.text(), st.sampled_from(LANGUAGES))
def test_twice_is_once_and_what_is_unnoted_is_unchanged(text: str, language: str) -> None:
    once = prepare(text.encode("utf-8", "replace").decode(), language)
    assert prepare(once.text, language) == Prepared(once.text, ())
    assert bool(once.notes) == (once.text != text.encode("utf-8", "replace").decode())
