"""A guess before the answer: the reader commits to one, and then the truth, out of the run, is drawn beside it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from figures.base.theme import theme
from figures.road.guess import guess_bars
from ui.frame.text import dotted, escape, t
from ui.parts.charts import chart
from ui.state.options import Option, OptionOf, whole_number
from ui.state.session import current_view, identify_run, mode, show_problems
from ui.state.view import Problem, View

CLOSE = 0.95  # of the truth: who guesses the second of two equals is right as well
NOTHING, MOST = -1, 999  # no guess yet; the number of the last option, at most


@dataclass(frozen=True)
class Guess:
    """A question about the reader's own run.

    Attributes:
        page: whose question it is; its texts are `guess_<page>`: asks, axis, right, wrong.
        options: what can be guessed.
        answers: computes a number for each; the largest is the truth.
        says: writes such a number.
    """

    page: str
    options: Sequence[str]
    answers: Callable[[], Sequence[float]]
    says: Callable[[float], str]


def given_on(page: str, about: Callable[[], Hashable] = lambda: None) -> Option[int]:
    """Return the number of the option that was guessed on a page, as a choice of it that stands in its link.

    Args:
        page: whose question it is.
        about: returns what the question hangs on besides the run.
    """
    return OptionOf(
        "guess",
        NOTHING,
        whole_number(0, MOST),
        lambda given: "-" if given == NOTHING else str(given),
        belongs=lambda: (page, identify_run(current_view()).edited, about()),
    )


def show_guess(view: View, guess: Guess, given: Option[int]) -> None:
    """Draw the question; once a guess is given, the truth beside it, which no page holds before.

    Args:
        view: what the reader chose.
        guess: the question.
        given: of `given_on`.
    """
    lang, mine = view.lang, given.value
    st.markdown(f"##### {t('road.guess', lang)}\n\n{dotted(f'guess_{guess.page}.asks', lang)}")
    if mine >= len(guess.options):
        show_problems(lang, [Problem(given.name, given.write(mine), given.write(NOTHING))])
        given.choose(NOTHING)
    if not 0 <= mine < len(guess.options):
        place = f"guess.{guess.page}"

        def commit() -> None:
            given.choose(st.session_state[place])

        st.session_state[place] = None
        st.pills(
            t("road.guess", lang),
            range(len(guess.options)),
            key=place,
            format_func=lambda i: escape(guess.options[i]),
            label_visibility="collapsed",
            on_change=commit,
        )
        return
    numbers = list(guess.answers())
    truth = max(range(len(numbers)), key=numbers.__getitem__)
    told = {"mine": guess.options[mine], "truth": guess.options[truth]}
    facts = {name: escape(text) for name, text in told.items()}
    facts |= {"my_number": guess.says(numbers[mine]), "true_number": guess.says(numbers[truth])}
    chart(_bars(view, guess, numbers, mine, truth), f"guess_bars_{guess.page}", t(f"guess_{guess.page}.axis", lang))
    right = numbers[mine] >= CLOSE * numbers[truth]
    st.markdown(dotted(f"guess_{guess.page}.right" if right else f"guess_{guess.page}.wrong", lang, **facts))


def _bars(view: View, guess: Guess, numbers: Sequence[float], mine: int, truth: int) -> go.Figure:
    names = {name: t(f"road.{name}", view.lang) for name in ("mine", "truth")}
    texts = [guess.says(number) for number in numbers]
    title = t(f"guess_{guess.page}.axis", view.lang)
    return guess_bars(guess.options, numbers, texts, mine, truth, title, names, theme(mode()))
