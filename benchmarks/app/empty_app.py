"""The floor of every interaction: an empty fragment, with torch and plotly loaded and the app's own settings.

`benchmarks.startup` runs it; `streamlit run benchmarks/app/empty_app.py` shows it.
"""

from __future__ import annotations

import gc

import plotly.graph_objects  # noqa: F401
import streamlit as st
import torch  # noqa: F401


@st.cache_resource
def freeze() -> None:
    """Do once what the app does when it starts."""
    gc.collect()
    gc.freeze()


@st.fragment
def nothing() -> None:
    """Draw a button, and how often it was pressed."""
    st.session_state.count = st.session_state.get("count", -1) + 1
    st.button("Again")
    st.text(f"Run {st.session_state.count}")


freeze()
nothing()
