"""What the page of one layer shows besides its maps: LayerNorm's statistics, active units, the sizes of all sums."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from figures.matrix import Axes, Matrix, amounts_matrix
from figures.norm_story import ends, norm_facts, scale_figure, spread, spread_figure
from figures.stream_sizes import added_matrix, additions, means_figure, size_facts
from figures.theme import Mode, theme
from figures.unit_story import TOP, Units, threshold, units, units_matrix
from transformer_core.formulas import find_formula
from transformer_core.picture_snippets import picture_snippet
from transformer_core.trace import Trace
from ui.extras import chart, head, heat, ticks, told_row
from ui.focus import follow_picture
from ui.head import choose_layer, choose_side
from ui.maps import strongest
from ui.models import Asked, get_trace
from ui.places import road
from ui.session import asked_for, current_view, mode
from ui.take_picture import Picture, take_pictures
from ui.text import section, t
from ui.view import View

SIZES = "sizes"  # the last stop, which has no maps of its own
PAGE = "layer"
Told = tuple[dict[str, Any], tuple[go.Figure, ...]]  # what the sentences name, and the charts
_SYMBOLS = ("x", "x\N{COMBINING CIRCUMFLEX ACCENT}", "γ x\N{COMBINING CIRCUMFLEX ACCENT} + β")
_VARIANCE_AFTER = r"\mathrm{Var}_d(\hat{x}_{i,d}) = \frac{\sigma^2_i}{\sigma^2_i + \epsilon}"


def choose_place(view: View, trace: Trace) -> None:
    """Draw the choice of a side and a layer, and how to read the road there."""
    side, layer = st.columns([2, 5])
    with side:
        choose_side(view, trace)
    with layer:
        choose_layer(current_view())
    show_lead(current_view(), trace)


def show_lead(view: View, trace: Trace) -> None:
    """Draw the sentence that says how to read the road, in the model's own order."""
    lang, crosses = view.lang, view.stack == "decoder" and trace.config.has_cross_attention
    blocks = t("layer.blocks_cross" if crosses else "layer.blocks", lang)
    post = trace.config.norm_position == "post"
    st.markdown(t("layer.lead_post" if post else "layer.lead_pre", lang, blocks=blocks))


def layer_extras(view: View, trace: Trace) -> dict[str, Callable[[View, Trace], None]]:
    """Return what to draw below the maps, by stop, as far as this layer has the stops."""
    assert view.layer is not None
    stages = [stop.stage for stop in road(trace.config, "layer", view.stack, view.layer, view.block)]
    norms = {stage: _norm_extra(stage) for stage in stages if stage.startswith(("ln", "norm"))}
    return {**norms, "act": show_units, SIZES: show_sizes}


def show_norm(view: View, trace: Trace, path: str) -> None:
    """Draw each row's mean and spread before and after a LayerNorm, and its gamma and beta."""
    lang = view.lang
    facts, (spreads, scales) = _norm(asked_for(view), path, view.stack, lang, mode())
    st.divider()
    head(t("layer.norm_title", lang), t("layer.norm_look", lang))
    chart(spreads, "norm_spread", t("layer.norm_title", lang))
    st.markdown(t("layer.norm_facts", lang, **facts))
    st.latex(_VARIANCE_AFTER)
    head(t("layer.scale_title", lang, n=trace.config.d_model), t("layer.scale_look", lang))
    chart(scales, "norm_scale", t("layer.scale_title", lang, n=trace.config.d_model))
    st.markdown(t("layer.scale_facts", lang, **facts))


def show_units(view: View, trace: Trace) -> None:
    """Draw how many units are silent for each word, and which write most."""
    lang, activation = view.lang, trace.config.activation
    key = f"{view.stack}.{view.layer}.ffn.act"
    facts, found, matrix = _units(asked_for(view), key, view.stack, lang, mode())
    about = {"n": trace.config.d_ff, "top": TOP, "threshold": threshold(activation)}
    st.divider()
    head(
        t("layer.units_title", lang),
        t("layer.units_relu" if activation == "relu" else "layer.units_gelu", lang, **about),
    )

    def open_unit(row: int, rank: int) -> None:
        follow_picture(trace, PAGE, key, (row, int(found.ids[row, rank])))

    heat(matrix, "units", t("layer.units_title", lang), view, open_unit)
    st.markdown(t("layer.units_facts", lang, **facts))


