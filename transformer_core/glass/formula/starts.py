"""The formulas with which a model starts: ids, rows of tables, positions, and who may attend to whom."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from transformer_core.glass.cells import Array, Cell, constant, taken
from transformer_core.glass.formula.base import Formula, numbers_of
from transformer_core.glass.trace import Trace


@dataclass(frozen=True)
class Tokens(Formula):
    """The ids, which are given and follow from nothing."""

    def recompute(self, trace: Trace) -> Array:
        """Return the ids."""
        return trace[self.key]

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        return self._cell(trace, index, "given", float(trace[self.key][index]))


@dataclass(frozen=True)
class Lookup(Formula):
    """The row of the table that belongs to each id."""

    def recompute(self, trace: Trace) -> Array:
        """Return the rows."""
        return numbers_of(trace, self.parameters[0])[trace[self.sites[0]]]

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (tokens,), (table,) = self.sites, self.parameters
        token = taken("t_i", trace[tokens], tokens, index[:1])
        entry = taken(r"W^E_{t_i,d}", trace.parameters[table], table, (int(token.values[0]), index[1]))
        return self._cell(trace, index, "select", entry.values[0], singles=(token, entry))


@dataclass(frozen=True)
class LearnedPositions(Formula):
    """The first rows of the table of positions.

    Attributes:
        counted: a site with as many rows as there are positions.
    """

    counted: str

    def recompute(self, trace: Trace) -> Array:
        """Return the rows."""
        return numbers_of(trace, self.parameters[0])[: len(trace[self.counted])]

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (table,) = self.parameters
        entry = taken(r"W^{pos}_{i,d}", trace.parameters[table], table, index)
        return self._cell(trace, index, "select", entry.values[0], singles=(constant("i", index[0]), entry))


@dataclass(frozen=True)
class SinusoidalPositions(Formula):
    """Sine and cosine of an angle that turns more slowly with every pair of entries (section 3.5 of the paper).

    Attributes:
        counted: a site with as many rows as there are positions.
    """

    counted: str

    def recompute(self, trace: Trace) -> Array:
        """Return the table of as many positions as there are."""
        d_model = trace.config.d_model
        divisors = np.array([_divisor(d, d_model) for d in range(d_model)])
        angles = np.arange(len(trace[self.counted]), dtype=np.float64)[:, None] / divisors  # [L, D]
        return np.where(np.arange(d_model) % 2, np.cos(angles), np.sin(angles))

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        position, d = index
        divisor = _divisor(d, trace.config.d_model)
        angle = position / divisor
        singles = (
            constant("pos", position),
            constant(r"10000^{2i/d_{model}}", divisor),
            constant(r"\theta", angle),
        )
        if d % 2:
            return self._cell(trace, index, "cosine", math.cos(angle), singles=singles)
        return self._cell(trace, index, "sine", math.sin(angle), singles=singles)


@dataclass(frozen=True)
class CausalMask(Formula):
    """A query attends to its own position and to earlier ones.

    Attributes:
        counted: a site with as many rows as there are positions.
    """

    counted: str

    def recompute(self, trace: Trace) -> Array:
        """Return the lower triangle."""
        positions = np.arange(len(trace[self.counted]))
        allowed: Array = positions[None, :] <= positions[:, None]
        return allowed

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        query, key = index
        singles = (constant("i", query), constant("j", key))
        return self._cell(trace, index, "compare", float(key <= query), singles=singles)


@dataclass(frozen=True)
class PaddingMask(Formula):
    """A query attends to every key that is not padding.

    Attributes:
        counted: a site with as many rows as there are queries.
        pad_id: the id of the padding.
    """

    counted: str
    pad_id: int

    def recompute(self, trace: Trace) -> Array:
        """Return the same row for every query."""
        real = trace[self.sites[0]] != self.pad_id
        return np.repeat(real[None, :], len(trace[self.counted]), axis=0)

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (tokens,) = self.sites
        token = taken("t_j", trace[tokens], tokens, index[1:])
        total = float(token.values[0] != self.pad_id)
        return self._cell(trace, index, "compare", total, singles=(token, constant(r"\mathrm{pad}", self.pad_id)))


def _divisor(d: int, d_model: int) -> float:
    """10000^(2i/D) of the pair 2i, 2i + 1 to which entry `d` belongs."""
    return float(10000.0 ** ((d - d % 2) / d_model))
