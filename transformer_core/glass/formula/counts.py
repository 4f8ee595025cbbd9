"""How often a word follows others: a number out of a table of n-grams, found by walking from word to word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from transformer_core.glass.formula import operations
from transformer_core.glass.formula.base import Formula, Numbers
from transformer_core.glass.formula.cells import Array, Cell, constant, taken

if TYPE_CHECKING:
    from transformer_core.glass.trace import Trace


@dataclass(frozen=True, kw_only=True)
class Count(Formula):
    """The count of each word behind the last words of each position.

    The inputs are the window of words, then the parameters on the way: how many n-grams go on from each word, the last
    words of those, how many go on from each of them, and so on; at last the counts.

    Attributes:
        order: words of an n-gram.
        n_words: of the vocabulary.
        symbol: LaTeX of a count.
    """

    order: int
    n_words: int
    symbol: str

    def computed(self, trace: Numbers) -> Array:
        """Return the counts of every word at every position."""
        windows, (*way, counts) = trace[self.sites[0]], [trace.array(name) for name in self.parameters]
        return np.stack([self._counted(window, way, counts) for window in windows])

    def _row(self, trace: Trace, index: tuple[int, ...]) -> tuple[Array, float]:
        window, (*way, counts) = trace[self.sites[0]][index[0]], [trace.array(name) for name in self.parameters]
        return self._counted(window, way, counts), 0.0

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        window, (*way, counts) = trace[self.sites[0]][index[0]], [trace.array(name) for name in self.parameters]
        found = constant(self.symbol, 0.0)
        if not way:
            found = taken(self.symbol, counts, self.parameters[-1], (index[1],))
        else:
            rows = self._followers(window, way)
            places = np.flatnonzero(way[-1][rows] == index[1])
            if len(places):
                found = taken(self.symbol, counts, self.parameters[-1], (rows.start + int(places[0]),))
        return self._cell(trace, index, operations.COUNT, float(found.values[0]), singles=(found,))

    def _counted(self, window: Array, way: list[Array], counts: Array) -> Array:
        if not way:
            return counts.astype(np.float64)
        rows, counted = self._followers(window, way), np.zeros(self.n_words)
        counted[way[-1][rows]] = counts[rows]
        return counted

    def _followers(self, window: Array, way: list[Array]) -> slice:
        """The rows of the n-grams that begin with the last words, the farthest first."""
        row = int(window[self.order - 2])
        for step in range(self.order - 1):
            followers, ids = way[2 * step : 2 * step + 2]
            first = int(followers[:row].sum(dtype=np.int64))
            rows = slice(first, first + int(followers[row]))
            if step == self.order - 2:
                return rows
            places = np.flatnonzero(ids[rows] == window[self.order - 3 - step])
            if not len(places):
                break
            row = first + int(places[0])
        return slice(0, 0)
