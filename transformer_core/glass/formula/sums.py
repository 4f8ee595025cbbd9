"""The formulas that sum many terms: products of arrays along one axis or several, mean and variance."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from transformer_core.glass.formula import operations
from transformer_core.glass.formula.base import Formula, Numbers, Rename
from transformer_core.glass.formula.cells import Array, Cell, Input, constant, taken

if TYPE_CHECKING:
    from transformer_core.glass.trace import Trace


@dataclass(frozen=True)
class Factor:
    """One array of a sum of products.

    Attributes:
        symbol: LaTeX.
        name: of the site or parameter.
        axes: one word per axis, in letters of einsum. The capitals are the axes along which the terms run. A word of
            two letters is an axis that holds the entries of all heads, one head after the other.
        heads: how many heads such an axis holds.
        shared: how many heads of the result share one head of this array, whose axis has the letter h.
        shift: which row of this array belongs to a row of the result: -1 is the one before; before the first stand
            zeros.
    """

    symbol: str
    name: str
    axes: str
    heads: int = 1
    shared: int = 1
    shift: int = 0

    @property
    def letters(self) -> str:
        """The letters of the axes, one after the other."""
        return self.axes.replace(" ", "")

    def whole(self, trace: Numbers) -> Array:
        """Return the array in float64, one axis per letter."""
        array = trace.numbers(self.name)
        split = [
            (self.heads, n // self.heads) if len(word) == 2 else (n,)
            for word, n in zip(self.axes.split(), array.shape, strict=True)
        ]
        array = array.reshape([n for sizes in split for n in sizes])
        if self.shared > 1:
            array = array.repeat(self.shared, axis=self.letters.lower().index("h"))
        if self.shift:
            before = np.zeros((-self.shift, *array.shape[1:]))
            array = np.concatenate((before, array[: self.shift]))
        return array

    def part(self, trace: Trace, cell: dict[str, int], running: str) -> Input:
        """Return its numbers in the cell whose place is given by letter; the terms run along the axes `running`."""
        places, shape = self._places(trace, cell), trace.shape(self.name)
        index = [None if isinstance(place, slice) else place for place in places]
        if self.shift:
            row = index[0]
            assert row is not None
            if row + self.shift < 0:
                return Input(self.symbol, np.zeros([n for i, n in zip(index, shape, strict=True) if i is None]))
            index[0] = row + self.shift
        array = trace.array_for(self.name, tuple(index))
        if len(running) < 2:
            along = next((place for place in places if isinstance(place, slice)), slice(0, 0))
            return taken(self.symbol, array, self.name, tuple(index), along.start, along.stop - along.start)
        return self._spread(array, tuple(index), running)

    def row(self, trace: Trace, cell: dict[str, int]) -> tuple[str, Array]:
        """Return what is left of it where some letters have a place: their letters, and the numbers in float64."""
        words = self.axes.split()
        if self.shift or any(word[0] == "h" and "h" not in cell for word in words):
            index = tuple(cell.get(letter, slice(None)) for letter in self.letters)
            return "".join(letter for letter in self.letters if letter not in cell), self.whole(trace)[index]
        places = self._places(trace, cell)
        array = trace.array_for(self.name, tuple(None if isinstance(i, slice) else i for i in places))
        left = "".join(word[-1] for word, place in zip(words, places, strict=True) if isinstance(place, slice))
        return left, array[places].astype(np.float64)

    def _places(self, trace: Trace, cell: dict[str, int]) -> tuple[int | slice, ...]:
        """Where the cell stands along each axis of the array, or where the numbers stand that run along it."""
        places: list[int | slice] = []
        for word, n in zip(self.axes.split(), trace.shape(self.name), strict=True):
            width = n // self.heads if len(word) == 2 else n
            first = cell[word[0]] * width if len(word) == 2 else 0
            place = cell.get(word[-1])
            if place is None:
                places.append(slice(first, first + width))
            else:
                places.append(place // self.shared if word == "h" else first + place)
        return tuple(places)

    def _spread(self, array: Array, index: tuple[int | None, ...], running: str) -> Input:
        """Numbers along several axes as one row of terms, in the order of the letters `running`."""
        own = [letter for letter in self.letters if letter.isupper()]
        numbers = array[tuple(slice(None) if i is None else i for i in index)].astype(np.float64)
        order = sorted(range(len(own)), key=lambda axis: running.index(own[axis]))
        sizes = numbers.transpose(order).shape
        places = tuple(running.index(letter) for letter in own)
        return Input(self.symbol, numbers.transpose(order).ravel(), self.name, index, 0, places, sizes)


@dataclass(frozen=True, kw_only=True)
class Contraction(Formula):
    """A sum of products along one axis or several, plus a bias if there is one.

    Attributes:
        axes: letters of the result.
        factors: what is multiplied; each has all the axes along which the sum runs.
        bias: what is added; its letters are among those of the result, in the same order.
    """

    axes: str
    factors: tuple[Factor, ...]
    bias: Factor | None

    def renamed(self, rename: Rename) -> Self:
        """Return the formula with other names of what it is made of."""
        factors = tuple(replace(factor, name=rename(factor.name)) for factor in self.factors)
        bias = None if self.bias is None else replace(self.bias, name=rename(self.bias.name))
        names = tuple(factor.name for factor in (*factors, *(() if bias is None else (bias,))))
        return replace(self, factors=factors, bias=bias, inputs=names)

    def computed(self, trace: Numbers) -> Array:
        """Return the sums of the whole arrays."""
        return self._summed(*self._arrays(trace))

    def _largest_sum(self, trace: Trace) -> float:
        return float(self._summed(*(np.abs(array) for array in self._arrays(trace))).max(initial=0.0))

    def _row(self, trace: Trace, index: tuple[int, ...]) -> tuple[Array, float]:
        cell = dict(zip(self.axes[:-1], index, strict=False))
        parts = [factor.row(trace, cell) for factor in self.factors]
        letters, arrays = ",".join(left for left, _ in parts), [array for _, array in parts]
        bias = np.zeros(1) if self.bias is None else self.bias.row(trace, cell)[1]

        def summed(size: Callable[[Array], Array]) -> Array:
            found: Array = np.einsum(f"{letters}->{self.axes[-1]}", *map(size, arrays), optimize=True) + size(bias)
            return found

        return summed(np.asarray), float(summed(np.abs).max(initial=0.0))

    def _arrays(self, trace: Numbers) -> list[Array]:
        """The factors, and the bias last if there is one."""
        return [part.whole(trace) for part in (*self.factors, *([] if self.bias is None else [self.bias]))]

    def _summed(self, *arrays: Array) -> Array:
        letters, factors = tuple(factor.letters for factor in self.factors), arrays[: len(self.factors)]
        if len(factors) == 2:
            result = multiplied(letters, factors, self.axes)
        else:
            result = np.einsum(f"{','.join(letters)}->{self.axes}", *factors)
        if self.bias is not None:
            kept = [n if axis in self.bias.axes else 1 for axis, n in zip(self.axes, result.shape, strict=True)]
            result = result + arrays[-1].reshape(kept)
        return result

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        cell = dict(zip(self.axes, index, strict=True))
        running = "".join(letter for letter in self.factors[0].letters if letter.isupper())
        factors = tuple(factor.part(trace, cell, running) for factor in self.factors)
        singles = () if self.bias is None else (replace(self.bias.part(trace, cell, ""), summand=True),)
        values = math.prod((factor.values for factor in factors[1:]), start=factors[0].values)
        total = values.sum() + sum(single.values[0] for single in singles)
        return self._cell(
            trace, index, operations.SUM, total, axis=running, values=values, factors=factors, singles=singles
        )


def contraction(
    kind: str, symbol: str, axes: str, *factors: Factor, over: str, bias: Factor | None = None
) -> Contraction:
    """Return the formula of a sum of products; `symbol` is that of the result, `over` the running letter in LaTeX."""
    latex = rf"{symbol} = \sum_{{{over}}} " + r"\, ".join(factor.symbol for factor in factors)
    added = "" if bias is None else f" + {bias.symbol}"
    return Contraction(kind=kind, latex=latex + added, axes=axes, factors=factors, bias=bias)


def multiplied(letters: tuple[str, ...], arrays: tuple[Array, ...], axes: str) -> Array:
    """Return the sum of products of two arrays as einsum does, by one matrix product: ten times as fast.

    Args:
        letters: of the axes of each array.
        arrays: the two.
        axes: letters of the result.
    """
    one, other = letters
    each = [letter for letter in one if letter in other and letter in axes]
    summed = [letter for letter in one if letter in other and letter not in axes]
    left, right = ([letter for letter in mine if letter not in (*each, *summed)] for mine in letters)
    sizes = {
        letter: n
        for mine, array in zip(letters, arrays, strict=True)
        for letter, n in zip(mine, array.shape, strict=True)
    }
    a = arrays[0].transpose([one.index(letter) for letter in (*each, *left, *summed)])
    b = arrays[1].transpose([other.index(letter) for letter in (*each, *summed, *right)])
    shape = [sizes[letter] for letter in each]
    n_summed = math.prod(sizes[letter] for letter in summed)
    product = a.reshape(*shape, -1, n_summed) @ b.reshape(*shape, n_summed, -1)
    order = [*each, *left, *right]
    whole: Array = product.reshape([sizes[letter] for letter in order])
    return whole.transpose([order.index(letter) for letter in axes])


@dataclass(frozen=True, kw_only=True)
class Average(Formula):
    """The average of a vector's entries, or of their squares; of squared distances from the mean with two inputs.

    Attributes:
        squared: whether it is the entries' squares that are averaged.
    """

    squared: bool = False

    def computed(self, trace: Numbers) -> Array:
        """Return the average of every row, with its axis kept."""
        return self._summands(*(trace.numbers(site) for site in self.sites)).sum(axis=-1, keepdims=True)

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        x = taken("x_{i,d}", trace[self.sites[0]], self.sites[0], (*index[:-1], None))
        mean = tuple(taken(r"\mu_i", trace[site], site, index) for site in self.sites[1:])
        values = self._summands(x.values, *(single.values for single in mean))
        one = constant(r"\frac{1}{d_{model}}", 1 / len(values))
        return self._cell(
            trace, index, operations.SUM, values.sum(), axis="D", values=values, factors=(x,), singles=(*mean, one)
        )

    def _row(self, trace: Trace, index: tuple[int, ...]) -> tuple[Array, float]:
        summands = self._summands(*(trace[site][index[:-1]].astype(np.float64) for site in self.sites))
        return summands.sum(keepdims=True), float(np.abs(summands).sum())

    def _summands(self, x: Array, mean: Array | None = None) -> Array:
        deviation = x if mean is None else x - mean
        return (deviation if mean is None and not self.squared else deviation**2) / x.shape[-1]

    def _largest_sum(self, trace: Trace) -> float:
        summands = self._summands(*(trace.numbers(site) for site in self.sites))
        return float(np.abs(summands).sum(axis=-1).max(initial=0.0))
