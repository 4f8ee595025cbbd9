"""Whole numbers in a file of weights: a .npy file in a zlib stream, as the bytes of one array.

Counts are small for the most part, and their streams a third as long as they are.
"""

from __future__ import annotations

import zlib
from io import BytesIO

import numpy as np

from transformer_core.glass.arrays import Array

HEADER = 256  # more bytes than stand in a .npy file before its numbers


def pack(array: Array) -> Array:
    """Return the stream of an array, uint8 [N]."""
    file = BytesIO()
    np.save(file, array, allow_pickle=False)
    return np.frombuffer(zlib.compress(file.getvalue(), 9), np.uint8)


def unpack(stream: Array, most: int | None = None) -> Array:
    """Return the array of a stream.

    Args:
        stream: uint8 [N], from `pack`.
        most: bytes that its numbers may take; None for any, in a file that we wrote.

    Raises:
        ValueError: if it is none, is cut off, or holds more.
    """
    opened = zlib.decompressobj()
    try:
        data = opened.decompress(stream.tobytes(), 0 if most is None else most + HEADER)
        if not opened.eof:
            raise ValueError("it is cut off, or holds more numbers than are asked for")
        found: Array = np.load(BytesIO(data), allow_pickle=False)
    except (zlib.error, EOFError) as error:
        raise ValueError(f"it holds no packed numbers: {error}") from error
    return found
