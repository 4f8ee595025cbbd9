"""What the page of one layer shows besides its maps: LayerNorm's statistics, active units, the sizes of all sums."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from figures.base.heatmaps.matrix import Axes, Matrix, amounts_matrix
from figures.base.theme import Mode, theme
from figures.explore.norm_story import Spread, ends, norm_facts, scale_figure, spread, spread_figure
from figures.explore.stream_sizes import Addition, added_matrix, additions, means_figure, size_facts
from figures.explore.unit_story import TOP, Units, threshold, units, units_matrix
from transformer_core.glass.formulas import find_formula
from transformer_core.glass.plan import Block, Plan
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import blocks_of, feed_forward_facts, key_of, norms_first
from transformer_core.glass.walks import norm_facts as facts_of_norm
from transformer_core.snippets.picture import picture_snippet
from ui.frame.text import dotted, section, t
from ui.frame.wording import said_dotted
from ui.parts.charts import chart, heading, heat, ticks, told_row
from ui.parts.focus import follow_picture
from ui.parts.telling import strongest
from ui.state.both_runs import of_runs, say_look, say_runs, tell
from ui.state.models import Asked, get_trace
from ui.state.places import road
from ui.state.session import identify_run, mode
from ui.state.shared.kept import kept_with_run
from ui.state.view import View
from ui.take_home.picture import Picture, take_pictures

SIZES = "sizes"  # the last stop, which has no maps of its own
PAGE = "layer"
_SYMBOLS = ("x", "x\N{COMBINING CIRCUMFLEX ACCENT}", "γ x\N{COMBINING CIRCUMFLEX ACCENT} + β")
_VARIANCE_AFTER = r"\mathrm{Var}_d(\hat{x}_{i,d}) = \frac{\sigma^2_i}{\sigma^2_i + \epsilon}"


def show_lead(view: View, trace: Trace) -> None:
    """Draw the sentence that says how to read the road, in the model's own order."""
    lang, crosses = view.lang, any(block.memory for block in blocks_of(trace.plan, view.stack, view.layer))
    blocks = dotted("layer.blocks_cross" if crosses else "layer.blocks", lang)
    pre = norms_first(trace.plan, view.stack)
    st.caption(said_dotted("layer.lead_pre" if pre else "layer.lead_post", view.model, lang, blocks=blocks))


def layer_extras(view: View, trace: Trace) -> dict[str, Callable[[View, Trace], None]]:
    """Return what to draw below the maps, by stop, as far as this layer has the stops."""
    assert view.layer is not None
    stops = road(trace.plan, "layer", view.stack, view.layer, view.block)
    blocks = {stop.stage: trace.site(stop.keys[0]).block for stop in stops}
    norms = {stage: _norm_extra(block) for stage, block in blocks.items() if block.role == "norm"}
    return {**norms, "act": show_units, SIZES: show_sizes}


def show_norm(view: View, trace: Trace, norm: Block) -> None:
    """Draw each row's mean and spread before and after a LayerNorm, and its gamma and beta."""
    lang, asked, path, eps = view.lang, identify_run(view), norm.path, facts_of_norm(norm).eps
    st.divider()
    heading(t("layer.norm_title", lang), dotted("layer.norm_look", lang))
    say_runs(view, "paler")
    chart(_spreads(asked, path, view.stack, lang, mode()), "norm_spread", t("layer.norm_title", lang))
    tell(view, lambda run: t("layer.norm_facts", lang, **norm_facts(_rows(run, path), eps)))
    st.latex(_VARIANCE_AFTER)
    n = trace.plan.size("D")
    heading(t("layer.scale_title", lang, n=n), dotted("layer.scale_look", lang))
    gamma, beta = (trace.parameters[f"{path}.{name}"] for name in ("gamma", "beta"))
    say_runs(view, "same")
    chart(_scales(asked.plain, path, lang, mode()), "norm_scale", t("layer.scale_title", lang, n=n))
    st.markdown(dotted("layer.scale_facts", lang, **ends("gamma", gamma), **ends("beta", beta)))


def show_units(view: View, trace: Trace) -> None:
    """Draw how many units are silent for each word, and which write most."""
    network = _network(trace.plan, view)
    lang, activation, asked = view.lang, feed_forward_facts(network).activation, identify_run(view)
    key = key_of(network, "act")
    about = {"n": trace.plan.size("F"), "top": TOP, "threshold": threshold(activation)}
    st.divider()
    heading(
        t("layer.units_title", lang),
        dotted("layer.units_relu" if activation == "relu" else "layer.units_gelu", lang, **about),
    )
    found, matrix = _units(asked.edited, key), _units_matrix(asked, key, view.stack, lang, mode())

    def open_unit(row: int, rank: int) -> None:
        follow_picture(trace, PAGE, key, (row, int(found.ids[row, rank])))

    say_look(view, matrix)
    say_runs(view, "outlined_units")
    heat(matrix, "units", t("layer.units_title", lang), view, open_unit)
    tell(view, lambda run: _units_facts(run, key, view.stack, lang))


