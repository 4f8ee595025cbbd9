"""The pictures of the architecture map, found in it and read back as numbers."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.labels import MINUS
from tests.core.tiny import D, F, make_model, trace_of
from transformer_core.glass.trace import Trace

WRITTEN_IDS = (5, 12, 3, 7, 5, 4, 2)


Picture = dict[str, Any]


Cells = NDArray[np.uint8]


@lru_cache
def traced(norm: str = "post", d_model: int = D, d_ff: int = F) -> Trace:
    words = (*tuple(f"w{i}" for i in WRITTEN_IDS[:-1]), "</s>")
    model = make_model(norm_position=norm, d_model=d_model, d_ff=d_ff)
    return trace_of(model, written_tokens=words, written_ids=WRITTEN_IDS)


def pictures(found: object) -> Iterator[Picture]:
    """Every strip and matrix of the map."""
    if isinstance(found, dict):
        if "data" in found:
            yield found
        else:
            for value in found.values():
                yield from pictures(value)
    elif isinstance(found, list):
        for value in found:
            yield from pictures(value)


def cells(picture: Picture) -> Cells:
    data = np.frombuffer(base64.b64decode(picture["data"], validate=True), np.uint8)
    return data.reshape(picture["rows"], picture["columns"])


def plain(text: str) -> float:
    return float(text.replace(MINUS, "-"))


def rows_of(values: NDArray[Any]) -> NDArray[Any]:
    """One row per position; the heads of a projection stand side by side."""
    return np.concatenate(list(values), axis=1) if values.ndim == 3 else values
