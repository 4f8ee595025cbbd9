"""The operations that make numbers out of numbers, each an object: what it computes, and how it is told.

A formula says which operation makes a value out of which others. Whoever recomputes a value, takes a cell apart,
writes its numbers into the formula or says it in a sentence asks the operation, and nobody else knows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.formula.activations import gelu, gelu_tanh, sigmoid, silu
from transformer_core.glass.formula.activations import softmax as softmax

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


def _if_seen(place: int, pattern: str) -> Callable[[Cell, Tex], str]:
    """Tell by a pattern, unless the number at that place is 0: then nothing was seen, and the value stands alone."""
    return lambda cell, tex: (_pattern(pattern) if cell.singles[place].values[0] else _value)(cell, tex)


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
GELU = Operation("gelu", gelu, _pattern(r"\operatorname{GELU}([0])"), np.abs)
GELU_TANH = Operation("gelu_tanh", gelu_tanh, _pattern(r"\operatorname{GELU}([0])"), np.abs)
SILU = Operation("silu", silu, _pattern(r"\operatorname{SiLU}([0])"))
TANH = Operation("tanh", np.tanh, _pattern(r"\tanh([0])"))
SIGMOID = Operation("sigmoid", sigmoid, _pattern(r"\sigma([0])"))
_sizes = SUM.sizes
TANH_SUM = Operation("tanh_sum", lambda x, y: np.tanh(x + y), _pattern(r"\tanh([0] + <1>)"), _sizes)
SIGMOID_SUM = Operation("sigmoid_sum", lambda x, y: sigmoid(x + y), _pattern(r"\sigma([0] + <1>)"), _sizes)
TANH_GATED = Operation(
    "tanh_gated",
    lambda x, r, y: np.tanh(x + r * y),
    _pattern(r"\tanh([0] + [1] \cdot <2>)"),
    lambda x, r, y: np.abs(x) + np.abs(r * y),
)
MIX = Operation(
    "mix",
    lambda z, new, old: (1 - z) * new + z * old,
    _pattern(r"(1 - [0]) \cdot <1> + [0] \cdot <2>"),
    lambda z, new, old: np.abs((1 - z) * new) + np.abs(z * old),
)
KEEP_AND_WRITE = Operation(
    "keep_and_write",
    lambda f, old, i, new: f * old + i * new,
    _pattern(r"[0] \cdot <1> + [2] \cdot <3>"),
    lambda f, old, i, new: np.abs(f * old) + np.abs(i * new),
)
COUNT = Operation("count", lambda n: n, _value)
LOG = Operation("log", np.log, _pattern(r"\ln [0]"))
ADD_K = Operation(
    "add_k", lambda c, k, n, size: (c + k) / (n + k * size), _pattern(r"\frac{[0] + [1]}{[2] + [1] \cdot [3]}")
)
INTERPOLATE = Operation(
    "interpolate",
    lambda c, n, share, lower: np.where(n > 0, share * c / np.maximum(n, 1) + (1 - share) * lower, lower),
    _if_seen(1, r"[2] \cdot \frac{[0]}{[1]} + (1 - [2]) \cdot [3]"),
)
REST = Operation(
    "rest",
    lambda d, types, n: np.where(n > 0, d * types / np.maximum(n, 1), 1.0),
    _if_seen(2, r"\frac{[0] \cdot [1]}{[2]}"),
)
DISCOUNT = Operation(
    "discount",
    lambda c, d, n, rest, lower: np.maximum(c - d, 0) / np.maximum(n, 1) + rest * lower,
    _if_seen(2, r"\frac{\max([0] - [1],\;0)}{[2]} + [3] \cdot [4]"),
)
BACK_OFF = Operation(
    "back_off",
    lambda c, d, n, share, lower: np.where(c > 0, (c - d) / np.maximum(n, 1), share * lower),
    lambda cell, tex: _pattern(r"\frac{[0] - [1]}{[2]}" if cell.singles[0].values[0] else r"[3] \cdot [4]")(cell, tex),
)

NEAR = Operation("near", lambda i, j, c, n: ((i != j) & (abs(i - j) <= c)) / np.maximum(n, 1), _value)
SHARE = Operation("share", lambda rest, covered: rest / (1 - covered), _pattern(r"\frac{[0]}{1 - [1]}"))

OPERATIONS = {
    one.name: one
    for one in (
        GIVEN, COPY, SELECT, ENTRY, COMPARE, PRODUCT, QUOTIENT, SUM, SOFTMAX, SINE, COSINE, NORMALIZE, AFFINE, RELU,
        GELU, GELU_TANH, SILU, RMS_NORMALIZE, GAIN, GATE, LEAST, TURN_FIRST, TURN_SECOND, TANH, SIGMOID, TANH_SUM,
        SIGMOID_SUM, TANH_GATED, MIX, KEEP_AND_WRITE, COUNT, LOG, ADD_K, INTERPOLATE, REST, DISCOUNT, BACK_OFF,
        SHARE, NEAR,
    )
}  # fmt: skip


def _named(name: str) -> Operation:
    return OPERATIONS[name]
