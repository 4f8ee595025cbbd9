"""The app, with a line in the log for every forward pass that is traced."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

import transformer_core.edits.run as editing  # noqa: E402
from ui.parts.modules import routes  # noqa: E402

_run = editing.run_with_trace


def _counted(*given: Any, **options: Any) -> Any:
    print("traced", " ".join(options["words"]["source"].texts), flush=True)
    return _run(*given, **options)


editing.run_with_trace = _counted
app = st.App(ROOT / "ui/main.py", routes=routes())
