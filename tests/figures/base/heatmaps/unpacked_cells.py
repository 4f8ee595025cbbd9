"""The way back from `figures.base.heatmaps.cells.packed_cells`, as the heatmap's JavaScript takes it."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray


def unpacked_cells(sent: dict[str, Any]) -> NDArray[np.float64]:
    """Return the numbers as they are drawn: infinity where a cell is blocked, NaN where there is none."""
    shape, data = (sent["rows"], sent["columns"]), base64.b64decode(sent["cells"])
    if "parts" in sent:
        numbers = [_number(n, sent["parts"], sent["signed"]) for n in _planes(data)]
    else:
        numbers = np.frombuffer(data, "<f4").tolist()
    cells = np.full(shape[0] * shape[1], np.inf)
    runs = _planes(base64.b64decode(sent["open"])) if "open" in sent else [cells.size]
    assert sum(runs) == cells.size
    cells[np.repeat(np.arange(len(runs)) % 2 == 0, runs)] = numbers
    return cells.reshape(shape)


def _number(counted: int, parts: int, signed: bool) -> float:
    if counted < 2:
        return [np.nan, 0.0][counted]
    n, negative = divmod(counted - 2, 2) if signed else (counted - 2, 0)
    return (n + 0.5) / parts * (-1 if negative else 1)


def _planes(data: bytes) -> list[int]:
    n = (len(data) - 1) // data[0]
    return [int.from_bytes(data[1 + i :: n], "little") for i in range(n)]
