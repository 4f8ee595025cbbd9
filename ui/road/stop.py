"""What every stop of the road has below its pictures: one number, what fails, and where its idea lives on."""

from __future__ import annotations

import streamlit as st

from figures.base.labels import number
from ui.frame.text import dotted, t
from ui.parts.cards import show_card
from ui.road.unseen import SETS, unseen_bits
from ui.state.road import road_stop
from ui.state.view import View
from ui.state.whose import open_elsewhere


def show_number(view: View, bits: float) -> None:
    """Draw the number that goes along the road: bits a character.

    Args:
        view: what the reader chose.
        bits: of the reader's own sentence.
    """
    found = {name: number(unseen_bits(view.model, name), 2) for name in SETS}
    with st.container(key="road_number", horizontal=True, gap="large"):
        for name, value in {"own": number(bits, 2), **found}.items():
            st.metric(t(f"road_number.{name}", view.lang), t("road.bits", view.lang, n=value))
    st.caption(dotted("road.number", view.lang))


def show_failure(view: View, page: str, sentence: str) -> None:
    """Draw what does not work at this stop, and made people go on.

    Args:
        view: what the reader chose.
        page: the stop.
        sentence: says it, with the numbers of real runs.
    """
    st.markdown(f"##### {t(f'road_fails.{page}', view.lang)}\n\n{sentence}")


def show_end(view: View, page: str) -> None:
    """Draw what opens the next stop, and where the idea of this one lives on; and the model's card."""
    stop = road_stop(page)
    assert stop is not None, page
    st.markdown(dotted(f"road_opens.{page}", view.lang))
    label = t("road.lives", view.lang, page=t(f"page.{stop.lives[0]}", view.lang))
    if st.button(label, key="lives", type="tertiary", icon=":material/arrow_outward:"):
        open_elsewhere(*stop.lives, **dict(zip(("stack", "block"), stop.looks_at or (), strict=False)))
        st.rerun()
    show_card(view.model, view.lang)
