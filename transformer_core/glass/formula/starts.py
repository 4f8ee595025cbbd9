"""The formulas with which a model starts: ids, rows of tables, and who may attend to whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from transformer_core.glass.formula import operations
from transformer_core.glass.formula.base import Formula, Numbers, Rename
from transformer_core.glass.formula.cells import Array, Cell, constant, taken
from transformer_core.glass.formula.operations import Operation

if TYPE_CHECKING:
    from transformer_core.glass.trace import Trace


@dataclass(frozen=True, kw_only=True)
class Tokens(Formula):
    """The ids, which are given and follow from nothing."""

    def computed(self, trace: Numbers) -> Array:
        """Return the ids."""
        return trace[self.key]

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        return self._cell(trace, index, operations.GIVEN, float(trace[self.key][index]))


@dataclass(frozen=True, kw_only=True)
class Lookup(Formula):
    """The row of the table that belongs to each id.

    Attributes:
        symbols: LaTeX of an id, and of an entry of its row.
        operation: how the entry is told.
    """

    symbols: tuple[str, str] = ("t_i", r"W^E_{t_i,d}")
    operation: Operation = operations.SELECT

    def computed(self, trace: Numbers) -> Array:
        """Return the rows."""
        return trace.numbers(self.parameters[0])[trace[self.sites[0]]]

    def _row(self, trace: Trace, index: tuple[int, ...]) -> tuple[Array, float]:
        (table,), token = self.parameters, int(trace[self.sites[0]][index[:-1]])
        return trace.array_for(table, (token, None))[token], 0.0

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (tokens,), (table,), (symbol, row) = self.sites, self.parameters, self.symbols
        token = taken(symbol, trace[tokens], tokens, index[:-1])
        at = (int(token.values[0]), index[-1])
        entry = taken(row, trace.array_for(table, at), table, at)
        return self._cell(trace, index, self.operation, entry.values[0], singles=(token, entry))


@dataclass(frozen=True, kw_only=True)
class Window(Formula):
    """The id that is read at each position and those before it, the nearest first.

    Attributes:
        width: how many there are at each position.
        start: the id that stands before the text.
    """

    width: int
    start: int

    def computed(self, trace: Numbers) -> Array:
        """Return the ids of every position."""
        ids = trace[self.sites[0]]
        before = np.full(self.width - 1, self.start, dtype=ids.dtype)
        whole = np.concatenate((before, ids))
        windows: Array = np.lib.stride_tricks.sliding_window_view(whole, self.width)[:, ::-1]
        return windows

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (tokens,), place = self.sites, index[0] - index[1]
        symbol = "t_{i-n}"
        token = constant(symbol, self.start) if place < 0 else taken(symbol, trace[tokens], tokens, (place,))
        return self._cell(trace, index, operations.COPY, token.values[0], singles=(token,))


@dataclass(frozen=True, kw_only=True)
class Segments(Formula):
    """How many signs that end a part of the text stand in front of each token; the last part takes all that follow.

    Attributes:
        end: id of that sign.
        last: number of the last part.
    """

    end: int
    last: int

    def computed(self, trace: Numbers) -> Array:
        """Return the number of each token's part."""
        ends = trace[self.sites[0]] == self.end
        return np.minimum(np.cumsum(ends) - ends, self.last)

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        before = int((trace[self.sites[0]][: index[0]] == self.end).sum())
        singles = (constant("n_i", before), constant("S-1", self.last))
        return self._cell(trace, index, operations.LEAST, min(before, self.last), singles=singles)


@dataclass(frozen=True, kw_only=True)
class Counting(Formula):
    """A value that depends on how many positions there are.

    Attributes:
        counted: a site with as many rows as there are positions.
    """

    counted: str

    def renamed(self, rename: Rename) -> Self:
        """Return the formula with other names of what it is made of."""
        return replace(super().renamed(rename), counted=rename(self.counted))


@dataclass(frozen=True, kw_only=True)
class LearnedPositions(Counting):
    """The rows of the table of positions, one after the other.

    Attributes:
        offset: the row of the first position.
    """

    offset: int = 0

    def computed(self, trace: Numbers) -> Array:
        """Return the rows."""
        return trace.numbers(self.parameters[0])[self.offset :][: len(trace[self.counted])]

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (table,), row = self.parameters, index[0] + self.offset
        symbol = rf"W^{{pos}}_{{i+{self.offset},d}}" if self.offset else r"W^{pos}_{i,d}"
        entry = taken(symbol, trace.parameters[table], table, (row, index[1]))
        return self._cell(trace, index, operations.SELECT, entry.values[0], singles=(constant("i", index[0]), entry))


@dataclass(frozen=True, kw_only=True)
class CausalMask(Counting):
    """A query attends to its own position and to earlier ones."""

    def computed(self, trace: Numbers) -> Array:
        """Return the lower triangle."""
        positions = np.arange(len(trace[self.counted]))
        allowed: Array = positions[None, :] <= positions[:, None]
        return allowed

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        query, key = index
        singles = (constant("i", query), constant("j", key))
        return self._cell(trace, index, operations.COMPARE, float(key <= query), singles=singles)


@dataclass(frozen=True, kw_only=True)
class Neighbours(Counting):
    """An even share for each position that is near another, itself left out.

    Attributes:
        radius: how far near goes.
    """

    radius: int

    def computed(self, trace: Numbers) -> Array:
        """Return one over the number of neighbours, at each of them."""
        places = np.arange(len(trace[self.counted]))
        near = self._near(places)
        return operations.NEAR.compute(places[:, None], places, self.radius, near.sum(axis=1, keepdims=True))

    def _near(self, places: Array) -> Array:
        far = np.abs(places[:, None] - places)
        near: Array = (far > 0) & (far <= self.radius)
        return near

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        n = int(self._near(np.arange(len(trace[self.counted])))[index[0]].sum())
        numbers = {"i": index[0], "j": index[1], "c": self.radius, "n_i": n}
        singles = tuple(constant(symbol, number) for symbol, number in numbers.items())
        total = float(operations.NEAR.compute(*numbers.values()))
        return self._cell(trace, index, operations.NEAR, total, singles=singles)


@dataclass(frozen=True, kw_only=True)
class PaddingMask(Counting):
    """A query attends to every key that is not padding; there are as many queries as `counted` has rows.

    Attributes:
        pad_id: the id of the padding.
    """

    pad_id: int

    def computed(self, trace: Numbers) -> Array:
        """Return the same row for every query."""
        real = trace[self.sites[0]] != self.pad_id
        return np.repeat(real[None, :], len(trace[self.counted]), axis=0)

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (tokens,) = self.sites
        token = taken("t_j", trace[tokens], tokens, index[1:])
        total = float(token.values[0] != self.pad_id)
        return self._cell(
            trace, index, operations.COMPARE, total, singles=(token, constant(r"\mathrm{pad}", self.pad_id))
        )
