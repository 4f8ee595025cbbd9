"""What the stops of a road show below their maps: a title, one sentence of what to look at, a chart, and its facts."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from figures.labels import number, plain_rows, tick_labels
from figures.theme import Mode, theme
from transformer_core.trace import Trace
from ui.text import escape


def head(title: str, look: str) -> None:
    """Draw a title and what to look at below it."""
    st.markdown(f"##### {title}")
    st.markdown(look)


def chart(figure: go.Figure, key: str, alt: str) -> None:
    """Draw a figure; `alt` is what a reader hears who does not see it."""
    st.plotly_chart(figure, key=key, config={"displayModeBar": False}, alt=alt)


def apart(difference: float) -> str:
    """Return a difference as a sentence names it: 0 where there is none at all."""
    return number(difference) if difference else "0"


def ticks(trace: Trace, stack: str, mode: Mode, *, reads: bool = False) -> list[str]:
    """Return a safe tick label per row of a stack; a decoder row says what it reads and, unless `reads`, writes."""
    if stack == "encoder":
        return tick_labels(trace.source_tokens, theme(mode))
    return tick_labels(trace.target_tokens, theme(mode), () if reads else trace.written_tokens)


def told_row(trace: Trace, stack: str, row: int) -> str:
    """Return a row's position and word, as a sentence may name it."""
    tokens, written = (trace.source_tokens, ()) if stack == "encoder" else (trace.target_tokens, trace.written_tokens)
    return escape(plain_rows(tokens, written)[row])
