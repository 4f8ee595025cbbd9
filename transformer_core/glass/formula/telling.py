"""How the numbers of one cell are written into its formula, as LaTeX.

A function that tells is handed the cell and a function that writes a number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from transformer_core.glass.formula.cells import Cell

Array = NDArray[Any]
Tex = Callable[[float], str]
"""Writes a number in LaTeX."""

MANY_TERMS = 1000
IN_FORMULA = 2  # terms of a sum that are written out


def largest_terms(cell: Cell, most: int) -> Array:
    """Return the positions of the terms that count most, the largest first."""
    sizes = np.abs(cell.values)
    if len(sizes) > MANY_TERMS:  # sorting a whole vocabulary would take most of a click
        sizes = np.where(sizes >= np.partition(sizes, -most)[-most], sizes, -1.0)
        among = np.flatnonzero(sizes >= 0)
        return among[np.argsort(-sizes[among], kind="stable")][:most]
    return np.argsort(-sizes, kind="stable")[:most]


def brackets(tex: str) -> str:
    """Return a number in brackets if it begins with a minus."""
    return f"({tex})" if tex.startswith("-") else tex


def told_value(cell: Cell, tex: Tex) -> str:
    """Tell the value alone."""
    return tex(cell.value)


def pattern(text: str) -> Callable[[Cell, Tex], str]:
    """Tell by a pattern: [0] is the first of the single numbers, <1> the second, in brackets if it is negative."""

    def tell(cell: Cell, tex: Tex) -> str:
        numbers = [tex(float(single.values[0])) for single in cell.singles]
        told = text
        for i, number in enumerate(numbers):
            told = told.replace(f"<{i}>", brackets(number)).replace(f"[{i}]", number)
        return f"{told} = {tex(cell.value)}"

    return tell


def if_seen(place: int, text: str) -> Callable[[Cell, Tex], str]:
    """Tell by a pattern, unless the number at that place is 0: then nothing was seen, and the value stands alone."""
    return lambda cell, tex: (pattern(text) if cell.singles[place].values[0] else told_value)(cell, tex)


def told_order(cell: Cell, tex: Tex) -> str:
    """Tell two whole numbers, and whether they stand in order."""
    first, second = (int(single.values[0]) for single in cell.singles)
    return rf"\mathrm{{{'T' if cell.value else 'F'}}} \quad ({first},\; {second})"


def told_sum(cell: Cell, tex: Tex) -> str:
    """Tell a sum by its largest terms, or by all where there are few."""
    if not cell.axis:
        told = " + ".join(brackets(tex(float(single.values[0]))) for single in cell.singles)
        return f"{told} = {tex(cell.value)}"
    order = largest_terms(cell, IN_FORMULA)
    if len(cell.factors) == 2:
        pairs = ([brackets(tex(float(factor.values[i]))) for factor in cell.factors] for i in order)
        parts = [r" \cdot ".join(pair) for pair in pairs]
    else:
        parts = [brackets(tex(float(cell.values[i]))) for i in order]
    more = r" + \dots" if len(cell.values) > len(order) or cell.singles else ""
    return f"{' + '.join(parts)}{more} = {tex(cell.value)}"


def told_softmax(cell: Cell, tex: Tex) -> str:
    """Tell one exponential over the sum of its row."""
    i = cell.index[-1]
    top, total = (float(single.values[0]) for single in cell.singles)
    return (
        rf"\frac{{e^{{{tex(float(cell.factors[0].values[i]))} - {brackets(tex(top))}}}}}{{{tex(total)}}} = "
        rf"\frac{{{tex(float(cell.values[i]))}}}{{{tex(total)}}} = {tex(cell.value)}"
    )


def told_meeting(cell: Cell, tex: Tex) -> str:
    """Tell a sum of v tanh(q + k) by its largest terms."""
    order = largest_terms(cell, IN_FORMULA)
    rows = ([tex(float(factor.values[i])) for factor in cell.factors] for i in order)
    parts = [rf"{brackets(v)} \tanh({q} + {brackets(k)})" for q, k, v in rows]
    more = r" + \dots" if len(cell.values) > len(order) else ""
    return f"{' + '.join(parts)}{more} = {tex(cell.value)}"


def told_layers(cell: Cell, tex: Tex) -> str:
    """Tell a number times the sum of pairs of numbers."""
    scale, *numbers = (brackets(tex(float(single.values[0]))) for single in cell.singles)
    pairs = zip(numbers[::2], numbers[1::2], strict=True)
    parts = [rf"{share} \cdot {x}" for share, x in pairs]
    return rf"{scale} \cdot ({' + '.join(parts)}) = {tex(cell.value)}"


def wave(name: str) -> Callable[[Cell, Tex], str]:
    """Tell a sine or cosine of a quotient."""
    return pattern(rf"{name} \frac{{[0]}}{{[1]}} = {name}([2])")
