"""The app with the models of another folder, which the environment names, in place of the bundled ones."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from transformer_core.models import files  # noqa: E402
from ui.parts.modules import routes  # noqa: E402

files.BUNDLED = Path(os.environ["MODELS_UNDER_TEST"])
app = st.App(ROOT / "ui/main.py", routes=routes())
