"""What every formula has in common: what it is made of, the whole value recomputed, and one cell taken apart."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from operator import index as as_integer
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np

from transformer_core.glass.errors import ArgumentError, ShapeError
from transformer_core.glass.formula.cells import NO_TERMS, Array, Cell, Input
from transformer_core.glass.formula.operations import Operation
from transformer_core.glass.guards.arguments import shown
from transformer_core.glass.plan import Plan

if TYPE_CHECKING:
    from transformer_core.glass.trace import Trace


class Numbers(Protocol):
    """Where a formula finds what it is made of: a trace, whose `numbers` are in float64."""

    def array(self, name: str) -> Array:
        """Return the site or parameter of this name."""

    def numbers(self, name: str) -> Array:
        """Return the same, ready to be computed with."""

    def __getitem__(self, key: str) -> Array: ...


Rename = Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Formula(ABC):
    """How one value follows from others.

    In a plan its names are as the block says them: one that begins with a dot is a value or parameter of the block
    itself. `resolved` gives it the place that it has in the model.

    Attributes:
        kind: what sort of value it is, the same id in every layer and block.
        latex: the formula in the letters of the paper: i a position or a query, j a key, h a head, and d, e, f, v an
            entry of a vector of width D, E, F, V.
        inputs: names of what it is made of, in the order in which they stand in the formula.
        key: of the value, once resolved.
        sites, parameters: the inputs of either kind, once resolved.
    """

    kind: str
    latex: str
    inputs: tuple[str, ...] = ()
    key: str = ""
    sites: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()

    def resolved(self, key: str, path: str, parameters: Container[str]) -> Self:
        """Return the formula with the names of the model.

        Args:
            key: of the value.
            path: of the block.
            parameters: names of all parameters of the model.
        """
        found = self.renamed(lambda name: f"{path}{name}" if name.startswith(".") else name)
        return replace(
            found,
            key=key,
            sites=tuple(name for name in found.inputs if name not in parameters),
            parameters=tuple(name for name in found.inputs if name in parameters),
        )

    def renamed(self, rename: Rename) -> Self:
        """Return the formula with other names of what it is made of."""
        return replace(self, inputs=tuple(rename(name) for name in self.inputs))

    def recompute(self, trace: Trace) -> Array:
        """Return the whole value, worked out from its inputs in the trace: float64, bool for a mask, int for ids.

        Raises:
            ArgumentError: if it is no trace.
        """
        return self.computed(_a_trace(trace))

    @abstractmethod
    def computed(self, trace: Numbers) -> Array:
        """Return the whole value from its inputs, in the precision in which these are handed out."""

    def scale(self, trace: Trace) -> float:
        """Return the largest number of the site, a sum's terms taken without their signs, where that is more.

        Rounding is a share of what is added up, not of the rest that is left of it: a mean near 0 of numbers near 1 is
        right when it is right to the last digit of those. 0 for a site of zeros that are no sums.
        """
        numbers = _a_trace(trace).numbers(self.key)
        return max(float(np.abs(numbers[np.isfinite(numbers)]).max(initial=0.0)), self._largest_sum(trace))

    def _largest_sum(self, trace: Trace) -> float:
        """Return the largest sum of the absolute terms of one cell; 0 where nothing is added up with mixed signs."""
        return 0.0

    def row(self, trace: Trace, index: Sequence[int]) -> tuple[Array, float]:
        """Return the row of a cell, its whole last axis, recomputed in float64, and the largest sum in it.

        That is of the absolute terms of one cell, as in `scale`; 0 where nothing is added up with mixed signs.

        Raises:
            ShapeError: if there is no such cell; the message names the index and the shape.
        """
        cell = self._checked(index, _a_trace(trace).shape(self.key))
        row, largest = self._row(trace, cell)
        return row.astype(np.float64), largest

    def _row(self, trace: Trace, index: tuple[int, ...]) -> tuple[Array, float]:
        """Return the same for an index that fits; whatever is made of large arrays takes no more than it needs."""
        return self.computed(trace)[index[:-1]], self._largest_sum(trace)

    def terms(self, trace: Trace, index: Sequence[int]) -> Cell:
        """Return how one cell came to be.

        Raises:
            ShapeError: if there is no such cell; the message names the index and the shape.
        """
        return self._explain(trace, self._checked(index, _a_trace(trace).shape(self.key)))

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


def _a_trace(trace: Trace) -> Trace:
    """Return what is a trace; whoever hands over something else is told so."""
    if not isinstance(getattr(trace, "plan", None), Plan):
        raise ArgumentError(
            f"trace must be a Trace, not {shown(trace)}", name="trace", value=shown(trace), wanted="a Trace"
        )
    return trace
