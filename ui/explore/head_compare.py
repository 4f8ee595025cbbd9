"""The open head beside another one: of the same sentence, of another sentence, or of another model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from figures.explore.head_compare import Side, compared
from transformer_core.glass.errors import GlassformerError
from transformer_core.glass.walks import attention_facts, attention_of, n_layers
from ui.explore.components import two_heads
from ui.explore.head_values import Kind, answering, asking, sides, values_of_head
from ui.frame.text import SEPARATOR, dotted, escape, say_error, section, t
from ui.state.examples import examples
from ui.state.models import get_model, get_trace, model_names, model_title
from ui.state.options import Option, one_of
from ui.state.session import attention_choices, identify_run, mode, path_of, ready_text, takes_target
from ui.state.view import View, n_heads

WITH = ("none", "head", "sentence", "model", "original")
MOST_WORDS = 8  # that differ, and are named
MOST_CHARACTERS = 2000  # of a sentence in a link


def _head(text: str) -> str | None:
    return text if re.fullmatch(r"\d{1,3}\.\d{1,3}", text) else None


def _sentence(text: str) -> str | None:
    return text if len(text) <= MOST_CHARACTERS else None


def _model(text: str) -> str | None:
    return text if text in model_names() else None


COMPARE = Option("compare", "none", one_of(*WITH))
BESIDE = Option("beside", "0.0", _head)
BESIDE_SOURCE = Option("beside_source", "", _sentence)
BESIDE_MODEL = Option("beside_model", "zh-en-prenorm", _model)
COMPARE_OPTIONS = (COMPARE, BESIDE, BESIDE_SOURCE, BESIDE_MODEL)


def show_compare(view: View, shown: str, most: float | None) -> tuple[View, View] | None:
    """Draw the choice of what the open head is compared with, both heads, and their difference; return their views.

    Args:
        view: with the open head.
        shown: "weight" or "carried".
        most: the number of the full colour; None is the largest of both.
    """
    lang = view.lang
    st.markdown(f"##### {t('heads.compare', lang)}")
    st.caption(dotted("heads.compare_look", lang))
    if COMPARE.value == "original" and not view.edits:
        COMPARE.choose("none")  # the last edit is gone
    choice, detail = st.columns([4, 3], vertical_alignment="bottom")
    choice.segmented_control(
        t("heads.compare_with", lang),
        WITH if view.edits else WITH[:-1],
        required=True,
        format_func=lambda name: t(f"compare_with.{name}", lang),
        wrap=True,
        **COMPARE.widget(),
    )
    with detail:
        other = _choose(view)
    if other is None:
        return None
    # The difference is then, as everywhere, what the edits add.
    first = replace(view, run="original") if COMPARE.value == "original" else view
    try:
        data = _compared(first, other, shown, most)
    except GlassformerError as error:
        st.warning(say_error(error, lang), icon=":material/edit:")
        return None
    titles = [_title(one) for one in (first, other)]
    two_heads("two_heads", {**data, "titles": titles}, section("compare_words", lang), mode())
    st.caption(_said(data, lang))
    if COMPARE.value == "model":
        st.caption(dotted("heads.same_words", lang))
    return first, other


def _choose(view: View) -> View | None:
    """Draw what else has to be chosen; return the view of the other head, None if there is none yet."""
    lang, chosen = view.lang, COMPARE.value
    if chosen == "head":
        return _choose_head(view)
    if chosen == "original":
        return replace(view, run="edited")
    if chosen == "sentence":
        if not BESIDE_SOURCE.value:
            BESIDE_SOURCE.choose(next((one for one in examples(view.model) if one != ready_text(view).text), ""))
        st.text_input(t("heads.beside_source", lang), help=t("heads.type_another", lang), **BESIDE_SOURCE.widget())
        return replace(view, source=BESIDE_SOURCE.value, target="")
    if chosen == "model":
        here = (view.stack, view.block)
        others = [
            name
            for name in model_names()
            if name != view.model and here in attention_choices(replace(view, model=name))
        ]
        if not others:
            return None
        if BESIDE_MODEL.value not in others:
            BESIDE_MODEL.choose(others[0])
        st.selectbox(
            t("heads.beside_model", lang),
            others,
            format_func=lambda name: model_title(name, lang),
            **BESIDE_MODEL.widget(),
        )
        return _fitted(replace(view, model=BESIDE_MODEL.value, target=_written(view)))
    return None


def _written(view: View) -> str:
    """What the view's model is made to write, or writes by itself."""
    glass = get_model(view.model)
    if view.target.strip() or not takes_target(view.model):
        return view.target
    return glass.translate(ready_text(view).text).text


def _fitted(view: View) -> View:
    """The view with a layer and a head that its model has."""
    plan = get_model(view.model).plan
    view = replace(view, layer=min(view.layer or 0, n_layers(plan, view.stack) - 1))
    return replace(view, head=min(view.head, n_heads(plan, view) - 1))


def _choose_head(view: View) -> View:
    blocks = attention_of(get_model(view.model).plan, view.stack, view.block)
    names = [f"{block.layer}.{head}" for block in blocks for head in range(attention_facts(block).heads)]
    if BESIDE.value not in names:
        BESIDE.choose(names[0])
    st.selectbox(
        t("heads.beside", view.lang), names, format_func=lambda name: _named(name, view.lang), **BESIDE.widget()
    )
    layer, head = (int(number) for number in BESIDE.value.split("."))
    return replace(view, layer=layer, head=head)


def _named(name: str, lang: str) -> str:
    layer, _, head = name.partition(".")
    return t("heads_words.one", lang, layer=layer, head=head)


def _compared(view: View, other: View, shown: str, most: float | None) -> dict[str, Any]:
    kind = (view.stack, view.block)
    return compared(_side(view, kind, shown), _side(other, kind, shown), most)


def _side(view: View, kind: Kind, shown: str) -> Side:
    trace = get_trace(identify_run(view))
    assert view.layer is not None
    values = values_of_head(trace, kind, shown, view.layer, view.head)
    mask = trace[f"{path_of(view)}.mask"]
    return Side(values, mask, asking(trace, kind), answering(trace, kind), sides(trace, kind))


def _title(view: View) -> str:
    model = model_title(view.model, view.lang)
    title = t("heads.title", view.lang, model=model, layer=view.layer, head=view.head, source=ready_text(view).text)
    run = {"": "", "edited": "edited", "difference": "edited", "original": "original"}[view.run if view.edits else ""]
    return f"{title}{SEPARATOR}{t(f'edit_run.{run}', view.lang)}" if run else title


def _said(data: dict[str, Any], lang: str) -> str:
    """What is to be said of the difference, or why there is none."""
    if data["difference"] is None:
        first, second = (f"{len(one['rows'])} × {len(one['columns'])}" for one in data["maps"])
        return t("heads.no_difference", lang, first=first, second=second)
    scale = t("heads.one_scale", lang)
    return f"{scale} {_apart(data['apart'], lang)}" if data["apart"] else scale


def _apart(words: Sequence[str], lang: str) -> str:
    named = SEPARATOR.join(escape(word) for word in words[:MOST_WORDS])
    return t("heads.words_apart", lang, words=f"{named} …" if len(words) > MOST_WORDS else named)
