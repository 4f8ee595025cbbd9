"""What the embedding page shows below its maps: waves of positions, how alike positions are, and what order means."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from figures.base.heatmaps.matrix import Axes, Matrix, vectors_matrix
from figures.base.labels import number, tick_labels
from figures.base.theme import Mode, theme
from figures.explore.positions import distances_bars, in_one_range, position_curves
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_facts, embedding_facts, embedding_of, key_of, with_role
from transformer_core.glass.words import Word
from transformer_core.snippets.picture import picture_snippet
from transformer_core.studies.order import OrderComparison, compare_orders, of_encoder, words_reversed
from ui.explore.components import curve
from ui.explore.similarity import ALIKE, show_similarity
from ui.frame.text import dotted, escape, section, t
from ui.parts.charts import heat
from ui.parts.components import word_lines
from ui.parts.stepper import Extra
from ui.parts.stop_maps import chart_key
from ui.parts.telling import most_telling
from ui.state.both_runs import of_runs, say_look, say_runs, tell
from ui.state.models import Asked, edits_of, get_model, get_trace
from ui.state.options import Option, flag, two_numbers
from ui.state.session import identify_run, mode
from ui.state.shared.kept import kept_with_run
from ui.state.values import find_value
from ui.state.view import View
from ui.take_home.picture import Picture, take_pictures

MAPS = ("original", "other", "difference")  # of the encoder's outputs in two orders
ANGLE = r"\frac{pos}{10000^{2i/d_{model}}}"
WAVE = rf"\rule{{0pt}}{{1.8em}}PE_{{(pos,\,2i)}} = \sin{ANGLE} \qquad PE_{{(pos,\,2i+1)}} = \cos{ANGLE}"
ANY_ORDER = r"f(PX) = P\,f(X)"
POSITIONS: Option[bool] = Option("positions", False, flag, lambda on: str(int(on)))
NUMBER: Option[tuple[int, int]] = Option("number", (0, 0), two_numbers, lambda cell: f"{cell[0]},{cell[1]}")
EMBEDDING_OPTIONS = (ALIKE, POSITIONS, NUMBER)


def embedding_extras(view: View, trace: Trace) -> Mapping[str, Extra]:
    """Return what the stops of the embedding page show besides their values."""
    extras: dict[str, Extra] = {"pos": show_curve, "similar": show_similarity}
    if any(not attention_facts(block).causal for block in with_role(trace.plan, "attention")):
        extras["order"] = show_order
    return extras


def show_curve(view: View, trace: Trace) -> None:
    """Draw what positions add to the words, as curves along the positions."""
    embedding = embedding_of(trace.plan, view.stack)
    key, facts = key_of(embedding, "pos"), embedding_facts(embedding)
    learned = facts.positions == "learned"
    st.markdown(f"#### {t('curve.title_learned' if learned else 'curve.title', view.lang)}")
    look = "curve.look_learned" if learned else "curve.look"
    st.markdown(dotted(look, view.lang, length=facts.length))
    if not learned:
        st.latex(WAVE)
    # The most telling cell is what the panel explains while the reader has chosen none.
    told = most_telling(trace, find_value(trace.plan, key), trace[key])
    chosen = None if (view.row, view.column) == told else view.column
    curves = position_curves(trace, embedding, chosen)
    if identify_run(view).edits:
        st.caption(dotted("curve.edited", view.lang))

    def choose(dimension: int) -> None:
        if 0 <= dimension < trace.plan.size("D"):
            state = st.session_state
            state.update(site=key, row=state.row or 0, column=dimension, trail="")

    curve("embedding.curve", curves, chart_key(0), section("curve_words", view.lang), mode(), choose)


def show_order(view: View, trace: Trace) -> None:
    """Draw what another order of the words changes, with positions and without."""
    lang, asked = view.lang, identify_run(view)
    orders, edited = _orders(asked.edited), bool(of_encoder(edits_of(asked), trace.plan))
    st.markdown(f"#### {t('order.title', lang)}")
    st.markdown(dotted("order.look", lang))
    if view.stack != trace.plan.word_lists[0].stack:
        st.markdown(dotted("order.decoder", lang))
    if asked.edits:
        st.caption(dotted("order.edited" if edited else "order.not_edited", lang))
    st.latex(ANY_ORDER)
    st.caption(dotted("order.formula", lang))
    words = _words(asked)
    other = tuple(words[i] for i in orders.permutation)
    lines = ((t("order.original", lang), words), (t("order.other", lang), other))
    word_lines("embedding.orders", [_line(title, words) for title, words in lines], mode())
    if orders.permutation == tuple(range(len(orders.tokens))):
        st.markdown(dotted("order.one_word", lang))
        return
    alt = t("order.distances", lang)
    st.markdown(f"**{alt}**")
    say_runs(view, "outlined")
    figure = _distances(asked, lang, mode())
    st.plotly_chart(figure, key="embedding.distances", config={"displayModeBar": False}, alt=alt)
    tell(view, lambda run: _order_facts(run, edited, lang))
    _show_outputs(view)


def _order_facts(asked: Asked, edited: bool, lang: str) -> str:
    orders = _orders(asked)
    largest = [number(outputs.largest, 2) for outputs in (orders.without_positions, orders.with_positions)]
    facts = "order.facts_edited" if edited and asked.edits else "order.facts"
    return t(facts, lang, without=largest[0], positions=largest[1])


def _show_outputs(view: View) -> None:
    lang, asked = view.lang, identify_run(view)
    st.toggle(t("order.toggle", lang), **POSITIONS.widget())
    matrices = _outputs(asked, POSITIONS.value, lang, mode())
    titles = {
        "original": t("order.map_original", lang),
        "other": t("order.map_other", lang),
        "difference": t("order.map_difference", lang),
    }
    for place, (name, title) in zip(st.columns(len(titles)), titles.items(), strict=True):
        with place:
            st.markdown(f"**{title}**")
            say_look(view, matrices[name])
            heat(matrices[name], f"embedding.{name}", title, view, lambda row, column: NUMBER.choose((row, column)))
    tell(view, lambda run: _number(run, lang))
    outputs = "with_positions" if POSITIONS.value else "without_positions"
    ways = {"original": "outputs.original", "other": "outputs.other", "difference": "outputs.other - outputs.original"}
    code = partial(picture_snippet, "order", **vars(asked), outputs=outputs)
    pictures = [
        Picture(
            f"embedding.{name}",
            f"order-{name}",
            titles[name],
            partial(matrices.__getitem__, name),
            partial(code, values=way),
            asked=asked,
        )
        for name, way in ways.items()
    ]
    take_pictures("embedding", "order", get_trace(asked), pictures)


def _number(asked: Asked, lang: str) -> str:
    """How the chosen number of the difference comes to be."""
    orders = _orders(asked)
    outputs = orders.with_positions if POSITIONS.value else orders.without_positions
    row, column = (min(i, n - 1) for i, n in zip(NUMBER.value, outputs.original.shape, strict=True))
    before, after = (float(rows[row, column]) for rows in (outputs.original, outputs.other))
    at = list(orders.permutation).index(row)
    numbers = {"before": number(before, 4), "after": number(after, 4), "difference": number(after - before, 4)}
    word = escape(orders.tokens[row])
    return t("order.number", lang, word=word, row=row, at=at, dimension=column, **numbers)


@kept_with_run
def _orders(asked: Asked) -> OrderComparison:
    order = words_reversed(len(get_trace(asked).source_tokens))
    return compare_orders(get_model(asked.model), asked.source, order, edits=edits_of(asked))


@kept_with_run
def _distances(asked: Asked, lang: str, mode: Mode) -> go.Figure:
    names = [t("order.with_positions", lang), t("order.without_positions", lang)]
    cases = [
        dict(zip(names, (_orders(run).with_positions.distances, _orders(run).without_positions.distances), strict=True))
        for run in asked.runs
    ]
    edited, *before = cases
    original = [{f"{name} ({t('edit_run.original', lang)})": values for name, values in one.items()} for one in before]
    labels = tick_labels(_words(asked), theme(mode))
    return distances_bars(edited, labels, t("axis.L", lang), t("order.distance", lang), theme(mode), *original)


@kept_with_run
def _outputs(asked: Asked, positions: bool, lang: str, mode: Mode) -> dict[str, Matrix]:
    """The outputs in both orders and how they differ; of two runs, how these differ."""
    labels = tick_labels(_words(asked), theme(mode))
    axes = Axes(labels, [], t("axis.L", lang), t("axis.D", lang), "out")

    def one(name: str, run: Asked) -> Matrix:
        orders = _orders(run)
        found = orders.with_positions if positions else orders.without_positions
        vectors = {"original": found.original, "other": found.other, "difference": found.other - found.original}
        return vectors_matrix(vectors[name], "out", axes, theme(mode))

    return in_one_range({name: of_runs(asked, partial(one, name), lang, mode) for name in MAPS})


def _words(asked: Asked) -> tuple[Word, ...]:
    """The words of the first list, in their own order."""
    trace = get_trace(asked.edited)
    return trace.words_of(trace.plan.word_lists[0].name).read


def _line(title: str, words: tuple[Word, ...]) -> dict[str, object]:
    texts, special = [word.text for word in words], [word.special for word in words]
    return {"title": title, "side": "source", "words": texts, "special": special, "unseen": [False] * len(words)}
