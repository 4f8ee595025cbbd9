"""Padding with and without its mask, measured in real runs of the reader's sentence."""

from __future__ import annotations

import streamlit as st

from figures.base.labels import number
from transformer_core.glass.trace import Trace
from transformer_core.studies.mask_effects import Padding, compare_padding
from ui.frame.text import t
from ui.frame.wording import said_dotted
from ui.learn.masks.runs import ids_of
from ui.parts.charts import apart, heading
from ui.state.both_runs import say_without
from ui.state.models import Asked, get_model, get_trace
from ui.state.session import identify_run
from ui.state.shared.kept import kept_with_run
from ui.state.view import View

N_PADS = 4


def show_padding(view: View, trace: Trace) -> None:
    """Tell what padding behind the sentence does to it, with the mask that hides it and without."""
    lang = view.lang
    limit = get_model(view.model).config.max_length
    n_pads = min(N_PADS, limit - len(trace.words_of(trace.plan.word_lists[0].name).read))
    st.divider()
    heading(t("padding.title", lang), said_dotted("padding.look", view.model, lang, n=n_pads))
    say_without(view)
    if not n_pads:
        st.markdown(said_dotted("padding.no_room", view.model, lang, limit=limit))
        return
    found = _compared(identify_run(view).plain, n_pads)
    n = len(trace.words_of(trace.plan.word_lists[-1].name).read)
    with_mask, without = st.columns(2)
    with_mask.markdown(
        said_dotted("padding.masked", view.model, lang, apart=apart(found.masked), words=found.masked_words, n=n)
    )
    share = number(100 * found.weight, 1)
    without.markdown(
        said_dotted(
            "padding.open",
            view.model,
            lang,
            apart=number(100 * found.open, 1),
            words=found.open_words,
            n=n,
            weight=share,
        )
    )


@kept_with_run
def _compared(asked: Asked, n_pads: int) -> Padding:
    trace = get_trace(asked)
    source, read = ids_of(trace)
    assert source is not None
    return compare_padding(get_model(asked.model).model, source, read, n_pads)
