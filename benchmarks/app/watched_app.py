"""The app, with an address that tells what its caches hold, which may be $CACHE_MB; for `python -m benchmarks.soak`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import JSONResponse  # noqa: E402
from starlette.routing import Route  # noqa: E402

import app as started  # noqa: E402
from ui.state import models  # noqa: E402

MOST = 10**6 * int(os.environ.get("CACHE_MB", "1000000"))
caches: list[models.Once[Any, Any]] = []


class Watched(models.Once[Any, Any]):
    """A cache that is known here."""

    def __init__(self, compute: Any, size: Any, limit: int) -> None:
        super().__init__(compute, size, min(limit, MOST))
        caches.append(self)


async def watch(_: Request) -> JSONResponse:
    """Tell the bytes of all caches and how many values they hold."""
    return JSONResponse({"bytes": sum(one.nbytes for one in caches), "values": sum(len(one._values) for one in caches)})


models.Once = Watched  # type: ignore[misc]
app = st.App(ROOT / "ui/main.py", lifespan=started._warm, routes=[Route("/watch", watch)])
