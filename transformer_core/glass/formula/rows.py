"""The formulas that take a whole row, or the row before: sums along a row, and what a loop over time remembers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from transformer_core.glass.formula import operations
from transformer_core.glass.formula.base import Formula, Numbers
from transformer_core.glass.formula.cells import Array, Cell, constant, taken

if TYPE_CHECKING:
    from transformer_core.glass.trace import Trace


@dataclass(frozen=True, kw_only=True)
class Before(Formula):
    """What a site held one row earlier, or one row later in a loop that walks backwards.

    Before the first row of the loop stand zeros, or what another site holds behind its last word: then the inputs are
    the site, the other one, and the ids of its words.

    Attributes:
        symbol: LaTeX of a number of the row before.
        reverse: whether the loop walks backwards.
        pad_id: the id of the padding among those words.
    """

    symbol: str
    reverse: bool = False
    pad_id: int = 0

    def computed(self, trace: Numbers) -> Array:
        """Return the site, one row further on."""
        x = trace.numbers(self.sites[0])
        first = np.zeros_like(x[:1])
        if len(self.sites) > 1:
            first = trace.numbers(self.sites[1])[last_word(trace, self.sites[2], self.pad_id)][None]
        return np.concatenate((x[1:], first) if self.reverse else (first, x[:-1]))

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        site, row = self.sites[0], index[0] + (1 if self.reverse else -1)
        found = constant(self.symbol, 0.0)
        if 0 <= row < len(trace[site]):
            found = taken(self.symbol, trace[site], site, (row, *index[1:]))
        elif len(self.sites) > 1:
            _, handed, tokens = self.sites
            found = taken(self.symbol, trace[handed], handed, (last_word(trace, tokens, self.pad_id), *index[1:]))
        return self._cell(trace, index, operations.COPY, float(found.values[0]), singles=(found,))


def last_word(trace: Numbers, tokens: str, pad_id: int) -> int:
    """Return the place of the last of these ids that is no padding."""
    return int(np.flatnonzero(trace[tokens] != pad_id)[-1])


@dataclass(frozen=True, kw_only=True)
class Handed(Formula):
    """What a site holds behind its last word, the same at every position of another text.

    The inputs are the site, the ids of its words, and those of the other text.

    Attributes:
        symbol: LaTeX of a number of it.
        pad_id: the id of the padding.
    """

    symbol: str
    pad_id: int

    def computed(self, trace: Numbers) -> Array:
        """Return the last row, once for each position."""
        x = trace.numbers(self.sites[0])[last_word(trace, self.sites[1], self.pad_id)]
        return np.repeat(x[None], len(trace[self.sites[2]]), axis=0)

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        site, tokens, _ = self.sites
        found = taken(self.symbol, trace[site], site, (last_word(trace, tokens, self.pad_id), index[1]))
        return self._cell(trace, index, operations.COPY, float(found.values[0]), singles=(found,))


@dataclass(frozen=True, kw_only=True)
class RowSum(Formula):
    """The sum of a row, or of the products of two rows, with its axis kept.

    Attributes:
        axis: letter of the axis along which is summed.
        symbols: LaTeX of a number of each row.
    """

    axis: str
    symbols: tuple[str, ...]

    def computed(self, trace: Numbers) -> Array:
        """Return the sum of every row."""
        return self._terms(*(trace.numbers(site) for site in self.sites)).sum(axis=-1, keepdims=True)

    def _row(self, trace: Trace, index: tuple[int, ...]) -> tuple[Array, float]:
        terms = self._terms(*(trace[site][index[:-1]].astype(np.float64) for site in self.sites))
        return terms.sum(keepdims=True), float(np.abs(terms).sum())

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        at = (*index[:-1], None)
        rows = tuple(
            taken(symbol, trace[site], site, at) for symbol, site in zip(self.symbols, self.sites, strict=True)
        )
        values = self._terms(*(row.values for row in rows))
        return self._cell(trace, index, operations.SUM, values.sum(), axis=self.axis, values=values, factors=rows)

    def _terms(self, *rows: Array) -> Array:
        return math.prod(rows[1:], start=rows[0])

    def _largest_sum(self, trace: Trace) -> float:
        terms = self._terms(*(trace.numbers(site) for site in self.sites))
        return float(np.abs(terms).sum(axis=-1).max(initial=0.0))


def row_sum(kind: str, symbol: str, *rows: tuple[str, str], axis: str, over: str) -> RowSum:
    """Return the formula of the sum of a row; `rows` are symbol and name of what is multiplied."""
    latex = rf"{symbol} = \sum_{{{over}}} " + r"\, ".join(one for one, _ in rows)
    symbols, names = tuple(one for one, _ in rows), tuple(name for _, name in rows)
    return RowSum(kind=kind, latex=latex, inputs=names, axis=axis, symbols=symbols)


@dataclass(frozen=True, kw_only=True)
class Seen(Formula):
    """Whether a count is above 0.

    Attributes:
        symbol: LaTeX of the count.
    """

    symbol: str

    def computed(self, trace: Numbers) -> Array:
        """Return a truth value for every count."""
        seen: Array = trace[self.sites[0]] > 0
        return seen

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (site,) = self.sites
        count = taken(self.symbol, trace[site], site, index)
        total = float(count.values[0] > 0)
        return self._cell(trace, index, operations.COMPARE, total, singles=(count, constant("0", 0.0)))
