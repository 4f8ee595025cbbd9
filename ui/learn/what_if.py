"""What the page of edits shows of their effect: the words before and after, and how far the change spreads."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from figures.base.heatmaps.matrix import Axes, Matrix
from figures.base.labels import number, plain_rows, tick_labels
from figures.base.theme import Mode, theme
from figures.learn.what_if import Effect, effect, probabilities_figure, road_keys, spread, spread_matrix
from transformer_core.glass.walks import stacks, words_of
from transformer_core.snippets.study import RunOf, spread_snippet
from ui.frame.experiments import experiment
from ui.frame.text import SEPARATOR, dotted, escape, t
from ui.frame.wording import row_title, said, said_dotted
from ui.parts.charts import chart, heading, heat, ticks
from ui.parts.focus import look_at
from ui.parts.telling import strongest
from ui.state.models import Asked, get_trace
from ui.state.session import identify_run, mode
from ui.state.shared.kept import kept_with_run
from ui.state.view import View
from ui.take_home.picture import Picture

TELLING = "block"  # the experiment that is shown where nothing is changed yet


def show_effect(view: View) -> None:
    """Draw what the edits do to the run of the same words; where there are none, what a telling experiment would do."""
    lang, asked = view.lang, identify_run(replace(view, run="edited"))
    title, more = t("what_if.effect_title", lang), ""
    if not asked.edits:
        asked = replace(asked, edits=experiment(TELLING, asked.model))
        name, marked = (says(f"experiment.{TELLING}", view.model, lang) for says in (said, said_dotted))
        title, more = t("what_if.example_title", lang, name=name), dotted("what_if.none", lang, name=marked)
    st.subheader(title, anchor=False)
    if get_trace(asked).written_ids:  # else it says nothing of which it could be more or less sure
        found, figure = _probabilities(asked, lang, mode())
        chart(figure, "what_if_words", title)
        st.markdown(said_dotted("what_if.effect_look", view.model, lang))
        st.markdown(_told(asked, found, lang))
    st.caption(more)
    show_spread(view, asked)


def _told(asked: Asked, found: Effect, lang: str) -> str:
    """What the edits do to the loss, and where another word is now the most probable."""
    facts = {"before": number(found.loss_before, 4), "after": number(found.loss_after, 4)}
    words = plain_rows(get_trace(asked).written_tokens)
    turned = escape(SEPARATOR.join(words[i] for i in found.turned))
    more = t("what_if.turned", lang, words=turned) if turned else t("what_if.none_turned", lang)
    return t("what_if.loss", lang, **facts, change=number(found.loss_after - found.loss_before, 4)) + " " + more


def effect_pictures(view: View) -> list[Picture]:
    """Return what the effect of the edits offers to take home; nothing where there are none."""
    lang, asked = view.lang, identify_run(replace(view, run="edited"))
    if not asked.edits:
        return []
    run = RunOf(model=asked.model, source=asked.source, target=asked.target, edits=asked.edits)
    trace, found = get_trace(asked), []
    for stack in stacks(trace.plan):
        matrix = partial(_spread, asked, stack, lang, mode())
        code = partial(spread_snippet, run, road_keys(trace, stack))
        title = said(f"what_if_take.{stack}", view.model, lang)
        found.append(Picture(f"what_if_{stack}", f"spread-{stack}", title, matrix, code, asked=asked))
    return found


def show_spread(view: View, asked: Asked) -> None:
    """Draw the size of the difference along both roads; a click leads to the difference of that value."""
    lang, trace = view.lang, get_trace(asked)
    heading(t("what_if.spread_title", lang), dotted("what_if.spread_look", lang))
    for column, stack in zip(st.columns(len(stacks(trace.plan)), gap="large"), stacks(trace.plan), strict=True):
        keys = road_keys(trace, stack)

        def open_cell(row: int, position: int, keys: tuple[str, ...] = keys) -> None:
            cells = trace[keys[row]][position : position + 1]
            original = get_trace(asked.plain)[keys[row]][position : position + 1]
            look_at(trace.plan, keys[row], (position, strongest(cells - original)[1]))
            st.session_state.update(edits=asked.edits, run="difference")  # an example becomes the reader's

        with column:
            st.caption(said_dotted(f"what_if.{stack}", view.model, lang))
            matrix = _spread(asked, stack, lang, mode())
            heat(matrix, f"what_if_{stack}", t("what_if.spread_title", lang), view, open_cell)


@kept_with_run
def _probabilities(asked: Asked, lang: str, mode: Mode) -> tuple[Effect, go.Figure]:
    edited, original = get_trace(asked), get_trace(asked.plain)
    found, colours = effect(original, edited), theme(mode)
    names = (t("edit_run.original", lang), t("edit_run.edited", lang))
    return found, probabilities_figure(found, tick_labels(edited.writing.written, colours), names, colours)


@kept_with_run
def _spread(asked: Asked, stack: str, lang: str, mode: Mode) -> Matrix:
    edited, original = get_trace(asked), get_trace(asked.plain)
    sizes = {each: spread(original, edited, road_keys(edited, each)) for each in stacks(edited.plan)}
    reach = max(float(values.max()) for values in sizes.values())
    keys = road_keys(edited, stack)
    title = row_title("L", words_of(edited.plan, stack).name, asked.model, lang)
    axes = Axes(list(keys), ticks(edited, stack, mode), "", title, t("what_if.size", lang))
    return spread_matrix(sizes[stack], reach, axes, theme(mode))
