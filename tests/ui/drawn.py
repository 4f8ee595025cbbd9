"""The charts and heatmaps of a page by their keys, and the numbers in them."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from figures.base.heatmaps.cells import PARTS
from tests.figures.base.heatmaps.unpacked_cells import unpacked_cells
from ui.parts.modules import inflated

TOLD = 1 / PARTS  # how far a number of a map may lie from what it tells


def drawn(at: AppTest) -> dict[str, dict[str, Any]]:
    """Return the specs of the charts by their keys; an element's id ends with its key."""
    protos = [chart.proto for chart in at.get("plotly_chart")]
    return {proto.id.rpartition("-")[2]: json.loads(proto.spec) for proto in protos}


def maps(at: AppTest) -> dict[str, dict[str, Any]]:
    """Return the data of the heatmaps by their keys, their labels as plain text and their cells as numbers.

    A blocked cell is infinity, and NaN is where there is none.
    """
    found: dict[str, dict[str, Any]] = {}
    for proto in (component.proto for component in at.get("bidi_component")):
        key, data = proto.id.rpartition("-")[2], inflated(proto.bytes)
        if proto.component_name == "glassformer.heatmap":
            found[key] = data
        elif proto.component_name == "glassformer.heatmaps":  # of all heads, numbered as they stand
            found |= {f"map{n}": {**data["common"], **own} for n, own in enumerate(data["maps"])}
    return {key: {**data, **_read(data)} for key, data in found.items()}


def _read(data: dict[str, Any]) -> dict[str, Any]:
    names = ("row_labels", "column_labels")
    labels = {name: ["".join(text for text, _ in label) for label in data[name]] for name in names}
    return {"cells": unpacked_cells(data), **labels}


def numbers(z: Any) -> NDArray[np.float64]:
    """Return the numbers of an array as it is sent: bytes with their type and shape, or lists."""
    if not isinstance(z, dict):
        return np.array(z, dtype=np.float64)
    array = np.frombuffer(base64.b64decode(z["bdata"]), dtype=z["dtype"]).astype(np.float64)
    return array.reshape([int(n) for n in str(z["shape"]).split(",")]) if "shape" in z else array


def told(at: AppTest) -> str:
    """Return all sentences of a page."""
    return "\n".join(text.value for text in (*at.subheader, *at.markdown))
