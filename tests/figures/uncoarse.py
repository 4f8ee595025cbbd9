"""Numbers that were sent as coarse parts, read back."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.wire import PARTS


def uncoarse(sent: dict[str, Any]) -> NDArray[np.float64]:
    """Return the numbers, one after the other; infinity where one is not finite."""
    parts = np.frombuffer(base64.b64decode(sent["parts"]), np.int8).astype(np.float64)
    return np.where(parts < -PARTS, np.inf, parts / PARTS * sent["reach"])
