"""What a head is, and why there are several: said with the reader's own words on the pages of heads."""

from __future__ import annotations

import streamlit as st

from figures.explore.several_heads import Look, looks
from transformer_core.glass.errors import GlassformerError
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_facts
from ui.frame.text import SPACES, dotted, escape, t
from ui.state.models import get_model, get_trace
from ui.state.session import identify_run
from ui.state.view import View, block_of


def say_several(view: View) -> None:
    """Say it of the attention block at which the reader looks, if its run can be had."""
    try:
        trace = get_trace(identify_run(view).edited)
    except GlassformerError:
        return  # the page says why
    show_several(view, trace)


def show_several(view: View, trace: Trace) -> None:
    """Draw the sentences: what a head is, why there are several, and where those of this layer look from one word."""
    lang, block = view.lang, block_of(get_model(view.model).plan, view)
    facts = attention_facts(block)
    told = [dotted("several.what", lang, n=facts.heads, d_head=facts.d_head)]
    found = looks(trace, block)
    if found is not None:
        told.append(_example(found, view))
    st.markdown(SPACES[lang].join(told))


def _example(found: Look, view: View) -> str:
    lang = view.lang
    parts = [
        t("several.head", lang, head=head, word=escape(word), weight=f"{100 * weight:.1f} %")
        for head, (word, weight) in enumerate(found.most)
    ]
    return t(
        "several.example",
        lang,
        layer=view.layer,
        row=escape(found.row),
        heads=f"{t('several.between', lang)}{SPACES[lang]}".join(parts),
    )
