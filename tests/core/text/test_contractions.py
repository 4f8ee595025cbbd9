"""English contractions: each is written out as the table says, and possessives stay."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transformer_core.text.contractions import CONTRACTIONS, expand
from transformer_core.text.normalise import normalise


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("I'm", "I am"),
        ("Don't you?", "Do not you?"),
        ("You can't, won't and shan't.", "You cannot, will not and shall not."),
        ("CAN'T", "CANNOT"),
        ("Let's go", "Let us go"),
        ("LET'S GO", "LET US GO"),
        ("He's here, who's there?", "He is here, who is there?"),
        ("It's been long", "It has been long"),
        ("They're sure we've won", "They are sure we have won"),
        ("Tom'll come", "Tom will come"),
        ("I'd like to", "I would like to"),
        ("You'd better go", "You had better go"),
        ("It shouldn't've", "It should not have"),
        ("I\u2019m", "I am"),
    ],
)
def test_contractions_are_written_out(short: str, full: str) -> None:
    """Each contraction becomes words, with its capitals."""
    assert normalise(short, "en") == full


@pytest.mark.parametrize(
    "text",
    ["Tom's book", "the boys' room", "one's own", "its", "o'clock", "ain't", "everyone's friend", "Lett's", "ill"],
)
def test_possessives_stay(text: str) -> None:
    """What is no contraction of the table is left alone."""
    assert expand(text) == text


@pytest.mark.parametrize("language", ["zh", "fr"])
def test_only_english_is_written_out(language: str) -> None:
    """Contractions of other languages are not touched."""
    assert normalise("I'm l'homme", language) == "I'm l'homme"


@settings(deadline=None)  # a busy machine is no failure
@given(st.text(alphabet="aIitsdonlwc've ", max_size=30))
def test_written_out_text_stays(text: str) -> None:
    """Writing out is done once and for all."""
    assert expand(expand(text)) == expand(text)


def test_the_table_is_what_is_applied() -> None:
    """Each row of the printed table does something."""
    words = {r"\w+": "they"}
    for before, short, after, full in CONTRACTIONS:
        word = words.get(before, before.split("|")[0])
        follows = after.replace("(?:", "").split("|")[0].rstrip(")")
        assert expand(word + short + follows) == word + full + follows
