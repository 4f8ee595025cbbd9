"""The mask laboratory's hand: the presets, and the grid on which the reader opens and blocks cells."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from figures.base.wire import flagged
from transformer_core.glass.trace import Trace
from ui.frame import wording
from ui.frame.text import section, t
from ui.learn.components import mask_grid
from ui.learn.masks.choice import LAYERS, MASK, OWN, PRESETS, WIDEST, MaskChoice, as_rows, mask_of, natural_preset
from ui.learn.masks.runs import Rows
from ui.state.models import get_model, get_trace
from ui.state.session import identify_run, mode, path_of
from ui.state.view import View, block_of


def choose_mask(view: View) -> None:
    """Draw the choice of the preset, of its width, and of the layers that get the mask."""
    lang, natural = view.lang, natural_preset(block_of(get_model(view.model).plan, view))
    presets, width, layers = st.columns([6, 2, 3], vertical_alignment="bottom")
    st.session_state["masks.preset"] = MASK.value.preset or natural
    presets.segmented_control(
        t("masks.preset", lang),
        PRESETS,
        key="masks.preset",
        required=True,
        format_func=lambda name: t(f"mask_preset.{name}", lang),
        on_change=_set_preset,
        args=(view,),
        wrap=True,
    )
    if MASK.value.preset == "window":
        st.session_state["masks.width"] = MASK.value.width
        width.number_input(t("masks.width", lang), 0, WIDEST, key="masks.width", on_change=_set_width)
    layers.segmented_control(
        t("masks.layers", lang),
        ("one", "all"),
        required=True,
        format_func=lambda name: t(f"mask_layers.{name}", lang, layer=view.layer),
        **LAYERS.widget(),
    )
    st.caption(wording.said_dotted(f"mask_says.{MASK.value.preset or natural}", view.model, lang))


def draw_mask(view: View, trace: Trace, mask: Rows) -> None:
    """Draw the mask as a grid whose cells the reader opens and blocks.

    Args:
        view: which block.
        trace: of the run without edits.
        mask: that is shown.
    """
    natural = as_rows(trace[f"{path_of(view)}.mask"])
    asking, answering = (str(side) for side in trace.site(f"{path_of(view)}.mask").sides)
    queries, keys = trace.words_of(asking).read, trace.words_of(answering).read

    def draw(rows: Sequence[str]) -> None:
        # What comes from a browser is checked; a row without an open cell is never sent by ours.
        if [len(row) for row in rows] == [len(row) for row in natural] and all("1" in row for row in rows):
            MASK.choose(MaskChoice(OWN, MASK.value.width, tuple(rows)))

    words_of = (asking, 0), (answering, 0)  # a row stands here for the word that it reads
    grid = {
        "rows": flagged(queries),
        "columns": flagged(keys),
        "words_of": words_of,
        "allowed": mask,
        "natural": natural,
    }
    mask_grid("mask_drawing", grid, section("mask_grid", view.lang), mode(), draw)


def _set_preset(view: View) -> None:
    """What was drawn is kept while another preset is looked at; drawing begins with what is there."""
    preset, chosen = st.session_state["masks.preset"], MASK.value
    drawn = chosen.drawn
    if preset == OWN and not drawn:
        drawn = as_rows(mask_of(chosen, get_trace(identify_run(view).plain)[f"{path_of(view)}.mask"]))
    MASK.choose(
        MaskChoice(
            "" if preset == natural_preset(block_of(get_model(view.model).plan, view)) else preset, chosen.width, drawn
        )
    )


def _set_width() -> None:
    MASK.choose(MaskChoice("window", st.session_state["masks.width"], MASK.value.drawn))
