"""A product of two arrays as one picture: one stands at the left of the result, the other on top of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from figures.base.heatmaps.matrix import Matrix
from figures.base.wire import coarse

MOST = 64  # rows and columns of what is multiplied: more of them would be thinner than a pixel or two


@dataclass(frozen=True, eq=False)
class Divided:
    """What the sums are divided by: a number, and how it is written."""

    text: str
    by: float


def product(
    left: Matrix,
    top: Matrix,
    symbols: tuple[str, str],
    terms: Sequence[str],
    divided: Divided | None = None,
    *,
    turned: bool,
) -> dict[str, Any] | None:
    """Return what the component draws around a result; None where one of the two has more than `MOST` rows or columns.

    The cell of row i and column j of the result is the sum over d of `left[i, d] * top[d, j]`.

    Args:
        left: [I, N], a row for each row of the result.
        top: [N, J], a column for each column of the result; [J, N] where it is `turned`.
        symbols: what their entries are called.
        terms: what the terms are called, [N]; empty for numbers.
        divided: by what the sum is divided, if it is.
        turned: whether `top` is transposed when it is drawn, so that rows become columns.

    Returns:
        left, top: symbol, cells (from `coarse`, row by row as they are drawn, not finite where one is blocked), scale,
        low, high; n: number of terms; terms; divided: text and by, or None.
    """
    if max(*left.values.shape, *top.values.shape) > MOST:
        return None
    n = left.values.shape[1]
    assert n == top.values.shape[1 if turned else 0]
    return {
        "left": _side(left, symbols[0], turned=False),
        "top": _side(top, symbols[1], turned=turned),
        "n": n,
        "terms": list(terms),
        "divided": None if divided is None else {"text": divided.text, "by": divided.by},
    }


def _side(matrix: Matrix, symbol: str, *, turned: bool) -> dict[str, Any]:
    cells = np.where(matrix.allowed, matrix.values, np.inf)
    return {
        "symbol": symbol,
        "cells": coarse(cells.T if turned else cells),
        "scale": [[at, colour] for at, colour in matrix.scale],
        "low": float(f"{matrix.low:.6g}"),  # as exact as the colours are
        "high": float(f"{matrix.high:.6g}"),
    }
