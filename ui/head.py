"""The controls and the stage of "inside one head": which head, which cell, and what is drawn for it."""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go
import streamlit as st

from figures.head_story import STAGES, Term, tell
from figures.head_values import HeadValues, strongest_key
from figures.labels import number, plain_rows, tick_labels
from figures.matrix import Axes, scores_matrix, vectors_matrix, weights_matrix
from figures.theme import theme
from transformer_core.trace import Trace
from ui.components import stepper, terms_table
from ui.models import get_model
from ui.session import attention_choices, mode
from ui.text import t
from ui.view import View

AVERAGE = "mean"


def choose_head(view: View) -> None:
    """Draw the choice of attention block, layer and head."""
    config = get_model(view.model).config
    n_layers = config.n_encoder_layers if view.stack == "encoder" else config.n_decoder_layers
    columns = st.columns([5, 2, 2.4], vertical_alignment="bottom")
    for column, key, options in (
        (columns[0], "attention", attention_choices(view)),
        (columns[1], "layer", tuple(range(n_layers))),
        (columns[2], "head", tuple(range(config.n_heads))),
    ):
        column.segmented_control(
            t(f"choose.{key}", view.lang),
            options,
            key=key,
            required=True,
            format_func=(lambda name: t(f"choose.{name.replace('.', '_')}", view.lang)) if key == "attention" else str,
            persist_state="session",
            wrap=True,
        )


def choose_layer_and_heads(view: View) -> View:
    """Draw the choice of a decoder layer and of one head or the mean of all; return the view with both."""
    config = get_model(view.model).config
    columns = st.columns([2, 5], vertical_alignment="bottom")
    layer = columns[0].segmented_control(
        t("choose.layer", view.lang),
        range(config.n_decoder_layers),
        key="layer",
        required=True,
        persist_state="session",
    )
    if "heads" not in st.session_state:
        st.session_state.heads = AVERAGE if view.average else str(view.head)
    heads = columns[1].segmented_control(
        t("unfold.heads", view.lang),
        (AVERAGE, *(str(head) for head in range(config.n_heads))),
        key="heads",
        required=True,
        format_func=lambda name: t("unfold.average", view.lang) if name == AVERAGE else name,
        persist_state="session",
    )
    assert heads is not None
    st.session_state.average = heads == AVERAGE
    if heads != AVERAGE:
        st.session_state.head = int(heads)
    return replace(view, layer=layer, average=heads == AVERAGE, head=st.session_state.head)


def choose_stage(view: View) -> None:
    """Draw the road of stages; a choice becomes the view's site before the block runs again."""
    words = {word: t(f"stage.{word}", view.lang) for word in ("back", "next", "keys")}
    stages = [(stage, t(f"stage.{stage}", view.lang)) for stage in STAGES]
    stepper("attention.stage", stages, view.site, words, mode(), lambda stage: st.session_state.update(site=stage))


def choose_cell(view: View, trace: Trace, values: HeadValues) -> View:
    """Draw the choice of a row and, where the stage has keys, a column; return the view with both."""
    queries, keys = _row_names(view, trace), _key_names(view, trace)
    columns = st.columns(2)
    row = columns[0].selectbox(
        t("choose.row", view.lang),
        range(len(queries)),
        index=min(view.row or 0, len(queries) - 1),
        format_func=lambda i: queries[i],
        key=f"attention.row.{view.stack}",
    )
    st.session_state.row = row
    if view.site in ("q", "z"):
        return replace(view, row=row)
    best = strongest_key(values, row) if view.column is None or view.row != row else min(view.column, len(keys) - 1)
    column = columns[1].selectbox(
        t("choose.column", view.lang),
        range(len(keys)),
        index=best,
        format_func=lambda j: keys[j],
        key=f"attention.column.{view.path}.{view.head}.{row}",
    )
    st.session_state.column = column
    return replace(view, row=row, column=column)


