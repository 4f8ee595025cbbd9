"""Words that are hidden and shown again: nothing of a text is lost on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transformer_core.models.files import load_model
from ui.decode.hiding import hiding_of

WORDS = load_model("words-en")
TEXTS = (
    "Our neighbours have a cat at home.",
    'He said: "Unbelievable, is it not?" (Twice!)',
    "I don't know O'Brien's 24 zebras…",
    "x",
    "猫 and ☕",
)


@pytest.mark.parametrize("text", TEXTS)
def test_every_word_can_be_hidden_and_comes_back(text: str) -> None:
    whole = hiding_of(WORDS, text, "")
    mask = whole.side.tokenizer.mask_id
    for number, group in enumerate(whole.groups):
        hidden = whole.toggled(number)
        assert hidden.places == group
        assert hidden.hidden == tuple(whole.ids[place] for place in group)
        # what stands in the bar is read as what was meant
        again = hiding_of(WORDS, hidden.text, hidden.whole_text)
        assert (again.ids, again.whole, again.groups) == (hidden.ids, whole.ids, whole.groups)
        assert all(again.ids[place] == mask for place in group)
        assert again.toggled(number).ids == whole.ids
        assert again.toggled(number).text == WORDS.source_tokenizer.normalise(text)


@given(st.text(max_size=40), st.data())
def test_any_text_with_any_words_hidden_comes_back(text: str, data: st.DataObject) -> None:
    if not WORDS.source_tokenizer.encode(text):
        return
    whole = now = hiding_of(WORDS, text, "")
    chosen = data.draw(st.lists(st.integers(0, len(whole.groups) - 1), unique=True, max_size=4))
    for number in chosen:
        now = now.toggled(number)
    read = hiding_of(WORDS, now.text, now.whole_text)
    assert read.ids == now.ids
    for number in chosen:
        now = now.toggled(number)
    assert (now.ids, now.text) == (whole.ids, whole.text)


def test_a_gap_of_which_nobody_knows_what_it_hides_stays_until_a_word_is_put_there() -> None:
    text = "I have a [MASK]."
    found = hiding_of(WORDS, text, "something else")
    assert found.hidden == (None,)
    number = next(i for i, group in enumerate(found.groups) if found.places[0] in group)
    assert found.toggled(number) == found
    (cat,) = WORDS.source_tokenizer.encode("cat")
    put = found.with_word(found.places[0], cat)
    assert (put.text, put.whole_text, put.places) == ("I have a cat.", "I have a cat.", ())


def test_a_whole_text_that_differs_elsewhere_tells_nothing() -> None:
    assert hiding_of(WORDS, "I have a [MASK].", "You have a cat.").hidden == (None,)
    assert hiding_of(WORDS, "I have a [MASK].", "I have a cat.").hidden != (None,)
