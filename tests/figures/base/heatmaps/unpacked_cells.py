"""The way back from `figures.base.heatmaps.cells.packed_cells`, as the heatmap's JavaScript takes it."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.heatmaps.cells import NO_CELL


def unpacked_cells(sent: dict[str, Any]) -> NDArray[np.float64]:
    """Return the numbers as they are drawn: infinity where a cell is blocked, NaN where there is none."""
    shape, step = (sent["rows"], sent["columns"]), sent.get("step")
    kind = "<f4" if step is None else "<i2"
    numbers = np.frombuffer(base64.b64decode(sent["cells"]), dtype=kind).astype(np.float64)
    if step is not None:
        numbers = np.where(numbers == NO_CELL, np.nan, numbers * step)
    if "open" not in sent:
        return numbers.reshape(shape)
    bits = np.frombuffer(base64.b64decode(sent["open"]), dtype=np.uint8)
    cells = np.full(shape, np.inf)
    cells[np.unpackbits(bits, count=cells.size).reshape(shape).astype(bool)] = numbers
    return cells
