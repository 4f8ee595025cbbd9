"""The formulas that sum many terms: products of two arrays, the heads of an attention block, mean and variance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from transformer_core.glass.cells import Array, Cell, Input, constant, taken
from transformer_core.glass.formula.base import Formula, array_of, made_of, numbers_of
from transformer_core.glass.trace import Trace


@dataclass(frozen=True)
class Factor:
    """One array of a sum of products.

    Attributes:
        symbol: LaTeX.
        name: of the site or parameter.
        axes: one word per axis, in letters of einsum. The capital is the axis along which the terms run. A word of two
            letters is an axis that holds the entries of all heads, one head after the other.
    """

    symbol: str
    name: str
    axes: str

    def whole(self, trace: Trace) -> Array:
        """Return the array in float64, one axis per letter."""
        array, n_heads = numbers_of(trace, self.name), trace.config.n_heads
        split = [(n_heads, n // n_heads) if len(word) == 2 else (n,) for word, n in self._sized(array)]
        return array.reshape([n for sizes in split for n in sizes])

    def part(self, trace: Trace, cell: dict[str, int]) -> Input:
        """Return its numbers in the cell whose place is given by letter."""
        array = array_of(trace, self.name)
        index: list[int | None] = []
        start, n_terms = 0, -1
        for word, n in self._sized(array):
            d_head = n // trace.config.n_heads
            first = cell[word[0]] * d_head if len(word) == 2 else 0
            place = cell.get(word[-1])
            index.append(None if place is None else first + place)
            if place is None and len(word) == 2:
                start, n_terms = first, d_head
        return taken(self.symbol, array, self.name, tuple(index), start, n_terms)

    def _sized(self, array: Array) -> list[tuple[str, int]]:
        return list(zip(self.axes.split(), array.shape, strict=True))


@dataclass(frozen=True)
class Contraction(Formula):
    """A sum of products along one axis, plus a bias if there is one.

    Attributes:
        axes: letters of the result.
        factors: what is multiplied.
        bias: what is added; its letters are among those of the result, in the same order.
    """

    axes: str
    factors: tuple[Factor, ...]
    bias: Factor | None

    def recompute(self, trace: Trace) -> Array:
        """Return the sums of the whole arrays."""
        return self._summed(*self._arrays(trace))

    def _largest_sum(self, trace: Trace) -> float:
        return float(self._summed(*(np.abs(array) for array in self._arrays(trace))).max(initial=0.0))

    def _arrays(self, trace: Trace) -> list[Array]:
        """The factors, and the bias last if there is one."""
        return [part.whole(trace) for part in (*self.factors, *([] if self.bias is None else [self.bias]))]

    def _summed(self, *arrays: Array) -> Array:
        letters = ",".join(factor.axes.replace(" ", "") for factor in self.factors)
        result: Array = np.einsum(f"{letters}->{self.axes}", *arrays[: len(self.factors)], optimize=True)
        if self.bias is not None:
            kept = [n if axis in self.bias.axes else 1 for axis, n in zip(self.axes, result.shape, strict=True)]
            result = result + arrays[-1].reshape(kept)
        return result

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        cell = dict(zip(self.axes, index, strict=True))
        factors = tuple(factor.part(trace, cell) for factor in self.factors)
        singles = () if self.bias is None else (self.bias.part(trace, cell),)
        values = math.prod((factor.values for factor in factors[1:]), start=factors[0].values)
        total = values.sum() + sum(single.values[0] for single in singles)
        axis = next(letter for letter in self.factors[0].axes if letter.isupper())
        return self._cell(trace, index, "sum", total, axis=axis, values=values, factors=factors, singles=singles)


def contraction(
    key: str, kind: str, symbol: str, axes: str, *factors: Factor, over: str, bias: Factor | None = None
) -> Contraction:
    """Return the formula of a sum of products; `symbol` is that of the result, `over` the running letter in LaTeX."""
    latex = rf"{symbol} = \sum_{{{over}}} " + r"\, ".join(factor.symbol for factor in factors)
    added = () if bias is None else (bias,)
    return Contraction(
        key,
        kind,
        **made_of(factor.name for factor in (*factors, *added)),
        latex=latex + "".join(f" + {factor.symbol}" for factor in added),
        axes=axes,
        factors=factors,
        bias=bias,
    )


@dataclass(frozen=True)
class Average(Formula):
    """The average of a vector's entries; of their squared distances from the mean, where there are two sites."""

    def recompute(self, trace: Trace) -> Array:
        """Return the average of every row, with its axis kept."""
        return self._summands(*(numbers_of(trace, site) for site in self.sites)).sum(axis=-1, keepdims=True)

    def _largest_sum(self, trace: Trace) -> float:
        summands = self._summands(*(numbers_of(trace, site) for site in self.sites))
        return float(np.abs(summands).sum(axis=-1).max(initial=0.0))

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        x = taken("x_{i,d}", trace[self.sites[0]], self.sites[0], (index[0], None))
        mean = tuple(taken(r"\mu_i", trace[site], site, index) for site in self.sites[1:])
        values = self._summands(x.values, *(single.values for single in mean))
        one = constant(r"\frac{1}{d_{model}}", 1 / len(values))
        return self._cell(
            trace, index, "sum", values.sum(), axis="D", values=values, factors=(x,), singles=(*mean, one)
        )

    @staticmethod
    def _summands(x: Array, mean: Array | None = None) -> Array:
        return (x if mean is None else (x - mean) ** 2) / x.shape[-1]
