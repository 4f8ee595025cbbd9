"""What the page on teacher forcing shows: both runs side by side, and the proof below."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st

from figures.base.labels import number
from figures.decode.forcing import two_runs
from transformer_core.decoding.forcing import Comparison, compare
from transformer_core.decoding.step_proof import StepProof, prove_steps
from transformer_core.glass.walks import written_list
from ui.decode.components import forcing_runs
from ui.decode.race import show_race
from ui.decode.training_ways import TRAINING
from ui.frame.page import Page
from ui.frame.text import dotted, t
from ui.frame.wording import fitting, said_dotted
from ui.state.both_runs import say_writer
from ui.state.examples import parting_pairs
from ui.state.models import Asked, edits_of, get_model, get_trace, given_ids, word_of
from ui.state.session import begin_with, current_view, first_step, identify_run, mode, show_problems, untouched
from ui.state.shared.kept import kept_with_run
from ui.state.view import Problem, View
from ui.take_home.picture import take_pictures
from ui.take_home.words import best_words

STATEMENT = r"X_{t,\,k} = X^{(t)}_{t,\,k} \qquad k \le t"


@kept_with_run
def compared(asked: Asked) -> Comparison:
    """Return both runs of a sentence; without a reference, the model's own translation is one.

    Of a model that goes on with texts, the text is the reference, and the model's own begins with its first word.
    """
    glass, text = get_model(asked.model), given_ids(asked)
    if text:
        return compare(glass, None, text, n_given=1, max_length=len(text), edits=edits_of(asked))
    return compare(glass, asked.source, asked.target or glass.translate(asked.source).ids, edits=edits_of(asked))


def show_forcing(page: Page, view: View) -> None:
    """Draw both runs side by side, and below them the proof, the race, and what teacher forcing is good for.

    A reader who has typed nothing yet begins with an example in which the two part.
    """
    pair = telling_pair(view.model) if untouched(view) else None
    if pair is not None:
        begin_with(*pair)
    page.write_address()
    comparison = compared(identify_run(view))
    problems: list[Problem] = []
    first_step(view, max(len(comparison.forced.ids), len(comparison.own.ids)), problems)
    show_problems(view.lang, problems)
    view = current_view()
    show_runs(view, comparison)
    say_what_is_compared(view)
    show_proof(view, comparison)
    show_race(view, comparison)
    TRAINING.show(view.lang)


@lru_cache(maxsize=64)
def telling_pair(model: str) -> tuple[str, str] | None:
    """Return the pair whose runs go together longest before they part; None where none part behind the first word."""
    parted = {pair: compared(Asked(model, *pair)).words_part or 0 for pair in parting_pairs(model)}
    best = max(parted, key=lambda pair: parted[pair], default=None)
    return best if best is not None and parted[best] else None


def say_what_is_compared(view: View) -> None:
    """Say what is compared, and that a reference is missing, where it is."""
    st.markdown(dotted("forcing.lead", view.lang))
    say_writer(view)
    if not view.target.strip():
        st.markdown(said_dotted("forcing.no_reference", view.model, view.lang))


def show_runs(view: View, comparison: Comparison) -> None:
    """Draw both runs with their slider, and say how many passes each needs."""
    lang = view.lang
    runs = two_runs(comparison, word_of(view.model))
    asked = identify_run(view).edited  # what the picture shows, whichever run is chosen
    trace = get_trace(asked)
    written, texts = written_list(trace.plan), fitting("forcing_words", view.model, lang, terms=True)
    assert written  # the page is for models that write
    forcing_runs("forcing_runs", runs, written.name, view.step, texts, mode())
    take_pictures(
        "forcing", "", trace, [best_words(asked, trace, "forcing_runs", "forcing_runs", t("page.forcing", lang), lang)]
    )
    passes = {"forced": len(runs["forced"]), "own": max(1, len(runs["own"]) - runs["given"])}
    st.markdown(dotted("forcing.passes", lang, **passes))
    both = runs["both"]
    if both:
        fields = {name: number(both[name], 2) for name in ("forced", "own")}
        st.markdown(said_dotted("forcing.means", view.model, lang, start=runs["inputs_part"], n=both["n"], **fields))


def show_proof(view: View, comparison: Comparison) -> None:
    """Draw the statement that a parallel pass is the sequential run, with the difference found here and now."""
    lang = view.lang
    st.markdown(f"#### {t('forcing.proof_title', lang)}")
    st.latex(STATEMENT)
    proof = _proof(identify_run(view))
    found = {"n_sites": proof.n_sites, "n_steps": proof.n_steps, "step": proof.step, "site": proof.key}
    st.markdown(dotted("forcing.proof", lang, difference=number(proof.difference, 2), **found))


@kept_with_run
def _proof(asked: Asked) -> StepProof:
    glass = get_model(asked.model)
    return prove_steps(glass.model, compared(asked).own, edit=glass.listener(edits_of(asked)))
