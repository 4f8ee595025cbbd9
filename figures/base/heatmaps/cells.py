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
MANY = 128 * 128  # cells from which on the bytes of the numbers are felt
MOST = 256  # beyond it the middle of a part is not told from its ends in a float32
_BITS = 7  # of a number in a byte; the eighth says that more follow


def packed_cells(values: Array, allowed: Array, low: float, high: float) -> dict[str, Any]:
    """Return the cells that are allowed, and where they are.

    Of many cells it is told in which half of the last digit each lies, in as few bytes as that takes, where the step
    between two of them is no wider than that between two colours; others are float32.

    Shapes: values [R, C]; allowed bool [R, C].

    Returns:
        cells: the numbers of the allowed cells, row by row, in base64: float32, or from `_counted`; parts: of 1, in
        which they are counted, not there where they are float32; signed: whether some are negative, beside parts; open:
        how many cells are allowed, not allowed, allowed ... in turn, row by row, as varints in base64, not there where
        all are.
    """
    sent = values[allowed]
    counted, signed = values.size >= MANY and (high - low) * PARTS >= SHADES and _fit(sent), bool((sent < 0).any())
    return {
        "cells": _text(_varints(_counted(sent, signed))) if counted else packed(sent),
        **({"parts": PARTS, "signed": signed} if counted else {}),
        **({} if allowed.all() else {"open": _text(_varints(_runs(allowed)))}),
    }


def _fit(numbers: Array) -> bool:
    largest = np.abs(numbers[~np.isnan(numbers)]).max(initial=0.0)
    return bool(largest <= MOST)


def _counted(numbers: Array, signed: bool) -> Array:
    """0 for no number, 1 for zero, and 2 + n where n whole parts lie below the size; signed, 2 + 2 n, or 3 + 2 n."""
    there = np.nan_to_num(numbers.astype(np.float64))  # a float32 times so many parts is exact in it
    n = np.abs(there * PARTS).astype(np.int64)
    return np.where(np.isnan(numbers), 0, np.where(there == 0, 1, 2 + (2 * n + (there < 0) if signed else n)))


def _runs(allowed: Array) -> Array:
    flat = allowed.ravel()
    edges = [*([] if flat[0] else [0]), *(np.flatnonzero(np.diff(flat)) + 1), flat.size]
    return np.diff(edges, prepend=0)


def _varints(numbers: Array) -> Array:
    """Seven bits a byte, the lowest first; the eighth says that more follow. Whole numbers [N] -> bytes."""
    bits = int(numbers.max(initial=0)).bit_length()
    shifts = np.arange(0, max(1, bits), _BITS)
    rest = numbers[:, None] >> shifts
    more = rest[:, 1:] > 0
    there = np.concatenate([np.ones((len(numbers), 1), bool), more], axis=1)
    found = (rest & 127).astype(np.uint8)
    found[:, :-1] |= more.astype(np.uint8) << _BITS
    return found[there]


def _text(array: Array) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")
