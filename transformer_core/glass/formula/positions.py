"""The formulas that tell positions by waves, by turning, and by distance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from transformer_core.glass.formula import operations
from transformer_core.glass.formula.base import Formula, Numbers
from transformer_core.glass.formula.cells import Array, Cell, constant, taken
from transformer_core.glass.formula.starts import Counting

if TYPE_CHECKING:
    from transformer_core.glass.trace import Trace


@dataclass(frozen=True, kw_only=True)
class SinusoidalPositions(Counting):
    """Sine and cosine of an angle that turns more slowly with every pair of entries (section 3.5 of the paper).

    Attributes:
        width: of a vector, D.
        halves: whether all sines stand in its first half; else each beside its cosine.
    """

    width: int
    halves: bool = False

    def computed(self, trace: Numbers) -> Array:
        """Return the table of as many positions as there are."""
        pairs, cosine = zip(*(self._pair(d) for d in range(self.width)), strict=True)
        divisors = np.array([self._divisor(pair) for pair in pairs])
        angles = np.arange(len(trace[self.counted]), dtype=np.float64)[:, None] / divisors  # [L, D]
        return np.where(cosine, np.cos(angles), np.sin(angles))

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        position, d = index
        pair, cosine = self._pair(d)
        divisor = self._divisor(pair)
        angle = position / divisor
        singles = (
            constant("pos", position),
            constant(r"10000^{2i/d_{model}}", divisor),
            constant(r"\theta", angle),
        )
        if cosine:
            return self._cell(trace, index, operations.COSINE, math.cos(angle), singles=singles)
        return self._cell(trace, index, operations.SINE, math.sin(angle), singles=singles)

    def _pair(self, d: int) -> tuple[int, bool]:
        """To which pair an entry belongs, and whether it is the cosine of it."""
        if self.halves:
            return d % (self.width // 2), d >= self.width // 2
        return d // 2, bool(d % 2)

    def _divisor(self, pair: int) -> float:
        return float(10000.0 ** (2 * pair / self.width))


@dataclass(frozen=True, kw_only=True)
class Rotated(Formula):
    """Entry e of either half of a vector, turned together by an angle that grows with the position.

    Attributes:
        letter: of the vector in LaTeX, and the letter of its position.
        width: of the vector, E.
        base: of the angles' divisors.
        factor: positions are divided by it.
    """

    letter: tuple[str, str]
    width: int
    base: float
    factor: float

    def computed(self, trace: Numbers) -> Array:
        """Return all vectors turned."""
        x, half = trace.numbers(self.sites[0]), self.width // 2
        divisors = np.array([self._divisor(pair) for pair in range(half)])
        angles = np.arange(x.shape[1], dtype=np.float64)[:, None] / divisors  # [L, E / 2]
        first, second = x[..., :half], x[..., half:]
        turned = (
            operations.TURN_FIRST.compute(first, second, angles),
            operations.TURN_SECOND.compute(second, first, angles),
        )
        return np.concatenate(turned, axis=-1)

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (site,), (letter, place), half = self.sites, self.letter, self.width // 2
        head, position, e = index
        later = e >= half
        angle = position / self._divisor(e % half)
        partner = e - half if later else e + half
        x = taken(f"{letter}_{{{place},e}}", trace[site], site, index)
        sign = "-" if later else "+"
        y = taken(f"{letter}_{{{place},e{sign}{half}}}", trace[site], site, (head, position, partner))
        operation = operations.TURN_SECOND if later else operations.TURN_FIRST
        total = operation.compute(x.values[0], y.values[0], angle)
        return self._cell(trace, index, operation, float(total), singles=(x, y, constant(r"\theta", angle)))

    def _divisor(self, pair: int) -> float:
        return float(self.base ** (2 * pair / self.width) * self.factor)


def rotated_formula(kind: str, x: str, letter: str, place: str, *, width: int, base: float, factor: float) -> Rotated:
    """Return the formula of the vectors `x`, turned; `letter` and `place` are those of a vector and its position."""
    half, vector = width // 2, f"{letter}_{{{place},e}}"
    exponent = rf"2 (e \bmod {half}) / {width}"
    slower = "" if factor == 1 else rf"{factor:g} \cdot "
    written = f"{base:.0f}" if base == round(base) else f"{base:g}"
    latex = (
        rf"{letter}'_{{{place},e}} = \begin{{cases}} {vector} \cos\theta - {letter}_{{{place},e+{half}}} \sin\theta "
        rf"& e < {half} \\ {vector} \cos\theta + {letter}_{{{place},e-{half}}} \sin\theta & e \ge {half} "
        rf"\end{{cases}}, \quad \theta = \frac{{{place}}}{{{slower}{written}^{{{exponent}}}}}"
    )
    return Rotated(kind=kind, latex=latex, inputs=(x,), letter=(letter, place), width=width, base=base, factor=factor)


@dataclass(frozen=True, kw_only=True)
class DistanceBias(Counting):
    """One learned number per head for the distance of query and key; far distances share one.

    Attributes:
        buckets: rows of the table.
        max_distance: from where on all distances share one row.
        causal: whether keys to the right of the query have no rows of their own.
    """

    buckets: int
    max_distance: int
    causal: bool

    def computed(self, trace: Numbers) -> Array:
        """Return the number of every head, query and key."""
        n = len(trace[self.counted])
        rows = np.array([[self._bucket(key - query) for key in range(n)] for query in range(n)])
        return trace.numbers(self.parameters[0])[rows].transpose(2, 0, 1)

    def _explain(self, trace: Trace, index: tuple[int, ...]) -> Cell:
        (table,), (head, query, key) = self.parameters, index
        entry = taken(r"W^{bias}_{n,h}", trace.parameters[table], table, (self._bucket(key - query), head))
        singles = (constant("j - i", key - query), entry)
        return self._cell(trace, index, operations.ENTRY, entry.values[0], singles=singles)

    def _bucket(self, ahead: int) -> int:
        n, right = self.buckets, 0
        if not self.causal:
            n //= 2
            right = n if ahead > 0 else 0
        distance, exact = max(-ahead, 0) if self.causal else abs(ahead), n // 2
        if distance < exact:
            return right + distance
        part = math.log(distance / exact) / math.log(self.max_distance / exact)
        far = exact + math.floor(part * (n - exact) + 1e-9)  # a power of two stays whole in spite of rounding
        return right + min(far, n - 1)
