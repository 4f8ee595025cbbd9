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
from transformer_core.glass.formula.telling import (
    Tex,
    if_seen,
    pattern,
    told_layers,
    told_meeting,
    told_order,
    told_softmax,
    told_sum,
    told_value,
    wave,
)

if TYPE_CHECKING:
    from transformer_core.glass.formula.cells import Cell

Array = NDArray[Any]


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


def _plain_sum(*summands: Array) -> Array:
    total = summands[0]
    for summand in summands[1:]:
        total = total + summand
    return total


GIVEN = Operation("given", lambda x: x, told_value)
COPY = Operation("copy", lambda x: x, told_value)
SELECT = Operation("select", lambda place, entry: entry, told_value)
ENTRY = Operation("entry", lambda place, entry: entry, told_value)
COMPARE = Operation("compare", lambda first, second: first <= second, told_order)
PRODUCT = Operation("product", lambda x, y: x * y, pattern(r"[0] \cdot <1>"))
QUOTIENT = Operation("quotient", lambda x, y: x / y, pattern(r"\frac{[0]}{[1]}"))
SUM = Operation("sum", _plain_sum, told_sum, lambda *summands: _plain_sum(*map(np.abs, summands)))
SOFTMAX = Operation("softmax", softmax, told_softmax)
SINE = Operation("sine", lambda position, divisor, angle: np.sin(position / divisor), wave(r"\sin"))
COSINE = Operation("cosine", lambda position, divisor, angle: np.cos(position / divisor), wave(r"\cos"))
NORMALIZE = Operation(
    "normalize",
    lambda x, mean, var, eps: (x - mean) / np.sqrt(var + eps),
    pattern(r"\frac{[0] - <1>}{\sqrt{[2] + [3]}}"),
    lambda x, mean, var, eps: (np.abs(x) + np.abs(mean)) / np.sqrt(var + eps),
)
AFFINE = Operation(
    "affine",
    lambda x, gamma, beta: x * gamma + beta,
    pattern(r"[0] \cdot <1> + <2>"),
    lambda x, gamma, beta: np.abs(x * gamma) + np.abs(beta),
)
RMS_NORMALIZE = Operation(
    "rms_normalize",
    lambda x, mean_square, eps: x / np.sqrt(mean_square + eps),
    pattern(r"\frac{[0]}{\sqrt{[1] + [2]}}"),
)
GAIN = Operation("gain", lambda x, gamma: x * gamma, pattern(r"[0] \cdot <1>"))
GATE = Operation("gate", lambda x, y: x * y, pattern(r"[0] \cdot <1>"))
LEAST = Operation("least", lambda n, most: np.minimum(n, most), pattern(r"\min([0],\;[1])"))
TURN_FIRST = Operation(
    "turn_first",
    lambda x, y, angle: x * np.cos(angle) - y * np.sin(angle),
    pattern(r"[0] \cos([2]) - <1> \sin([2])"),
    lambda x, y, angle: np.abs(x) + np.abs(y),
)
TURN_SECOND = Operation(
    "turn_second",
    lambda x, y, angle: x * np.cos(angle) + y * np.sin(angle),
    pattern(r"[0] \cos([2]) + <1> \sin([2])"),
    lambda x, y, angle: np.abs(x) + np.abs(y),
)
RELU = Operation("relu", lambda x: np.maximum(x, 0.0), pattern(r"\max(0,\;[0])"))
GELU = Operation("gelu", gelu, pattern(r"\operatorname{GELU}([0])"), np.abs)
GELU_TANH = Operation("gelu_tanh", gelu_tanh, pattern(r"\operatorname{GELU}([0])"), np.abs)
SILU = Operation("silu", silu, pattern(r"\operatorname{SiLU}([0])"))
TANH = Operation("tanh", np.tanh, pattern(r"\tanh([0])"))
SIGMOID = Operation("sigmoid", sigmoid, pattern(r"\sigma([0])"))
_sizes = SUM.sizes
TANH_SUM = Operation("tanh_sum", lambda x, y: np.tanh(x + y), pattern(r"\tanh([0] + <1>)"), _sizes)
SIGMOID_SUM = Operation("sigmoid_sum", lambda x, y: sigmoid(x + y), pattern(r"\sigma([0] + <1>)"), _sizes)
TANH_GATED = Operation(
    "tanh_gated",
    lambda x, r, y: np.tanh(x + r * y),
    pattern(r"\tanh([0] + [1] \cdot <2>)"),
    lambda x, r, y: np.abs(x) + np.abs(r * y),
)
MIX = Operation(
    "mix",
    lambda z, new, old: (1 - z) * new + z * old,
    pattern(r"(1 - [0]) \cdot <1> + [0] \cdot <2>"),
    lambda z, new, old: np.abs((1 - z) * new) + np.abs(z * old),
)
KEEP_AND_WRITE = Operation(
    "keep_and_write",
    lambda f, old, i, new: f * old + i * new,
    pattern(r"[0] \cdot <1> + [2] \cdot <3>"),
    lambda f, old, i, new: np.abs(f * old) + np.abs(i * new),
)
MEET = Operation(
    "meet",
    lambda q, k, v: v * np.tanh(q + k),
    told_meeting,
    lambda q, k, v: np.abs(v * np.tanh(q + k)),
)
MIX_LAYERS = Operation(
    "mix_layers",
    lambda scale, *pairs: scale * _plain_sum(*(s * x for s, x in zip(pairs[::2], pairs[1::2], strict=True))),
    told_layers,
    lambda scale, *pairs: (
        abs(scale) * _plain_sum(*(s * np.abs(x) for s, x in zip(pairs[::2], pairs[1::2], strict=True)))
    ),
)
COUNT = Operation("count", lambda n: n, told_value)
LOG = Operation("log", np.log, pattern(r"\ln [0]"))
ADD_K = Operation(
    "add_k", lambda c, k, n, size: (c + k) / (n + k * size), pattern(r"\frac{[0] + [1]}{[2] + [1] \cdot [3]}")
)
INTERPOLATE = Operation(
    "interpolate",
    lambda c, n, share, lower: np.where(n > 0, share * c / np.maximum(n, 1) + (1 - share) * lower, lower),
    if_seen(1, r"[2] \cdot \frac{[0]}{[1]} + (1 - [2]) \cdot [3]"),
)
REST = Operation(
    "rest",
    lambda d, types, n: np.where(n > 0, d * types / np.maximum(n, 1), 1.0),
    if_seen(2, r"\frac{[0] \cdot [1]}{[2]}"),
)
DISCOUNT = Operation(
    "discount",
    lambda c, d, n, rest, lower: np.maximum(c - d, 0) / np.maximum(n, 1) + rest * lower,
    if_seen(2, r"\frac{\max([0] - [1],\;0)}{[2]} + [3] \cdot [4]"),
)
BACK_OFF = Operation(
    "back_off",
    lambda c, d, n, share, lower: np.where(c > 0, (c - d) / np.maximum(n, 1), share * lower),
    lambda cell, tex: pattern(r"\frac{[0] - [1]}{[2]}" if cell.singles[0].values[0] else r"[3] \cdot [4]")(cell, tex),
)

NEAR = Operation("near", lambda i, j, c, n: ((i != j) & (abs(i - j) <= c)) / np.maximum(n, 1), told_value)
SHARE = Operation("share", lambda rest, covered: rest / (1 - covered), pattern(r"\frac{[0]}{1 - [1]}"))

OPERATIONS = {
    one.name: one
    for one in (
        GIVEN, COPY, SELECT, ENTRY, COMPARE, PRODUCT, QUOTIENT, SUM, SOFTMAX, SINE, COSINE, NORMALIZE, AFFINE, RELU,
        GELU, GELU_TANH, SILU, RMS_NORMALIZE, GAIN, GATE, LEAST, TURN_FIRST, TURN_SECOND, TANH, SIGMOID, TANH_SUM,
        SIGMOID_SUM, TANH_GATED, MIX, KEEP_AND_WRITE, MEET, MIX_LAYERS, COUNT, LOG, ADD_K, INTERPOLATE, REST, DISCOUNT,
        BACK_OFF, SHARE, NEAR,
    )
}  # fmt: skip


def _named(name: str) -> Operation:
    return OPERATIONS[name]
