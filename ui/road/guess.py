"""A guess before the answer: the reader commits to one, and then the truth, out of the run, is drawn beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st

from figures.base.theme import theme
from figures.road.guess import guess_bars
from ui.frame.text import dotted, escape, t
from ui.parts.charts import chart
from ui.state.models import Asked
from ui.state.session import identify_run, mode
from ui.state.view import View

CLOSE = 0.95  # of the truth: who guesses the second of two equals is right as well


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


def show_guess(view: View, guess: Guess) -> None:
    """Draw the question; once a guess is given, the truth beside it, which no page holds before."""
    lang, asked = view.lang, identify_run(view).edited
    st.markdown(f"##### {t('road.guess', lang)}")
    given: dict[Asked, int] = st.session_state.setdefault(f"guesses.{guess.page}", {})
    st.markdown(dotted(f"guess_{guess.page}.asks", lang))
    if asked not in given:
        place = f"guess.{guess.page}"

        def commit() -> None:
            given[asked] = st.session_state[place]

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
    mine, numbers = given[asked], list(guess.answers())
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
