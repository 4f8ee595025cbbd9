"""Start-up: load the default model and tidy the garbage collector, then serve `ui/main.py` and the components' modules.

streamlit run app.py
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st

from ui.parts.modules import routes
from ui.state.models import DEFAULT_MODEL, get_model


@asynccontextmanager
async def _warm(_: st.App) -> AsyncIterator[dict[str, Any] | None]:
    get_model(DEFAULT_MODEL)
    # What is loaded stays for good: without this every collection would walk over all of torch.
    gc.collect()
    gc.freeze()
    yield None


app = st.App("ui/main.py", routes=routes(), lifespan=_warm)
