"""The formulas that are no sum over many terms: functions of a few numbers, the masked score, and softmax."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from transformer_core.glass.cells import Array, Cell, Input, Operation, constant, taken
from transformer_core.glass.formula.base import Formula, array_of, made_of, numbers_of
from transformer_core.glass.trace import Trace, softmax

_erf = np.vectorize(math.erf, otypes=[np.float64])


def _gelu(x: Array) -> Array:
    return 0.5 * x * (1 + _erf(x / math.sqrt(2)))


def _gelu_tanh(x: Array) -> Array:
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


_FUNCTIONS: dict[Operation, Callable[..., Array]] = {
    "copy": lambda x: x,
    "product": lambda x, y: x * y,
    "quotient": lambda x, y: x / y,
    "sum": lambda x, y: x + y,
    "normalize": lambda x, mean, var, eps: (x - mean) / np.sqrt(var + eps),
    "affine": lambda x, gamma, beta: x * gamma + beta,
    "relu": lambda x: np.maximum(x, 0.0),
    "gelu": _gelu,
    "gelu_tanh": _gelu_tanh,
}

# What is added up in it, without signs, where numbers of either sign may cancel; the two halves of a GELU's sum,
# x/2 and x/2 times a number from -1 to 1, are together x at most.
_SIZES: dict[Operation, Callable[..., Array]] = {
    "sum": lambda x, y: np.abs(x) + np.abs(y),
    "normalize": lambda x, mean, var, eps: (np.abs(x) + np.abs(mean)) / np.sqrt(var + eps),
    "affine": lambda x, gamma, beta: np.abs(x * gamma) + np.abs(beta),
    "gelu": np.abs,
    "gelu_tanh": np.abs,
}


@dataclass(frozen=True)
class Pointwise(Formula):
    """A function of one number of each argument.

    Attributes:
        operation: the function.
        arguments: symbol, and name of a site or parameter, or a constant; axes are matched from the last one on.
    """

    operation: Operation
    arguments: tuple[tuple[str, str | float], ...]

    def recompute(self, trace: Trace) -> Array:
        """Return the function of the whole arrays."""
        return _FUNCTIONS[self.operation](*self._arrays(trace))

    def _largest_sum(self, trace: Trace) -> float:
        sizes = _SIZES.get(self.operation)
        return 0.0 if sizes is None else float(sizes(*self._arrays(trace)).max(initial=0.0))

    def _arrays(self, trace: Trace) -> list[Array | float]:
        return [numbers_of(trace, name) if isinstance(name, str) else name for _, name in self.arguments]

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        singles = tuple(self._single(trace, index, symbol, name) for symbol, name in self.arguments)
        total = _FUNCTIONS[self.operation](*(single.values[0] for single in singles))
        return self._cell(trace, index, self.operation, float(total), singles=singles)

    def _single(self, trace: Trace, index: tuple[int, ...], symbol: str, name: str | float) -> Input:
        if not isinstance(name, str):
            return constant(symbol, name)
        array = array_of(trace, name)
        last = index[len(index) - array.ndim :]  # gamma has no position; a kept axis has one entry for all
        return taken(symbol, array, name, tuple(min(i, n - 1) for i, n in zip(last, array.shape, strict=True)))


def pointwise(key: str, kind: str, operation: Operation, latex: str, *arguments: tuple[str, str | float]) -> Pointwise:
    """Return the formula of a function of one number of each argument."""
    made = made_of(name for _, name in arguments if isinstance(name, str))
    return Pointwise(key, kind, **made, latex=latex, operation=operation, arguments=arguments)


@dataclass(frozen=True)
class Masked(Formula):
    """A score plus 0, or plus minus infinity where the mask is False."""

    def recompute(self, trace: Trace) -> Array:
        """Return the scores of all heads under their one mask."""
        scaled, mask = self.sites
        return numbers_of(trace, scaled) + np.where(trace[mask], 0.0, -np.inf)

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        scaled, mask = self.sites
        score = taken(r"s'_{i,j}", trace[scaled], scaled, index)
        added = constant("0", 0.0) if trace[mask][index[1:]] else constant(r"-\infty", -math.inf)
        return self._cell(trace, index, "sum", score.values[0] + added.values[0], singles=(score, added))


@dataclass(frozen=True)
class Softmax(Formula):
    """Each exponential over the sum of its row, the row's largest number subtracted first.

    Attributes:
        axis: letter of the row's axis.
        symbols: LaTeX of a number of the row, of the largest, and of the sum of the exponentials.
    """

    axis: str
    symbols: tuple[str, str, str]

    def recompute(self, trace: Trace) -> Array:
        """Return the softmax of every row."""
        return softmax(numbers_of(trace, self.sites[0]))

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (site,), (symbol, largest, total) = self.sites, self.symbols
        row = taken(symbol, trace[site], site, (*index[:-1], None))
        top = taken(largest, trace[site], site, (*index[:-1], int(row.values.argmax())))
        values = np.exp(row.values - top.values)
        singles = (top, constant(total, values.sum()))
        result = values[index[-1]] / values.sum()
        return self._cell(
            trace, index, "softmax", result, axis=self.axis, values=values, factors=(row,), singles=singles
        )


def softmax_formula(key: str, kind: str, x: str, *, axis: str, letters: tuple[str, str, str, str]) -> Softmax:
    """Return the formula of a softmax of `x`.

    Args:
        key, kind: of the result.
        x: the site whose rows it is made of.
        axis: letter of the row's axis.
        letters: of the result, of a number of the row, of the place in the row, and of the place that runs.
    """
    result, x_letter, place, running = letters
    symbol = f"{x_letter}_{{i,{running}}}"
    largest = rf"\max_{{{running}}} {symbol}"
    total = rf"\sum_{{{running}}} e^{{{symbol} - {largest}}}"
    latex = rf"{result}_{{i,{place}}} = \frac{{e^{{{x_letter}_{{i,{place}}} - {largest}}}}}{{{total}}}"
    return Softmax(key, kind, (x,), (), latex, axis, (symbol, largest, total))
