"""Long work: a progress bar for what is computed once for all sessions, and work in parts that the reader can stop."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

import streamlit as st

from transformer_core.studies.importance import Progress
from ui.frame.text import t

SLICE = 0.4  # seconds of work between two moments at which a click on "stop" is heard
_progress: ContextVar[Progress | None] = ContextVar("progress", default=None)


def progress() -> Progress | None:
    """Return whom to tell how far the work is; None where nobody waits."""
    return _progress.get()


@contextmanager
def progress_bar(text: str) -> Iterator[None]:
    """Show a bar with a text until the block ends; what computes in it finds the bar in `progress`.

    A click of the reader on anything ends the work where it next tells of itself: Streamlit stops the run there.
    """
    bar = st.progress(0.0, text)

    def tell(done: int, whole: int) -> None:
        bar.progress(done / whole, text)

    token = _progress.set(tell)
    try:
        yield
    finally:
        _progress.reset(token)
        bar.empty()


def in_parts(key: str, what: Hashable, n: int, advance: Callable[[int], int], lang: str, *, by_itself: bool) -> int:
    """Carry on long work, with its progress and a Stop, and return how much of it is done.

    While it goes on this does not return: after every slice of time the page begins anew, because Streamlit hears no
    click within a fragment before the run ends. What was done when the reader stopped stays done.

    Args:
        key: of its widgets, and the section of its texts: start, go_on, stop, part.
        what: identifies the work in this session.
        n: how much there is to do.
        advance: does some more after what is done, and returns how much is done then.
        lang: of the texts.
        by_itself: whether it begins without a click.
    """
    done: dict[Hashable, int] = st.session_state.setdefault(f"{key}_done", {})
    running: dict[Hashable, bool] = st.session_state.setdefault(f"{key}_running", {})
    now = done.setdefault(what, 0)
    if now >= n:
        return n
    if not running.get(what, by_itself):
        label = t(f"{key}.go_on" if now else f"{key}.start", lang, n=now, all=n)
        st.button(label, key=f"{key}_start", on_click=running.update, args=({what: True},))
        return now
    place, until = st.empty(), monotonic() + SLICE
    with place.container():
        st.button(t(f"{key}.stop", lang), key=f"{key}_stop", on_click=running.update, args=({what: False},))
        bar = st.empty()
        while done[what] < n:
            if monotonic() > until:
                st.rerun()
            bar.progress(done[what] / n, t(f"{key}.part", lang, n=done[what], all=n))
            done[what] = advance(done[what])
    place.empty()
    return n
