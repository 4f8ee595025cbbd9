"""What the home of the app shows: what this is, the map of the whole model, and the path through it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from figures.explore.architecture import DIMENSIONS, WIDE, architecture
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import n_layers, stacks
from ui.explore.components import architecture_map
from ui.frame.page import Page
from ui.frame.text import dotted, t
from ui.frame.wording import fitting, said
from ui.parts.focus import open_value
from ui.state.models import Asked, get_trace
from ui.state.road import WHOLE
from ui.state.session import identify_run, mode
from ui.state.shared.kept import kept_with_run
from ui.state.view import View
from ui.take_home.picture import take_pictures
from ui.take_home.words import best_words


def show_map(page: Page, view: View, trace: Trace) -> None:
    """Draw the map of the view's run, and write the address."""
    asked, lang = identify_run(view), view.lang
    model, key = _map(asked), f"{page.name}.map"
    words = fitting("map", view.model, lang, terms=True) | {
        name: said(f"front.{name}", view.model, lang) for name in ("what", "how")
    }
    architecture_map(key, model, words, mode(), lambda site: open_value(trace.plan, site))
    layers = [n_layers(trace.plan, stack) for stack in stacks(trace.plan)]
    facts = {**model["facts"], "n_enc": layers[0], "n_dec": layers[-1]}
    facts["norm"] = said(f"architecture.{facts['norm']}", view.model, lang)
    drawn = t(
        "architecture.caption_difference" if asked.difference else "architecture.caption",
        lang,
        dimensions=DIMENSIONS,
        wide=WIDE,
        full=f"{model['full']:.1%}",
    )
    more = said("architecture.shape", view.model, lang, **facts)
    with st.container(key="below_map", horizontal=True, vertical_alignment="center"):
        st.caption(dotted("architecture.facts", lang), help=f"{more}\n\n{drawn}", width="stretch")
        if st.button(t("front.road", lang), key="to_road", type="tertiary", icon=":material/route:"):
            st.session_state.opened = WHOLE
            st.rerun()
    take_pictures(page.name, "", trace, [best_words(asked, trace, key, page.name, t(f"page.{page.name}", lang), lang)])
    page.write_address()


@kept_with_run
def _map(asked: Asked) -> Mapping[str, Any]:
    return architecture(get_trace(asked), get_trace(asked.plain) if asked.difference else None)
