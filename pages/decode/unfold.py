"""Page: watch the decoder write, one word per step, forward and back."""

from __future__ import annotations

import streamlit as st

from ui.decode.unfold import OPTIONS, own_run, show_run, words_of
from ui.frame.bar import show_words
from ui.frame.edit_bar import show_no_steps
from ui.frame.wording import said
from ui.parts.choosers import choose_layer_and_heads
from ui.parts.components import address
from ui.state.models import CONTINUED, given_ids
from ui.state.options import read_link, to_link
from ui.state.session import asked_for, current_view, first_step, show_problems, traced
from ui.state.view import to_query

PAGE = "unfold"


def main() -> None:
    view = current_view()
    trace = traced(view, needs="writes")
    if trace is None:
        address(to_query(view), PAGE)
        return
    if trace.breaks_causality:
        show_words(view, trace)
        show_no_steps(view.lang)
        address(to_query(view), PAGE)
        return
    problems = read_link(*OPTIONS)
    trace, _ = own_run(asked_for(view), problems)
    first_step(view, len(trace.written_ids), problems, len(given_ids(asked_for(view))))
    show_problems(view.lang, problems)
    show_player()


@st.fragment  # another layer, head, rule or word reruns this block, and the player stays at its step
def show_player() -> None:
    show_words(current_view(), words_of(asked_for(current_view())))
    view = choose_layer_and_heads(current_view())
    st.markdown(said("unfold.lead", view.model, view.lang, n=CONTINUED))
    show_run(view, f"{PAGE}.player")
    address(to_query(view) | to_link(*OPTIONS), PAGE)


main()