def show_sizes(view: View, trace: Trace) -> None:
    """Draw how much each sub-layer of the whole stack adds to the residual stream."""
    lang, post = view.lang, trace.config.norm_position == "post"
    facts, means, words = _sizes(asked_for(view), view.stack, lang, mode())
    head(t("layer.sizes_title", lang), t("layer.sizes_look", lang))
    chart(means, "sizes_mean", t("layer.sizes_title", lang))
    st.markdown(t("layer.sizes_facts", lang, **facts))
    st.markdown(t("layer.sizes_post" if post else "layer.sizes_pre", lang))
    head(t("layer.added_title", lang), t("layer.added_look", lang))
    added = [each.key for each in additions(trace, view.stack)]

    def open_added(sum_: int, row: int) -> None:
        column = strongest(trace[added[sum_]][row : row + 1])[1]
        follow_picture(trace, PAGE, added[sum_], (row, column))

    title, asked = t("layer.added_title", lang), asked_for(view)
    heat(words, "sizes_words", title, view, open_added)
    code = partial(picture_snippet, "sizes", asked.model, asked.source, asked.target, asked.edits)
    code = partial(code, stack=f"{view.stack}.")
    picture = Picture("sizes_words", f"sizes-{view.stack}", title, lambda: words, code)
    take_pictures(PAGE, SIZES, trace, [picture])


def _norm_extra(stage: str) -> Callable[[View, Trace], None]:
    def extra(view: View, trace: Trace) -> None:
        show_norm(view, trace, f"{view.stack}.{stage}" if stage == "norm" else f"{view.stack}.{view.layer}.{stage}")

    return extra


@lru_cache(maxsize=32)
def _norm(asked: Asked, path: str, stack: str, lang: str, mode: Mode) -> Told:
    trace, colours = get_trace(asked), theme(mode)
    read = find_formula(trace.config, f"{path}.mean").sites[0]
    spreads = [spread(trace[key]) for key in (read, f"{path}.normalized", f"{path}.out")]
    gamma, beta = trace.parameters[f"{path}.gamma"], trace.parameters[f"{path}.beta"]
    facts = {**norm_facts(spreads, trace.config.norm_eps), **ends("gamma", gamma), **ends("beta", beta)}
    figures = (
        spread_figure(spreads, _SYMBOLS, ticks(trace, stack, mode), colours),
        scale_figure(gamma, beta, t("axis.D", lang), colours),
    )
    return facts, figures


@lru_cache(maxsize=32)
def _units(asked: Asked, key: str, stack: str, lang: str, mode: Mode) -> tuple[dict[str, Any], Units, Matrix]:
    trace = get_trace(asked)
    W_2 = trace.parameters[key.replace(".act", ".W_2")]
    found = units(trace[key], W_2, threshold(trace.config.activation))
    titles = (t("layer.silent", lang), t("layer.top", lang, n=TOP))
    matrix = units_matrix(found, ticks(trace, stack, mode), titles, section("unit_words", lang)["hover"], theme(mode))
    return {**found.facts(), "row": told_row(trace, stack, found.strongest())}, found, matrix


@lru_cache(maxsize=32)
def _sizes(asked: Asked, stack: str, lang: str, mode: Mode) -> tuple[dict[str, Any], go.Figure, Matrix]:
    trace, colours = get_trace(asked), theme(mode)
    blocks = {"self_attn": t("layer.self_attn", lang), "cross_attn": t("layer.cross_attn", lang)}
    blocks["ffn"] = t("layer.ffn", lang)
    sums = additions(trace, stack)
    labels = [f"{each.layer} {blocks[each.name]}" for each in sums]
    names = (t("layer.stream", lang), t("layer.added", lang))
    axes = Axes(labels, ticks(trace, stack, mode), t("layer.who", lang), t("axis.L", lang), names[1])
    words = amounts_matrix(added_matrix(sums), axes, colours)
    return size_facts(trace, stack, sums, labels), means_figure(sums, labels, names, colours), words
