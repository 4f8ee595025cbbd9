"""A progress bar for what is computed once for all sessions: it stands on the page of whoever asks first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

from transformer_core.importance import Progress

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
