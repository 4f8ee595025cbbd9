"""The formulas of what came before the Transformer's: additive scores, and a mix of layers.

Letters: H head, Q query position, K key position, E width of a query, L position, D width, N layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from transformer_core.glass.formula import operations
from transformer_core.glass.formula.base import Formula, Numbers
from transformer_core.glass.formula.cells import Array, Cell, taken

if TYPE_CHECKING:
    from transformer_core.glass.trace import Trace


@dataclass(frozen=True, kw_only=True)
class AdditiveScore(Formula):
    """v tanh(q + k), summed over the entries (Bahdanau, Cho & Bengio 2015, appendix A.1.2).

    The inputs are the queries [H, Q, E], the keys [H, K, E], and the parameter v [E].

    Attributes:
        symbols: LaTeX of a number of each.
    """

    symbols: tuple[str, str, str]

    def computed(self, trace: Numbers) -> Array:
        """Return the scores of every query and key."""
        q, k, v = (trace.numbers(name) for name in self.inputs)
        scores: Array = operations.MEET.compute(q[:, :, None], k[:, None], v).sum(axis=-1)
        return scores

    def _row(self, trace: Trace, index: tuple[int, ...]) -> tuple[Array, float]:
        q, k, v = (trace.array(name).astype(np.float64) for name in self.inputs)
        terms = operations.MEET.compute(q[index[0], index[1]], k[index[0]], v)  # [K, E]
        return terms.sum(axis=-1), float(np.abs(terms).sum(axis=-1).max())

    def _largest_sum(self, trace: Trace) -> float:
        return float(np.abs(trace.numbers(self.inputs[2])).sum())

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (head, query, key), (q, k, v) = index, self.inputs
        places = (head, query, None), (head, key, None), (None,)
        factors = tuple(
            taken(symbol, trace.array(name), name, place)
            for symbol, name, place in zip(self.symbols, (q, k, v), places, strict=True)
        )
        values = operations.MEET.compute(*(factor.values for factor in factors))
        return self._cell(trace, index, operations.MEET, float(values.sum()), axis="E", values=values, factors=factors)


@dataclass(frozen=True, kw_only=True)
class LayerMix(Formula):
    """gamma times the sum of the layers' vectors, each with its share (Peters et al. 2018, equation 1).

    The inputs are the parameter gamma [1], the shares [N], and the N sites of the layers, [L, D] each.

    Attributes:
        symbols: LaTeX of gamma, and of a share and a number of each layer in turn.
    """

    symbols: tuple[str, ...]

    def computed(self, trace: Numbers) -> Array:
        """Return the mix at every position."""
        gamma, shares, *layers = (trace.numbers(name) for name in self.inputs)
        pairs = (one for pair in zip(shares, layers, strict=True) for one in pair)
        return operations.MIX_LAYERS.compute(gamma[0], *pairs)

    def _largest_sum(self, trace: Trace) -> float:
        gamma, shares, *layers = (np.abs(trace.numbers(name)) for name in self.inputs)
        total: Array = gamma[0] * sum(share * x for share, x in zip(shares, layers, strict=True))
        return float(total.max(initial=0.0))

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        gamma, shares, *layers = self.inputs
        places: list[tuple[str, tuple[int, ...]]] = [(gamma, (0,))]
        for n, layer in enumerate(layers):
            places += [(shares, (n,)), (layer, index)]
        singles = tuple(
            taken(symbol, trace.array(name), name, place)
            for symbol, (name, place) in zip(self.symbols, places, strict=True)
        )
        total = float(operations.MIX_LAYERS.compute(*(single.values[0] for single in singles)))
        return self._cell(trace, index, operations.MIX_LAYERS, total, singles=singles)
