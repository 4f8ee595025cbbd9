"""Page: the whole model as one picture, in which the reader's sentence flows. The home of the app."""

from __future__ import annotations

import streamlit as st

from figures.architecture import DIMENSIONS, WIDE
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import n_layers, stacks
from ui.bar import show_words
from ui.components import address, architecture_map
from ui.focus import open_value
from ui.models import get_map
from ui.session import asked_for, current_view, mode, opened_page, traced
from ui.take_picture import take_pictures
from ui.take_words import best_words
from ui.text import t
from ui.view import View, to_query
from ui.wording import fitting, said

PAGE = "architecture"


def main() -> None:
    if page := opened_page(PAGE):
        st.switch_page(page)
    view = current_view()
    if (trace := traced(view)) is not None:
        show_words(view, trace)
        show_map(view, trace)
    address(to_query(view), PAGE)


def show_map(view: View, trace: Trace) -> None:
    asked = asked_for(view)
    model = get_map(asked)
    layers = [n_layers(trace.plan, stack) for stack in stacks(trace.plan)]
    facts = {**model["facts"], "n_enc": layers[0], "n_dec": layers[-1]}
    facts["norm"] = t(f"architecture.{facts['norm']}", view.lang)
    st.markdown(said("architecture.lead", view.model, view.lang, **facts))
    words = fitting("map", view.model, view.lang)
    architecture_map(f"{PAGE}.map", model, words, mode(), lambda key: open_value(trace.plan, key))
    told = t(
        "architecture.caption_difference" if asked.difference else "architecture.caption",
        view.lang,
        dimensions=DIMENSIONS,
        wide=WIDE,
        full=f"{model['full']:.1%}",
    )
    st.caption(told)
    title = t(f"page.{PAGE}", view.lang)
    take_pictures(PAGE, "", trace, [best_words(asked, trace, f"{PAGE}.map", PAGE, title, view.lang)])


main()
