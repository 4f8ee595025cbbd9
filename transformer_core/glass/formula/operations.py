"""The operations that make numbers out of numbers, each an object: what it computes, and how it is told.

A formula says which operation makes a value out of which others. Whoever recomputes a value, takes a cell apart,
writes its numbers into the formula or says it in a sentence asks the operation, and nobody else knows it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from transformer_core.glass.formula.cells import Cell

Array = NDArray[Any]
Tex = Callable[[float], str]
"""Writes a number in LaTeX."""


@dataclass(frozen=True, eq=False)
class Operation:
    """One operation.

    Attributes:
        name: its name, by which it is found in `OPERATIONS`.
        compute: from whole arrays, or from the single numbers of a cell, to the result.
        tell: the formula of one cell with its numbers in it, as LaTeX, without the equals sign in front.
        sizes: of the same arguments what is added up, without signs, where numbers of either sign may cancel; None
            where nothing cancels. The two halves of a GELU's sum, x/2 and x/2 times a number from -1 to 1, are together
            x at most.
        text: id of the sentence that says what it does.
    """

    name: str
    compute: Callable[..., Array]
    tell: Callable[[Cell, Tex], str]
    sizes: Callable[..., Array] | None = None

    @property
    def text(self) -> str:
        """The id of the sentence that says what it does."""
        return f"explain.{self.name}"

    def __repr__(self) -> str:
        return f"Operation({self.name})"

    def __reduce__(self) -> str | tuple[Any, ...]:
        return _named, (self.name,)


def softmax(x: Array) -> Array:
    """Return the softmax over the last axis, with the maximum subtracted first so that nothing overflows.

    Shapes: x [..., N] -> [..., N].
    """
    exponentials: Array = np.exp(x - x.max(axis=-1, keepdims=True))
    result: Array = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return result


_erf = np.vectorize(math.erf, otypes=[np.float64])
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


def _value(cell: Cell, tex: Tex) -> str:
    return tex(cell.value)


def _pattern(pattern: str) -> Callable[[Cell, Tex], str]:
    """Tell by a pattern: [0] is the first of the single numbers, <1> the second, in brackets if it is negative."""

    def tell(cell: Cell, tex: Tex) -> str:
        numbers = [tex(float(single.values[0])) for single in cell.singles]
        told = pattern
        for i, number in enumerate(numbers):
            told = told.replace(f"<{i}>", brackets(number)).replace(f"[{i}]", number)
        return f"{told} = {tex(cell.value)}"

    return tell


def _compare(cell: Cell, tex: Tex) -> str:
    first, second = (int(single.values[0]) for single in cell.singles)
    return rf"\mathrm{{{'T' if cell.value else 'F'}}} \quad ({first},\; {second})"


def _sum(cell: Cell, tex: Tex) -> str:
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


def _softmax(cell: Cell, tex: Tex) -> str:
    i = cell.index[-1]
    top, total = (float(single.values[0]) for single in cell.singles)
    return (
        rf"\frac{{e^{{{tex(float(cell.factors[0].values[i]))} - {brackets(tex(top))}}}}}{{{tex(total)}}} = "
        rf"\frac{{{tex(float(cell.values[i]))}}}{{{tex(total)}}} = {tex(cell.value)}"
    )


def _wave(name: str) -> Callable[[Cell, Tex], str]:
    return _pattern(rf"{name} \frac{{[0]}}{{[1]}} = {name}([2])")


def _gelu(x: Array) -> Array:
    return 0.5 * x * (1 + _erf(x / math.sqrt(2)))


def _gelu_tanh(x: Array) -> Array:
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def _silu(x: Array) -> Array:
    result: Array = x * 0.5 * (1 + np.tanh(0.5 * x))  # the logistic function by tanh, which does not overflow
    return result


def _plain_sum(*summands: Array) -> Array:
    total = summands[0]
    for summand in summands[1:]:
        total = total + summand
    return total


GIVEN = Operation("given", lambda x: x, _value)
COPY = Operation("copy", lambda x: x, _value)
SELECT = Operation("select", lambda place, entry: entry, _value)
ENTRY = Operation("entry", lambda place, entry: entry, _value)
COMPARE = Operation("compare", lambda first, second: first <= second, _compare)
PRODUCT = Operation("product", lambda x, y: x * y, _pattern(r"[0] \cdot <1>"))
QUOTIENT = Operation("quotient", lambda x, y: x / y, _pattern(r"\frac{[0]}{[1]}"))
SUM = Operation("sum", _plain_sum, _sum, lambda *summands: _plain_sum(*map(np.abs, summands)))
SOFTMAX = Operation("softmax", softmax, _softmax)
SINE = Operation("sine", lambda position, divisor, angle: np.sin(position / divisor), _wave(r"\sin"))
COSINE = Operation("cosine", lambda position, divisor, angle: np.cos(position / divisor), _wave(r"\cos"))
NORMALIZE = Operation(
    "normalize",
    lambda x, mean, var, eps: (x - mean) / np.sqrt(var + eps),
    _pattern(r"\frac{[0] - <1>}{\sqrt{[2] + [3]}}"),
    lambda x, mean, var, eps: (np.abs(x) + np.abs(mean)) / np.sqrt(var + eps),
)
AFFINE = Operation(
    "affine",
    lambda x, gamma, beta: x * gamma + beta,
    _pattern(r"[0] \cdot <1> + <2>"),
    lambda x, gamma, beta: np.abs(x * gamma) + np.abs(beta),
)
RMS_NORMALIZE = Operation(
    "rms_normalize",
    lambda x, mean_square, eps: x / np.sqrt(mean_square + eps),
    _pattern(r"\frac{[0]}{\sqrt{[1] + [2]}}"),
)
GAIN = Operation("gain", lambda x, gamma: x * gamma, _pattern(r"[0] \cdot <1>"))
GATE = Operation("gate", lambda x, y: x * y, _pattern(r"[0] \cdot <1>"))
LEAST = Operation("least", lambda n, most: np.minimum(n, most), _pattern(r"\min([0],\;[1])"))
TURN_FIRST = Operation(
    "turn_first",
    lambda x, y, angle: x * np.cos(angle) - y * np.sin(angle),
    _pattern(r"[0] \cos([2]) - <1> \sin([2])"),
    lambda x, y, angle: np.abs(x) + np.abs(y),
)
TURN_SECOND = Operation(
    "turn_second",
    lambda x, y, angle: x * np.cos(angle) + y * np.sin(angle),
    _pattern(r"[0] \cos([2]) + <1> \sin([2])"),
    lambda x, y, angle: np.abs(x) + np.abs(y),
)
RELU = Operation("relu", lambda x: np.maximum(x, 0.0), _pattern(r"\max(0,\;[0])"))
GELU = Operation("gelu", _gelu, _pattern(r"\operatorname{GELU}([0])"), np.abs)
GELU_TANH = Operation("gelu_tanh", _gelu_tanh, _pattern(r"\operatorname{GELU}([0])"), np.abs)
SILU = Operation("silu", _silu, _pattern(r"\operatorname{SiLU}([0])"))

OPERATIONS = {
    one.name: one
    for one in (
        GIVEN, COPY, SELECT, ENTRY, COMPARE, PRODUCT, QUOTIENT, SUM, SOFTMAX, SINE, COSINE, NORMALIZE, AFFINE, RELU,
        GELU, GELU_TANH, SILU, RMS_NORMALIZE, GAIN, GATE, LEAST, TURN_FIRST, TURN_SECOND,
    )
}  # fmt: skip


def _named(name: str) -> Operation:
    return OPERATIONS[name]