def show_sizes(view: View, trace: Trace) -> None:
    """Draw how much each sub-layer of the whole stack adds to the residual stream."""
    lang, pre, asked = view.lang, norms_first(trace.plan, view.stack), identify_run(view)
    labels = _labels(asked, view.stack, lang)
    heading(t("layer.sizes_title", lang), dotted("layer.sizes_look", lang))
    say_runs(view, "outlined")
    chart(_means(asked, view.stack, lang, mode()), "sizes_mean", t("layer.sizes_title", lang))

    def facts(run: Asked) -> str:
        return t("layer.sizes_facts", lang, **size_facts(get_trace(run), view.stack, _sums(run, view.stack), labels))

    tell(view, facts)
    st.markdown(dotted("layer.sizes_pre" if pre else "layer.sizes_post", lang))
    title = t("layer.added_title", lang)
    heading(title, dotted("layer.added_look", lang))
    added = [each.key for each in _sums(asked.edited, view.stack)]

    def open_added(sum_: int, row: int) -> None:
        column = strongest(trace[added[sum_]][row : row + 1])[1]
        follow_picture(trace, PAGE, added[sum_], (row, column))

    words = _words(asked, view.stack, lang, mode())
    say_look(view, words)
    heat(words, "sizes_words", title, view, open_added)
    code = partial(picture_snippet, "sizes", **vars(asked), stack=view.stack)
    take_pictures(
        PAGE, SIZES, trace, [Picture("sizes_words", f"sizes-{view.stack}", title, lambda: words, code, asked=asked)]
    )


def _norm_extra(norm: Block) -> Callable[[View, Trace], None]:
    return lambda view, trace: show_norm(view, trace, norm)


def _network(plan: Plan, view: View) -> Block:
    """The feed-forward network of the view's layer."""
    return next(block for block in blocks_of(plan, view.stack, view.layer) if block.role == "feed_forward")


def _rows(asked: Asked, path: str) -> list[Spread]:
    """Mean and spread of the rows before a LayerNorm, normalised, and after gamma and beta."""
    trace = get_trace(asked)
    read = find_formula(trace.plan, f"{path}.mean").sites[0]
    return [spread(trace[key]) for key in (read, f"{path}.normalized", f"{path}.out")]


@kept_with_run
def _spreads(asked: Asked, path: str, stack: str, lang: str, mode: Mode) -> go.Figure:
    rows, *before = (_rows(run, path) for run in asked.runs)
    labels = ticks(get_trace(asked), stack, mode)
    names = [t(f"edit_run.{name}", lang) for name in ("edited", "original")] if before else ["", ""]
    return spread_figure(rows, _SYMBOLS, labels, theme(mode), before[0] if before else (), names)


@kept_with_run
def _scales(asked: Asked, path: str, lang: str, mode: Mode) -> go.Figure:
    parameters = get_trace(asked).parameters
    return scale_figure(parameters[f"{path}.gamma"], parameters[f"{path}.beta"], t("axis.D", lang), theme(mode))


@kept_with_run
def _units(asked: Asked, key: str, of: Asked | None = None) -> Units:
    """The units that write most in a run, or what those write here that do so in the run `of`."""
    trace = get_trace(asked)
    network = trace.site(key).block
    W_2 = trace.parameters[key_of(network, "W_2")]
    ids = None if of is None else _units(of, key).ids
    return units(trace[key], W_2, threshold(feed_forward_facts(network).activation), ids)


@kept_with_run
def _units_matrix(asked: Asked, key: str, stack: str, lang: str, mode: Mode) -> Matrix:
    rows = ticks(get_trace(asked), stack, mode)
    titles, hover = (t("layer.silent", lang), t("layer.top", lang, n=TOP)), section("unit_words", lang)["hover"]

    def of_run(run: Asked) -> Matrix:
        return units_matrix(_units(run, key, asked.edited), rows, titles, hover, theme(mode))

    return of_runs(asked, of_run, lang, mode)


def _units_facts(asked: Asked, key: str, stack: str, lang: str) -> str:
    found = _units(asked, key)
    row = told_row(get_trace(asked), stack, found.strongest())
    return t("layer.units_facts", lang, **found.facts(), row=row)


@kept_with_run
def _sums(asked: Asked, stack: str) -> tuple[Addition, ...]:
    return additions(get_trace(asked), stack)


def _labels(asked: Asked, stack: str, lang: str) -> list[str]:
    blocks = {"self_attn": t("layer.self_attn", lang), "cross_attn": t("layer.cross_attn", lang)}
    blocks["ffn"] = t("layer.ffn", lang)
    return [f"{each.layer} {blocks[each.name]}" for each in _sums(asked.edited, stack)]


@kept_with_run
def _means(asked: Asked, stack: str, lang: str, mode: Mode) -> go.Figure:
    names = [t("layer.stream", lang), t("layer.added", lang)]
    names += [f"{name} ({t('edit_run.original', lang)})" for name in names] if asked.difference else []
    sums, *before = (_sums(run, stack) for run in asked.runs)
    return means_figure(sums, _labels(asked, stack, lang), names, theme(mode), *before)


@kept_with_run
def _words(asked: Asked, stack: str, lang: str, mode: Mode) -> Matrix:
    """What each sub-layer adds to each word."""
    trace = get_trace(asked)
    titles = t("layer.who", lang), t("axis.L", lang), t("layer.added", lang)
    axes = Axes(_labels(asked, stack, lang), ticks(trace, stack, mode), *titles)

    def of_run(run: Asked) -> Matrix:
        return amounts_matrix(added_matrix(_sums(run, stack)), axes, theme(mode))

    return of_runs(asked, of_run, lang, mode)
