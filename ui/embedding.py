"""What the embedding page shows below its maps: waves of positions, how alike positions are, and what order means."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial

import plotly.graph_objects as go
import streamlit as st

from figures.labels import SPECIAL_TOKENS, number, tick_labels
from figures.matrix import Axes, Matrix
from figures.positions import distances_bars, outputs_maps, position_curves
from figures.theme import Mode, theme
from transformer_core.order import OrderComparison, compare_orders, words_reversed
from transformer_core.picture_snippets import picture_snippet
from transformer_core.trace import Trace
from ui.components import word_lines
from ui.explain import chart_key
from ui.extras import heat
from ui.maps import strongest
from ui.models import Asked, get_model, get_trace
from ui.options import Option, flag, two_numbers
from ui.page_components import curve
from ui.road import Extra
from ui.session import asked_for, mode
from ui.similarity import ALIKE, EMBEDDINGS, show_similarity
from ui.take_picture import Picture, take_pictures
from ui.text import escape, section, t
from ui.view import View

KEPT = 64  # figures
ANGLE = r"\frac{pos}{10000^{2i/d_{model}}}"
WAVE = rf"\rule{{0pt}}{{1.8em}}PE_{{(pos,\,2i)}} = \sin{ANGLE} \qquad PE_{{(pos,\,2i+1)}} = \cos{ANGLE}"
ANY_ORDER = r"f(PX) = P\,f(X)"
POSITIONS: Option[bool] = Option("positions", False, flag, lambda on: str(int(on)))
NUMBER: Option[tuple[int, int]] = Option("number", (0, 0), two_numbers, lambda cell: f"{cell[0]},{cell[1]}")
EMBEDDING_OPTIONS = (ALIKE, POSITIONS, NUMBER)


def embedding_extras(view: View, trace: Trace) -> Mapping[str, Extra]:
    """Return what the stops of the embedding page show besides their values."""
    extras: dict[str, Extra] = {"pos": show_curve, "similar": show_similarity}
    if trace.config.has_encoder:
        extras["order"] = show_order
    return extras


def show_curve(view: View, trace: Trace) -> None:
    """Draw what positions add to the words, as curves along the positions."""
    key = f"{EMBEDDINGS[view.stack]}.pos"
    learned = trace.config.positions == "learned"
    st.markdown(f"#### {t('curve.title_learned' if learned else 'curve.title', view.lang)}")
    look = "curve.look_learned" if learned else "curve.look"
    st.markdown(t(look, view.lang, length=trace.config.max_length))
    if not learned:
        st.latex(WAVE)
    # The strongest cell is what the panel explains while the reader has chosen none.
    chosen = None if (view.row, view.column) == strongest(trace[key]) else view.column
    curves = position_curves(trace, EMBEDDINGS[view.stack], chosen)

    def choose(dimension: int) -> None:
        if 0 <= dimension < trace.config.d_model:
            state = st.session_state
            state.update(site=key, row=state.row or 0, column=dimension, trail="")

    curve("embedding.curve", curves, chart_key(0), section("curve_words", view.lang), mode(), choose)


def show_order(view: View, trace: Trace) -> None:
    """Draw what another order of the words changes, with positions and without."""
    lang, orders = view.lang, _orders(asked_for(view))
    st.markdown(f"#### {t('order.title', lang)}")
    st.markdown(t("order.look", lang))
    if view.stack == "decoder":
        st.markdown(t("order.decoder", lang))
    st.latex(ANY_ORDER)
    st.caption(t("order.formula", lang))
    lines = ((t("order.original", lang), orders.tokens), (t("order.other", lang), orders.other_tokens))
    word_lines("embedding.orders", [_line(title, tokens) for title, tokens in lines], mode())
    if orders.permutation == tuple(range(len(orders.tokens))):
        st.markdown(t("order.one_word", lang))
        return
    asked = asked_for(view)
    alt = t("order.distances", lang)
    st.markdown(f"**{alt}**")
    st.plotly_chart(
        _distances(asked, lang, mode()), key="embedding.distances", config={"displayModeBar": False}, alt=alt
    )
    largest = [number(outputs.largest, 2) for outputs in (orders.without_positions, orders.with_positions)]
    st.markdown(t("order.facts", lang, without=largest[0], positions=largest[1]))
    _show_outputs(view)


def _show_outputs(view: View) -> None:
    lang, orders = view.lang, _orders(asked_for(view))
    st.toggle(t("order.toggle", lang), **POSITIONS.widget())
    matrices = _outputs(asked_for(view), POSITIONS.value, lang, mode())
    titles = {
        "original": t("order.map_original", lang),
        "other": t("order.map_other", lang),
        "difference": t("order.map_difference", lang),
    }
    for place, (name, title) in zip(st.columns(len(titles)), titles.items(), strict=True):
        with place:
            st.markdown(f"**{title}**")
            heat(matrices[name], f"embedding.{name}", title, view, lambda row, column: NUMBER.choose((row, column)))
    _tell_number(view, orders)
    outputs = "with_positions" if POSITIONS.value else "without_positions"
    asked, ways = asked_for(view), {"original": "outputs.original", "other": "outputs.other"}
    ways["difference"] = "outputs.other - outputs.original"
    code = partial(picture_snippet, "order", asked.model, asked.source, asked.target, asked.edits, outputs=outputs)
    pictures = [
        Picture(f"embedding.{n}", f"order-{n}", titles[n], partial(matrices.__getitem__, n), partial(code, values=way))
        for n, way in ways.items()
    ]
    take_pictures("embedding", "order", get_trace(asked), pictures)


def _tell_number(view: View, orders: OrderComparison) -> None:
    """Say how the chosen number of the difference comes to be."""
    lang, outputs = view.lang, orders.with_positions if POSITIONS.value else orders.without_positions
    row, column = (min(i, n - 1) for i, n in zip(NUMBER.value, outputs.original.shape, strict=True))
    before, after = (float(rows[row, column]) for rows in (outputs.original, outputs.other))
    at = list(orders.permutation).index(row)
    numbers = {"before": number(before, 4), "after": number(after, 4), "difference": number(after - before, 4)}
    word = escape(orders.tokens[row])
    st.markdown(t("order.number", lang, word=word, row=row, at=at, dimension=column, **numbers))


@lru_cache(maxsize=KEPT)
def _orders(asked: Asked) -> OrderComparison:
    return compare_orders(get_model(asked.model), asked.source, words_reversed(len(get_trace(asked).source_tokens)))


@lru_cache(maxsize=KEPT)
def _distances(asked: Asked, lang: str, mode: Mode) -> go.Figure:
    orders = _orders(asked)
    cases = {
        t("order.with_positions", lang): orders.with_positions.distances,
        t("order.without_positions", lang): orders.without_positions.distances,
    }
    labels = tick_labels(orders.tokens, theme(mode))
    return distances_bars(cases, labels, t("axis.L", lang), t("order.distance", lang), theme(mode))


@lru_cache(maxsize=KEPT)
def _outputs(asked: Asked, positions: bool, lang: str, mode: Mode) -> dict[str, Matrix]:
    orders = _orders(asked)
    outputs = orders.with_positions if positions else orders.without_positions
    vectors = {
        "original": outputs.original,
        "other": outputs.other,
        "difference": outputs.other - outputs.original,
    }
    axes = Axes(tick_labels(orders.tokens, theme(mode)), [], t("axis.L", lang), t("axis.D", lang), "out")
    return outputs_maps(vectors, axes, theme(mode))


def _line(title: str, tokens: tuple[str, ...]) -> dict[str, object]:
    special = [token in SPECIAL_TOKENS for token in tokens]
    return {"title": title, "side": "source", "words": tokens, "special": special, "unseen": [False] * len(tokens)}
