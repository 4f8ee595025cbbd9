"""The numbers of a heatmap on their way to our own component: no more bytes than what it shows asks for."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.wire import packed

Array = NDArray[Any]
DIGITS = 4  # that the component tells of a cell at most
PARTS = 2 * 10**DIGITS  # of 1: halves of the last digit, within which a number rounds the same way to any digit told
SHADES = 2048  # the colours from one end of the scale to the other that it draws
MANY = 1024  # cells from which on the bytes of the numbers are felt
MOST = 256  # beyond it the middle of a part is not told from its ends in a float32


def packed_cells(values: Array, allowed: Array, low: float, high: float) -> dict[str, Any]:
    """Return the cells that are allowed, and where they are.

    Of many cells it is told in which half of the last digit each lies, where the step between two of them is no wider
    than that between two colours; others are float32.

    Shapes: values [R, C]; allowed bool [R, C].

    Returns:
        cells: the numbers of the allowed cells, row by row, in base64: float32, or from `_counted`; parts: of 1, in
        which they are counted, not there where they are float32; signed: whether some are negative, beside parts; open:
        how many cells are allowed, not allowed, allowed ... in turn, row by row, not there where all are; whole numbers
        from `_planes`, in base64.
    """
    sent = values[allowed]
    counted, signed = values.size >= MANY and (high - low) * PARTS >= SHADES and _fit(sent), bool((sent < 0).any())
    return {
        "cells": _text(_planes(_counted(sent, signed))) if counted else packed(sent),
        **({"parts": PARTS, "signed": signed} if counted else {}),
        **({} if allowed.all() else {"open": _text(_planes(_runs(allowed)))}),
    }


def _fit(numbers: Array) -> bool:
    largest = np.abs(numbers[~np.isnan(numbers)]).max(initial=0.0)
    return bool(largest <= MOST)


def _counted(numbers: Array, signed: bool) -> Array:
    """0 for no number, 1 for zero, and 2 + n where n whole parts lie below the size; signed, 2 + 2 n, or 3 + 2 n."""
    missing = np.isnan(numbers)
    there = np.where(missing, 0, numbers).astype(np.float64)  # a float32 times so many parts is exact in it
    counted = np.abs(there * PARTS).astype(np.int32)
    counted = 2 + (2 * counted + (there < 0) if signed else counted)
    counted[there == 0], counted[missing] = 1, 0
    return counted


def _runs(allowed: Array) -> Array:
    flat = allowed.ravel()
    edges = [*([] if flat[0] else [0]), *(np.flatnonzero(np.diff(flat)) + 1), flat.size]
    return np.diff(edges, prepend=0)


def _planes(numbers: Array) -> Array:
    """How many bytes each number has, then the lowest byte of all, the next of all ...: alike ones are neighbours.

    Whole numbers [N] -> bytes.
    """
    n_bytes = max(1, -(-int(numbers.max(initial=0)).bit_length() // 8))
    each = numbers.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :n_bytes]
    return np.append(np.uint8(n_bytes), each.T)


def _text(array: Array) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")
