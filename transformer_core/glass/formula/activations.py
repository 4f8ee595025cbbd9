"""The curves that bend numbers between two sums, and softmax, in numpy; the names are those of PyTorch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
_erf = np.vectorize(math.erf, otypes=[np.float64])


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + e^-x), by tanh, which does not overflow."""
    result: Array = 0.5 * (1 + np.tanh(0.5 * x))
    return result


def gelu(x: Array) -> Array:
    """Return x times the share of a normal distribution that lies below x."""
    return 0.5 * x * (1 + _erf(x / math.sqrt(2)))


def gelu_tanh(x: Array) -> Array:
    """Return the approximation of `gelu` by tanh."""
    return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


def silu(x: Array) -> Array:
    """Return x times its sigmoid."""
    return x * sigmoid(x)


def softmax(x: Array) -> Array:
    """Return the softmax over the last axis, with the maximum subtracted first so that nothing overflows.

    Shapes: x [..., N] -> [..., N].
    """
    exponentials: Array = np.exp(x - x.max(axis=-1, keepdims=True))
    result: Array = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return result
