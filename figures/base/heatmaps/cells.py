"""The numbers of a heatmap on their way to our own component: no more bytes than what it shows asks for."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.wire import packed

Array = NDArray[Any]
STEP = 1e-4  # the last digit that the component tells of a cell
SHADES = 2048  # the colours from one end of the scale to the other that it draws
MANY = 128 * 128  # cells from which on the bytes of the numbers are felt
NO_CELL = -(2**15)
_MOST = 2**15 - 1


def packed_cells(values: Array, allowed: Array, low: float, high: float) -> dict[str, Any]:
    """Return the cells that are allowed, and where they are.

    Many cells are whole multiples of the last digit that is told, where two bytes hold them and where the step between
    two of them is no wider than that between two colours; others are float32.

    Shapes: values [R, C]; allowed bool [R, C].

    Returns:
        cells: the numbers of the allowed cells, row by row, as float32 or int16 bytes, in base64; step: by which whole
        numbers are multiplied, not there where they are float32; open: a bit for each cell, whether it is allowed, not
        there where all are.
    """
    sent = values[allowed]
    step = STEP if values.size >= MANY and (high - low) >= SHADES * STEP and _fit(sent) else None
    return {
        "cells": packed(sent) if step is None else _text(_whole(sent).astype("<i2")),
        **({} if step is None else {"step": step}),
        **({} if allowed.all() else {"open": _text(np.packbits(allowed))}),
    }


def _fit(numbers: Array) -> bool:
    largest = np.abs(numbers[~np.isnan(numbers)]).max(initial=0.0)
    return bool(largest <= _MOST * STEP)


def _whole(numbers: Array) -> Array:
    """Rounded as JavaScript's toFixed does, a half away from zero."""
    exact = numbers.astype(np.float64) / STEP
    rounded = np.copysign(np.floor(np.abs(exact) + 0.5), exact)
    return np.where(np.isnan(exact), NO_CELL, rounded)


def _text(array: Array) -> str:
    return base64.b64encode(array.tobytes()).decode("ascii")
