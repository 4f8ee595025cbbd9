"""The charts of a page by their keys, and the numbers in them."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest


def drawn(at: AppTest) -> dict[str, dict[str, Any]]:
    """Return the specs of the charts by their keys; an element's id ends with its key."""
    protos = [chart.proto for chart in at.get("plotly_chart")]
    return {proto.id.rpartition("-")[2]: json.loads(proto.spec) for proto in protos}


def numbers(z: Any) -> NDArray[np.float64]:
    """Return the numbers of an array as it is sent: bytes with their type and shape, or lists."""
    if not isinstance(z, dict):
        return np.array(z, dtype=np.float64)
    array = np.frombuffer(base64.b64decode(z["bdata"]), dtype=z["dtype"]).astype(np.float64)
    return array.reshape([int(n) for n in str(z["shape"]).split(",")]) if "shape" in z else array


def told(at: AppTest) -> str:
    """Return all sentences of a page."""
    return "\n".join(text.value for text in at.markdown)
