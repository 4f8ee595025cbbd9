"""The formulas with which a model starts: ids, rows of tables, positions, and who may attend to whom."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np

from transformer_core.glass import operations
from transformer_core.glass.cells import Array, Cell, constant, taken
from transformer_core.glass.formula.base import Formula, Numbers, Rename

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
    """The row of the table that belongs to each id."""

    def computed(self, trace: Numbers) -> Array:
        """Return the rows."""
        return trace.numbers(self.parameters[0])[trace[self.sites[0]]]

    def _row(self, trace: Trace, index: tuple[int, ...]) -> tuple[Array, float]:
        (table,), token = self.parameters, int(trace[self.sites[0]][index[0]])
        return trace.array_for(table, (token, None))[token], 0.0

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (tokens,), (table,) = self.sites, self.parameters
        token = taken("t_i", trace[tokens], tokens, index[:1])
        at = (int(token.values[0]), index[1])
        entry = taken(r"W^E_{t_i,d}", trace.array_for(table, at), table, at)
        return self._cell(trace, index, operations.SELECT, entry.values[0], singles=(token, entry))


@dataclass(frozen=True, kw_only=True)
class _Counting(Formula):
    """A value that depends on how many positions there are.

    Attributes:
        counted: a site with as many rows as there are positions.
    """

    counted: str

    def renamed(self, rename: Rename) -> Self:
        """Return the formula with other names of what it is made of."""
        return replace(super().renamed(rename), counted=rename(self.counted))


@dataclass(frozen=True, kw_only=True)
class LearnedPositions(_Counting):
    """The first rows of the table of positions."""

    def computed(self, trace: Numbers) -> Array:
        """Return the rows."""
        return trace.numbers(self.parameters[0])[: len(trace[self.counted])]

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (table,) = self.parameters
        entry = taken(r"W^{pos}_{i,d}", trace.parameters[table], table, index)
        return self._cell(trace, index, operations.SELECT, entry.values[0], singles=(constant("i", index[0]), entry))


@dataclass(frozen=True, kw_only=True)
class SinusoidalPositions(_Counting):
    """Sine and cosine of an angle that turns more slowly with every pair of entries (section 3.5 of the paper).

    Attributes:
        width: of a vector, D.
    """

    width: int

    def computed(self, trace: Numbers) -> Array:
        """Return the table of as many positions as there are."""
        divisors = np.array([_divisor(d, self.width) for d in range(self.width)])
        angles = np.arange(len(trace[self.counted]), dtype=np.float64)[:, None] / divisors  # [L, D]
        return np.where(np.arange(self.width) % 2, np.cos(angles), np.sin(angles))

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        position, d = index
        divisor = _divisor(d, self.width)
        angle = position / divisor
        singles = (
            constant("pos", position),
            constant(r"10000^{2i/d_{model}}", divisor),
            constant(r"\theta", angle),
        )
        if d % 2:
            return self._cell(trace, index, operations.COSINE, math.cos(angle), singles=singles)
        return self._cell(trace, index, operations.SINE, math.sin(angle), singles=singles)


@dataclass(frozen=True, kw_only=True)
class CausalMask(_Counting):
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
class PaddingMask(_Counting):
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


def _divisor(d: int, d_model: int) -> float:
    """10000^(2i/D) of the pair 2i, 2i + 1 to which entry `d` belongs."""
    return float(10000.0 ** ((d - d % 2) / d_model))
