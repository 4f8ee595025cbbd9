"""How one number came to be: the numbers that went into it, and where each of them stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.formula.operations import Operation
from transformer_core.glass.guards.arguments import below, checked

Array = NDArray[Any]
NO_TERMS: Array = np.zeros(0)
NO_TERMS.flags.writeable = False


@dataclass(frozen=True, eq=False)
class Input:
    """Numbers that go into one cell, and where they stand.

    Attributes:
        symbol: LaTeX, as it stands in the formula.
        values: float64 [n], one per term; [1] for a number that stands once.
        key: the site or parameter that they are cells of; "" for a constant.
        index: the cell in that array, None on the axes along which the terms run.
        start: where on such an axis the first term stands; above 0 only in W_O, whose rows belong to one head after
            the other.
        running: for each None of the index, which of the axes in `sizes` it is.
        sizes: how many terms run along each axis, the last one fastest; () for one axis.
        summand: whether a number that stands once is added to the terms, as a bias is.
    """

    symbol: str
    values: Array
    key: str = ""
    index: tuple[int | None, ...] = ()
    start: int = 0
    running: tuple[int, ...] = ()
    sizes: tuple[int, ...] = ()
    summand: bool = False

    @checked()
    def cell(self, term: int = 0) -> tuple[int, ...]:
        """Return the index of one term's number in the array of `key`."""
        below("term", term, len(self.values))
        if not self.sizes:
            return tuple(self.start + term if i is None else i for i in self.index)
        places = iter(self.running)
        steps = np.unravel_index(term, self.sizes)
        return tuple(int(steps[next(places)]) if i is None else i for i in self.index)


@dataclass(frozen=True, eq=False)
class Cell:
    """How one cell came to be.

    The value follows from `operation` like this: a "sum" along an axis is that of `values` and of those singles that
    are summands; a "sum" without an axis is that of the singles; a "softmax" divides the term that belongs to the cell
    by the last single; the others are what the operation computes of the singles.

    Attributes:
        key, index: the cell.
        operation: what was done with its inputs.
        axis: letters of the axes along which the terms run, "" if there are none.
        values: float64 [n], the terms: products, exponentials, summands.
        factors: what each term is a product or a function of, n numbers each.
        singles: the numbers that stand once.
        value: what the trace holds; a mask's True is 1.
        total: the same, worked out from the parts above in float64.
    """

    key: str
    index: tuple[int, ...]
    operation: Operation
    axis: str
    values: Array
    factors: tuple[Input, ...]
    singles: tuple[Input, ...]
    value: float
    total: float

    @property
    def largest_sum(self) -> float:
        """What is added up in the cell, without signs; 0 where nothing is."""
        if self.axis and self.operation.sizes is not None:
            parts = [self.values, *(single.values for single in self.singles if single.summand)]
            return float(sum(np.abs(part).sum() for part in parts))
        sizes = self.operation.sizes
        return 0.0 if sizes is None else float(sizes(*(single.values[0] for single in self.singles)))


def constant(symbol: str, number: float) -> Input:
    """Return a number that stands once and is no cell of any array."""
    return Input(symbol, np.array([number], dtype=np.float64))


def taken(symbol: str, array: Array, key: str, index: tuple[int | None, ...], start: int = 0, n: int = -1) -> Input:
    """Return the numbers of `array` at `index`: one, or along its None `n` numbers from `start` on (-1: to the end)."""
    running = slice(start, None if n < 0 else start + n)
    numbers = array[tuple(running if i is None else i for i in index)]
    return Input(symbol, np.array(numbers, dtype=np.float64, ndmin=1), key, index, start)
