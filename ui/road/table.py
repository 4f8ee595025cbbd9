"""What the stop with the table shows: one-hot words read rows of it, how alike words become, a step of training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from figures.base.heatmaps.matrix import Matrix
from figures.base.labels import bare_label, number
from figures.base.shares import written_shares
from figures.base.theme import Mode, theme
from figures.road.counts import told_ids
from figures.road.table import cosine_map, one_hot, one_hot_rows, parameters, table_key, words_once
from transformer_core.edits.rows import ReplaceRow
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import embedding_of, key_of
from transformer_core.studies.road.one_step import OneStep, beyond_window, one_step
from ui.frame.text import dotted, escape, section, t
from ui.parts.charts import heat
from ui.parts.focus import look_at
from ui.parts.stepper import Extra
from ui.road.components import one_hot_times_table
from ui.road.guess import Guess, given_on, show_guess
from ui.road.stop import show_end, show_failure, show_number
from ui.road.unseen import SETS, unseen_bits
from ui.state.both_runs import say_without
from ui.state.edit_list import added
from ui.state.models import Asked, get_model, get_trace, word_of
from ui.state.options import Option, flag
from ui.state.session import identify_run, mode
from ui.state.shared.kept import kept_with_run
from ui.state.view import View

PAGE, LOOKUP = "table", "out"
KEPT = 64  # sentences
BARE: Option[bool] = Option("bare", False, flag, lambda on: str(int(on)))
GIVEN = given_on(PAGE)
TABLE_OPTIONS = (BARE, GIVEN)
OTHER = "other_row"  # the word whose row is wanted in place of another's
COUNTS = "ngram-en"  # in its own way: Kneser and Ney's
KINDS = ("one_hot", "table")


def choose_row(view: View, trace: Trace) -> None:
    """Draw the field for another word, whose row takes the place of that of the word which is looked at."""
    if view.stage not in ("", LOOKUP):
        return
    state, lang, run = st.session_state, view.lang, get_trace(identify_run(view).edited)
    embedding, tokenizer = embedding_of(run.plan, run.plan.word_lists[0].stack), get_model(view.model).target_tokenizer
    slot = (state.column or 0) // run.plan.size("D")
    word = int(run[key_of(embedding, "window")][state.row or 0, slot])
    assert tokenizer is not None
    ids = tokenizer.encode(state.get(OTHER, "").strip())

    def replace() -> None:
        ids = tokenizer.encode(state[OTHER].strip())
        if len(ids) == 1:
            edit = ReplaceRow(key_of(embedding, LOOKUP), word, ids[0])
            state.update({"edits": added(view.edits, edit), "run": "edited", "opened": PAGE, OTHER: ""})

    label = t("table.replace", lang, word=word_of(view.model)(word).text)
    st.text_input(label, key=OTHER, max_chars=40, on_change=replace)
    if len(ids) > 1:
        st.info(t("table.no_row", lang, word=escape(state[OTHER].strip())), icon=":material/edit:")


def table_pictures() -> Mapping[str, Extra]:
    """Return what the stops show in place of their maps."""
    return {LOOKUP: show_one_hot}


def table_extras(view: View, trace: Trace) -> Mapping[str, Extra]:
    """Return what the stops show below: how alike words are, where their vectors are looked up."""
    return {LOOKUP: show_alike}


def show_one_hot(view: View, trace: Trace) -> None:
    """Draw the window at the chosen place as one-hot strips, and the row of the table that the chosen one reads."""
    lang, asked = view.lang, identify_run(view).edited
    run = get_trace(asked)
    key = key_of(embedding_of(run.plan, run.plan.word_lists[0].stack), LOOKUP)
    last, _, width = run[key].shape
    row = min(last - 1 if view.row is None else view.row, last - 1)
    if view.column is None:  # the nearest that is a word, no mark and no sign
        texts = [word_of(asked.model)(int(i)).text for i in run[key_of(run.site(key).block, "window")][row]]
        first = next((n for n, text in enumerate(texts) if text.isalnum()), 0)
        st.session_state.update(row=row, column=first * width)
    slot, column = divmod(st.session_state.column, width)

    def look(slot: int, column: int) -> None:
        look_at(trace.plan, key, (row, slot, column))
        st.session_state.pop("opened")

    strips = _strips(asked, row, slot)
    one_hot_times_table("table_strips", strips, column, section("one_hot_words", lang), mode(), look)
    read = run.words_of(run.plan.word_lists[0].name).read
    words = " ".join(word.text for word in read[: row + 1][-run.plan.size("N") :])
    st.markdown(dotted("table.behind", lang, words=escape(words)))


def show_alike(view: View, trace: Trace) -> None:
    """Draw the cosine between any two words of the sentence: as one-hot rows, and as rows of the table."""
    lang, asked = view.lang, identify_run(view).edited
    st.markdown(f"##### {t('table.alike', lang)}")
    for kind, column in zip(KINDS, st.columns(2, gap="large"), strict=True):
        with column:
            title = t(f"table.{kind}", lang)
            st.markdown(f"**{title}**")
            heat(_alike(asked, kind, lang, mode()), f"table.{kind}", title, view, lambda row, column: None)
    st.markdown(dotted("table.alike_look", lang, **_nearest(asked)))


def table_end(view: View, trace: Trace) -> None:
    """Draw what stands below every stop: one number, one step of training with a guess, what fails, what comes next."""
    lang, asked = view.lang, identify_run(view)
    run = get_trace(asked.edited)
    st.divider()
    shares = written_shares(run, told_ids(run))
    show_number(view, -sum(map(math.log2, shares)) / len(asked.source))
    st.markdown(" ".join(_beside_counts(asked.model, name, lang) for name in SETS))
    _show_size(lang, asked.edited)
    _show_step(view, asked.plain)
    show_failure(view, PAGE, _failure(asked.plain, run.plan.size("N"), lang))
    show_end(view, PAGE)


def _failure(asked: Asked, window: int, lang: str) -> str:
    """Return that a word before the window changes nothing, or that the sentence is too short to have one."""
    found = _beyond_window(asked.model, asked.source)
    if found is None:
        return dotted("table.short", lang, n=window)
    return dotted("table.window", lang, n=window, difference=f"{found:g}")


def _beside_counts(model: str, name: str, lang: str) -> str:
    """Whether the network or the counts of the stop before need fewer bits for a set of unseen sentences."""
    own, other = unseen_bits(model, name), unseen_bits(COUNTS, name)
    ahead = "network" if own < other else "counts"
    return dotted(f"table_beside.{name}_{ahead}", lang, own=number(own, 2), other=number(other, 2))


def _show_size(lang: str, asked: Asked) -> None:
    """How many numbers the table saves."""
    st.toggle(t("table.bare", lang), **BARE.widget())
    now, other = (_parameters(asked, table) for table in (not BARE.value, BARE.value))
    st.metric(t("table.parameters", lang), f"{now:,}", f"{now - other:+,}", delta_color="inverse")


def _show_step(view: View, asked: Asked) -> None:
    """One step of gradient descent on the sentence: whose rows move is guessed first."""
    lang, step = view.lang, _step(asked)
    st.markdown(f"##### {t('table.step', lang)}")
    say_without(view)
    moved, written = int((step.table > 0).sum()), int((step.output > 0).sum())
    still = int((step.table == 0).sum())
    sizes = {"n": f"{len(step.table):,}", "moved": moved, "still": f"{still:,}", "written": f"{written:,}"}
    bits = {name: number(getattr(step, name), 2) for name in ("before", "after")}
    st.markdown(dotted("table.moved", lang, rate=f"{step.rate:g}", **sizes, **bits))
    ids = words_once(get_trace(asked))
    words = [word_of(asked.model)(i).text for i in ids]
    show_guess(view, Guess(PAGE, words, lambda: [float(step.table[i]) for i in ids], lambda x: number(x, 4)), GIVEN)


@lru_cache(maxsize=KEPT)
def _beyond_window(model: str, text: str) -> float | None:
    return beyond_window(get_model(model), text)


@kept_with_run
def _strips(asked: Asked, row: int, slot: int) -> dict[str, Any]:
    return one_hot(get_trace(asked), row, slot, word_of(asked.model))


@kept_with_run
def _parameters(asked: Asked, table: bool) -> int:
    return parameters(get_trace(asked), table=table)


@kept_with_run
def _step(asked: Asked) -> OneStep:
    return one_step(get_model(asked.model), asked.source)


@kept_with_run
def _alike(asked: Asked, kind: str, lang: str, mode: Mode) -> Matrix:
    trace, colours = get_trace(asked), theme(mode)
    ids, table = words_once(trace), trace.parameters[table_key(trace)]
    vectors = one_hot_rows(ids, len(table)) if kind == "one_hot" else table[ids]
    labels = [bare_label(word, colours) for word in map(word_of(asked.model), ids)]
    return cosine_map(vectors, labels, t("table.cosine", lang), colours)


@kept_with_run
def _nearest(asked: Asked) -> dict[str, str]:
    """The longest word of the sentence, and the word of the whole vocabulary whose row is most like its own."""
    trace, read = get_trace(asked), word_of(asked.model)
    table = trace.parameters[table_key(trace)].astype(np.float64)
    rows = table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-12)
    own = max(words_once(trace), key=lambda i: (not read(i).special, len(read(i).text)))
    alike = rows @ rows[own]
    alike[own] = -np.inf
    best = int(alike.argmax())
    found = {
        "word": escape(read(own).text),
        "nearest": escape(read(best).text),
        "cosine": number(float(alike[best]), 2),
    }
    return {**found, "n_words": f"{len(table):,}"}
