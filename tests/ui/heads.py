"""What the tests of the page of all heads share: the page, opened, and the numbers that its component got."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from tests.figures.base.heatmaps.unpacked_cells import unpacked_cells
from tests.ui.opened import notes, open_page, warnings
from ui.state.models import DEFAULT_MODEL, get_model

HEADS = "explore/heads.py"
CHINESE = "我有一只猫"


def opened(**query: object) -> AppTest:
    at = open_page(HEADS, **{"lang": "en", "source": CHINESE, **query})
    assert (warnings(at), notes(at)) == ([], [])
    return at


def values(found: dict[str, Any], name: str = "weight") -> NDArray[np.float64]:
    """The numbers of all heads as the component draws them, infinity where a cell is blocked."""
    shape = found["n_layers"], found["n_heads"], len(found["rows"]), len(found["columns"])
    told = {**found["numbers"][name], "rows": np.prod(shape[:3]), "columns": shape[3]}
    return unpacked_cells(told).reshape(shape)


def written(source: str) -> str:
    return get_model(DEFAULT_MODEL).translate(source).text
