"""What every formula has in common: what it is made of, the whole site recomputed, and one cell taken apart."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import index as as_integer
from typing import Any

import numpy as np

from transformer_core.glass.arguments import made_plain
from transformer_core.glass.cells import NO_TERMS, Array, Cell, Input, Operation
from transformer_core.glass.errors import ShapeError
from transformer_core.glass.parameters import is_parameter
from transformer_core.glass.trace import Trace


@dataclass(frozen=True)
class Formula(ABC):
    """How one site follows from its inputs.

    Attributes:
        key: the site.
        kind: what sort of value it is, the same id in every layer and block.
        sites: keys of the sites it is made of, in the order in which they stand in the formula.
        parameters: names of the parameters it is made of.
        latex: the formula in the letters of the paper: i a position or a query, j a key, h a head, and d, e, f, v an
            entry of a vector of width D, E, F, V.
    """

    key: str
    kind: str
    sites: tuple[str, ...]
    parameters: tuple[str, ...]
    latex: str

    @abstractmethod
    def recompute(self, trace: Trace) -> Array:
        """Return the whole site, worked out from its inputs in the trace: float64, bool for a mask, int for ids."""

    def scale(self, trace: Trace) -> float:
        """Return the largest number of the site, a sum's terms taken without their signs, where that is more.

        Rounding is a share of what is added up, not of the rest that is left of it: a mean near 0 of numbers near 1 is
        right when it is right to the last digit of those. 0 for a site of zeros that are no sums.
        """
        numbers = numbers_of(trace, self.key)
        return max(float(np.abs(numbers[np.isfinite(numbers)]).max(initial=0.0)), self._largest_sum(trace))

    def _largest_sum(self, trace: Trace) -> float:
        """Return the largest sum of the absolute terms of one cell; 0 where nothing is added up with mixed signs."""
        return 0.0

    def terms(self, trace: Trace, index: Sequence[int]) -> Cell:
        """Return how one cell came to be.

        Raises:
            ShapeError: if there is no such cell; the message names the index and the shape.
        """
        return self._explain(trace, self._checked(index, array_of(trace, self.key).shape))

    @abstractmethod
    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        """Return how the cell at an index that fits came to be."""

    def _cell(
        self,
        trace: Trace,
        index: tuple[int, ...],
        operation: Operation,
        total: float,
        *,
        axis: str = "",
        values: Array = NO_TERMS,
        factors: tuple[Input, ...] = (),
        singles: tuple[Input, ...] = (),
    ) -> Cell:
        value = float(trace[self.key][index])
        return Cell(self.key, index, operation, axis, values, factors, singles, value, float(total))

    def _checked(self, index: Sequence[int], shape: tuple[int, ...]) -> tuple[int, ...]:
        try:
            cell = tuple(as_integer(i) for i in index)
        except TypeError:
            cell = ()
        if len(cell) != len(shape) or not all(0 <= i < n for i, n in zip(cell, shape, strict=True)):
            raise ShapeError(
                f"{self.key} has shape {shape}, and {index!r} is no cell of it: give {len(shape)} integers, each from "
                "0 to below the size of its axis",
                key=self.key,
                index=index,
                shape=shape,
            )
        return cell


def array_of(trace: Trace, name: str) -> Array:
    """Return the site or parameter of this name as it is in the trace."""
    made_plain(Trace, "trace", trace)
    return (trace.parameters if is_parameter(name) else trace)[name]


def numbers_of(trace: Trace, name: str) -> Array:
    """Return the site or parameter of this name in float64."""
    return array_of(trace, name).astype(np.float64)


def made_of(names: Iterable[str]) -> dict[str, Any]:
    """Return the fields `sites` and `parameters` of a formula that is made of these."""
    listed = tuple(names)
    return {
        "sites": tuple(name for name in listed if not is_parameter(name)),
        "parameters": tuple(name for name in listed if is_parameter(name)),
    }
