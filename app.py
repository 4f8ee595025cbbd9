"""Start-up: load the default model and tidy the garbage collector, then serve `ui/main.py` and the components' modules.

streamlit run app.py
streamlit run app.py -- --model FOLDER_OR_NAME  # and the reader's own models beside the bundled ones
streamlit run app.py --server.address 127.0.0.1 -- --any-model  # and a field in which any model is opened
"""

from __future__ import annotations

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from transformer_core.glass.errors import GlassformerError
from ui.frame.trouble import say_uncaught
from ui.parts.modules import routes
from ui.server.gate import Gate
from ui.server.headers import Headers
from ui.server.log import keep_texts_out
from ui.server.metrics import serve_metrics
from ui.state.models import DEFAULT_MODEL, get_model
from ui.state.opening import open_own
from ui.state.own_models import add_own_models

COMMAND = "streamlit run app.py --"


@asynccontextmanager
async def _warm(_: st.App) -> AsyncIterator[dict[str, Any] | None]:
    get_model(DEFAULT_MODEL)
    serve_metrics()
    # What is loaded stays for good: without this every collection would walk over all of torch.
    gc.collect()
    gc.freeze()
    yield None


def _open_own_models() -> None:
    """Open the models that the command line names, before anybody waits for a page."""
    try:
        for name in add_own_models(sys.argv[1:], st.get_option("server.address"), COMMAND):
            open_own(name)
    except GlassformerError as error:
        sys.exit(f"{COMMAND} --model: {error}")


if Path(sys.argv[0]).name == Path(__file__).name:  # `streamlit run` leaves us what is ours; others have words of theirs
    _open_own_models()
keep_texts_out()
app = st.App(
    "ui/main.py",
    routes=routes(),
    middleware=[Middleware(Headers), Middleware(Gate)],
    lifespan=_warm,
    on_script_error=say_uncaught,
)
