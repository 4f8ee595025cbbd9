"""A link as a QR code: plain data, made without any network."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any

import numpy as np
import segno

LONGEST = 1800  # bytes: a code of more could not be told apart from across a room


@lru_cache(maxsize=64)
def qr_code(link: str) -> dict[str, Any] | None:
    """Return the QR code of a link; None where it is too long for one.

    Returns:
        of: the link; size: modules along each side, without the quiet zone around them; bits: base64 of one bit a
        module, row by row, 1 where it is dark.
    """
    if len(link.encode()) > LONGEST:
        return None
    modules = np.array([list(row) for row in segno.make_qr(link, error="l", boost_error=False).matrix], dtype=np.uint8)
    return {"of": link, "size": len(modules), "bits": base64.b64encode(np.packbits(modules).tobytes()).decode("ascii")}
