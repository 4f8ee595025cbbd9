"""The formulas that are no sum over many terms: functions of a few numbers, the masked score, and softmax."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from transformer_core.glass.formula import operations
from transformer_core.glass.formula.base import Formula, Numbers, Rename
from transformer_core.glass.formula.cells import Array, Cell, Input, constant, taken
from transformer_core.glass.formula.operations import Operation, softmax

if TYPE_CHECKING:
    from transformer_core.glass.trace import Trace

Argument = tuple[str, str | float]
"""The symbol of a number in a formula, and the name of a site or parameter, or a constant."""


@dataclass(frozen=True, kw_only=True)
class Pointwise(Formula):
    """A function of one number of each argument.

    Attributes:
        operation: the function.
        arguments: symbol, and name of a site or parameter, or a constant; axes are matched from the last one on.
    """

    operation: Operation
    arguments: tuple[Argument, ...]

    def renamed(self, rename: Rename) -> Self:
        """Return the formula with other names of what it is made of."""
        arguments = tuple((s, rename(name) if isinstance(name, str) else name) for s, name in self.arguments)
        names = tuple(name for _, name in arguments if isinstance(name, str))
        return replace(self, arguments=arguments, inputs=names)

    def computed(self, trace: Numbers) -> Array:
        """Return the function of the whole arrays."""
        return self.operation.compute(*self._arrays(trace))

    def _largest_sum(self, trace: Trace) -> float:
        sizes = self.operation.sizes
        return 0.0 if sizes is None else float(sizes(*self._arrays(trace)).max(initial=0.0))

    def _row(self, trace: Trace, index: tuple[int, ...]) -> tuple[Array, float]:
        parts = [self._part(trace, index, name) if isinstance(name, str) else name for _, name in self.arguments]
        sizes = self.operation.sizes
        row = np.atleast_1d(self.operation.compute(*parts))
        return row, 0.0 if sizes is None else float(np.max(sizes(*parts), initial=0.0))

    def _part(self, trace: Trace, index: tuple[int, ...], name: str) -> Array:
        shape = trace.shape(name)
        own = index[len(index) - len(shape) : -1]
        at = (*(min(i, n - 1) for i, n in zip(own, shape[:-1], strict=True)), None)
        return taken("", trace.array_for(name, at), name, at).values

    def _arrays(self, trace: Numbers) -> list[Array | float]:
        return [trace.numbers(name) if isinstance(name, str) else name for _, name in self.arguments]

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        singles = tuple(self._single(trace, index, symbol, name) for symbol, name in self.arguments)
        total = self.operation.compute(*(single.values[0] for single in singles))
        return self._cell(trace, index, self.operation, float(total), singles=singles)

    def _single(self, trace: Trace, index: tuple[int, ...], symbol: str, name: str | float) -> Input:
        if not isinstance(name, str):
            return constant(symbol, name)
        shape = trace.shape(name)
        last = index[len(index) - len(shape) :]  # gamma has no position; a kept axis has one entry for all
        at = tuple(min(i, n - 1) for i, n in zip(last, shape, strict=True))
        return taken(symbol, trace.array_for(name, at), name, at)


def pointwise(kind: str, operation: Operation, latex: str, *arguments: Argument) -> Pointwise:
    """Return the formula of a function of one number of each argument."""
    return Pointwise(kind=kind, latex=latex, operation=operation, arguments=arguments)


@dataclass(frozen=True, kw_only=True)
class Masked(Formula):
    """A score plus 0, or plus minus infinity where the mask is False.

    Attributes:
        symbol: LaTeX of the score.
    """

    symbol: str = "s'_{i,j}"

    def computed(self, trace: Numbers) -> Array:
        """Return the scores of all heads under their one mask."""
        scaled, mask = self.sites
        return np.where(trace[mask], trace.numbers(scaled), -np.inf)

    def _row(self, trace: Trace, index: tuple[int, ...]) -> tuple[Array, float]:
        scaled, mask = self.sites
        return np.where(trace[mask][index[1:-1]], trace[scaled][index[:-1]].astype(np.float64), -np.inf), 0.0

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        scaled, mask = self.sites
        score = taken(self.symbol, trace[scaled], scaled, index)
        added = constant("0", 0.0) if trace[mask][index[1:]] else constant(r"-\infty", -math.inf)
        return self._cell(trace, index, operations.SUM, score.values[0] + added.values[0], singles=(score, added))


@dataclass(frozen=True, kw_only=True)
class Softmax(Formula):
    """Each exponential over the sum of its row, the row's largest number subtracted first.

    Attributes:
        axis: letter of the row's axis.
        symbols: LaTeX of a number of the row, of the largest, and of the sum of the exponentials.
    """

    axis: str
    symbols: tuple[str, str, str]

    def computed(self, trace: Numbers) -> Array:
        """Return the softmax of every row."""
        return softmax(trace.numbers(self.inputs[0]))

    def _row(self, trace: Trace, index: tuple[int, ...]) -> tuple[Array, float]:
        return softmax(trace.array(self.inputs[0])[index[:-1]].astype(np.float64)), 0.0

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (name,), (symbol, largest, total) = self.inputs, self.symbols
        row = taken(symbol, trace.array(name), name, (*index[:-1], None))
        top = taken(largest, trace.array(name), name, (*index[:-1], int(row.values.argmax())))
        values = np.exp(row.values - top.values)
        singles = (top, constant(total, values.sum()))
        result = values[index[-1]] / values.sum()
        return self._cell(
            trace, index, operations.SOFTMAX, result, axis=self.axis, values=values, factors=(row,), singles=singles
        )


def softmax_formula(kind: str, x: str, *, axis: str, letters: tuple[str, str, str, str]) -> Softmax:
    """Return the formula of a softmax of `x`.

    Args:
        kind: of the result.
        x: the site whose rows it is made of.
        axis: letter of the row's axis.
        letters: of the result, of a number of the row, of the place in the row, and of the place that runs.
    """
    result, x_letter, place, running = letters
    symbol = f"{x_letter}_{{i,{running}}}"
    largest = rf"\max_{{{running}}} {symbol}"
    total = rf"\sum_{{{running}}} e^{{{symbol} - {largest}}}"
    latex = rf"{result}_{{i,{place}}} = \frac{{e^{{{x_letter}_{{i,{place}}} - {largest}}}}}{{{total}}}"
    return Softmax(kind=kind, latex=latex, inputs=(x,), axis=axis, symbols=(symbol, largest, total))