def stage_figures(view: View, trace: Trace, values: HeadValues) -> list[tuple[str, go.Figure]]:
    """Return the stage's heatmaps, each with a name: three for Q, K and V, one for the rest."""
    colours = theme(mode())
    if view.site in ("q", "z"):
        names = ("q", "k", "v") if view.site == "q" else ("z",)
        return [
            (name, vectors_matrix(getattr(values, name), name, _vector_axes(view, trace, name), colours))
            for name in names
        ]
    axes = Axes(
        rows=_row_ticks(view, trace),
        columns=tick_labels(_key_tokens(view, trace), colours),
        row_title=t(_axis(view, "query"), view.lang),
        column_title=t("axis.key", view.lang),
        value=t(f"value.{view.site}", view.lang),
        blocked=t("value.blocked", view.lang),
    )
    if view.site == "weights":
        return [("weights", weights_matrix(values.weights, values.mask, axes, colours))]
    allowed = values.mask if view.site == "scores" else None
    return [(view.site, scores_matrix(getattr(values, view.site), allowed, axes, colours))]


def show_story(view: View, trace: Trace, values: HeadValues) -> None:
    """Draw the formula, the same with the numbers of the chosen cell, and its terms."""
    row = view.row or 0
    column = view.column if view.column is not None else strongest_key(values, row)
    story = tell(view.site, values, row, column, _key_names(view, trace))
    st.latex(story.symbols)
    st.caption(t("rule.numbers", view.lang))
    st.latex(story.numbers)
    if story.dimension is None:
        st.caption(t("rule.terms", view.lang))
    else:
        st.caption(t("rule.terms_strongest", view.lang, e=story.dimension, row=row))
    label = "term.label_dimension" if view.site in ("q", "scores_raw") else "term.label_key"
    header = [t(name, view.lang) for name in (label, *story.columns)]
    terms_table("attention.terms", header, [_term_row(term, view.lang) for term in story.terms], mode())


def show_pictures(view: View, trace: Trace, values: HeadValues) -> None:
    """Draw the stage's heatmaps, each vector's under its name and in its colour."""
    for name, figure in stage_figures(view, trace, values):
        if view.site in ("q", "z"):
            st.markdown(f"**{t(f'vectors.{name}', view.lang)}**")
        alt = f"{t(f'stage_title.{view.site}', view.lang)} ({name})"
        st.plotly_chart(figure, key=f"attention.{name}", config={"displayModeBar": False}, alt=alt)


def stage_note(view: View, values: HeadValues) -> str:
    """Return what the stage does, in words."""
    key = "scores_open" if view.site == "scores" and values.mask.all() else view.site
    return t(f"stage_note.{key}", view.lang, d_head=values.d_head, root=number(values.d_head**0.5))


def _term_row(term: Term, lang: str) -> dict[str, object]:
    label = t(f"term.{term.key}", lang, n=term.label) if term.key else term.label
    return {"label": label, "numbers": term.numbers, "bar": term.bar, "mark": term.mark, "total": term.key == "total"}


def _vector_axes(view: View, trace: Trace, name: str) -> Axes:
    colours = theme(mode())
    queries = name in ("q", "z") or view.block == "self_attn"
    return Axes(
        rows=_row_ticks(view, trace) if queries else tick_labels(_key_tokens(view, trace), colours),
        columns=(),
        row_title=t(_axis(view, "position") if queries else "axis.position", view.lang),
        column_title=t("axis.dimension", view.lang),
        value=t(f"value.{name}", view.lang),
    )


def _axis(view: View, name: str) -> str:
    return f"axis.{name}_decoder" if view.stack == "decoder" else f"axis.{name}"


def _key_tokens(view: View, trace: Trace) -> tuple[str, ...]:
    decoder_side = view.stack == "decoder" and view.block == "self_attn"
    return trace.target_tokens if decoder_side else trace.source_tokens


def _row_ticks(view: View, trace: Trace) -> list[str]:
    colours = theme(mode())
    if view.stack == "encoder":
        return tick_labels(trace.source_tokens, colours)
    return tick_labels(trace.target_tokens, colours, trace.written_tokens)


def _row_names(view: View, trace: Trace) -> list[str]:
    if view.stack == "encoder":
        return plain_rows(trace.source_tokens)
    return plain_rows(trace.target_tokens, trace.written_tokens)


def _key_names(view: View, trace: Trace) -> list[str]:
    return plain_rows(_key_tokens(view, trace))
