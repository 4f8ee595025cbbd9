"""Choices of one page: from the link once, kept over pages, back into the link; nonsense in a link is told."""

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some

from ui.state.options import Option, OptionOf, decimal, one_of, read_link, tied, to_link, whole_number
from ui.state.view import Problem

RULE = Option("rule", "greedy", one_of("greedy", "beam"))
SEED = Option("seed", 0, whole_number(0, 99))
HEAT = Option("heat", 1.0, decimal(0.1, 3.0), "{:g}".format)


@pytest.fixture(autouse=True)
def state(monkeypatch):
    state = {}
    monkeypatch.setattr(st, "session_state", state)
    return state


class TestTheLink:
    def test_what_it_says_is_chosen_once_and_stands_in_the_next_link(self, state):
        state["rest_of_link"] = {"rule": "beam", "seed": "0", "heat": "0.5", "other": "1"}
        assert read_link(RULE, SEED, HEAT) == []
        assert (RULE.value, SEED.value, HEAT.value) == ("beam", 0, 0.5)
        assert to_link(RULE, SEED, HEAT) == {"rule": "beam", "heat": "0.5"}  # the seed is as it is without a link
        RULE.choose("greedy")
        read_link(RULE)
        assert RULE.value == "greedy", "the link spoke twice"

    @pytest.mark.parametrize(
        ("option", "text"),
        [
            (RULE, "best"),
            (SEED, "-1"),
            (SEED, "100"),
            (SEED, "x"),
            (SEED, "٣"),
            (HEAT, "nan"),
            (HEAT, "0"),
            (HEAT, "x"),
        ],
    )
    def test_nonsense_is_told_and_the_default_stays(self, state, option, text):
        state["rest_of_link"] = {option.name: text}
        assert read_link(option) == [Problem(option.name, text, option.write(option.default))]
        assert option.value == option.default

    @given(some.text(max_size=12))
    def test_no_text_breaks_a_reader(self, text):
        for option in (RULE, SEED, HEAT):
            value = option.read(text)
            assert value is None or option.read(option.write(value)) == value


def test_a_widget_shows_the_choice_and_changes_it(state):
    arguments = SEED.widget()
    assert state[arguments["key"]] == 0
    state[arguments["key"]] = 7  # as Streamlit does before it calls back
    arguments["on_change"]()
    assert SEED.value == 7


def test_each_thing_has_its_own_choice_and_the_link_speaks_of_what_is_looked_at(state):
    here = ["a sentence"]
    option = OptionOf("guess", -1, whole_number(0, 99), belongs=lambda: here[0])
    state["rest_of_link"] = {"guess": "3"}
    assert read_link(option) == []
    assert to_link(option) == {"guess": "3"}
    here[0] = "another"
    assert (option.value, to_link(option)) == (-1, {})
    option.choose(0)
    assert to_link(option) == {"guess": "0"}
    here[0] = "a sentence"
    assert option.value == 3


def test_a_choice_for_one_thing_is_none_for_another(state):
    SEED.choose(7)  # as a link does, before anything is shown
    assert tied(SEED, "a sentence") == 7
    SEED.choose(8)
    assert tied(SEED, "a sentence") == 8
    assert tied(SEED, "another") == 0
    assert tied(SEED, "a sentence") == 0
