"""Each operation against a second way to the same number, and the laws of the table."""

from __future__ import annotations

import cmath
import copy
import math
import pickle
from collections.abc import Callable

import numpy as np
import pytest

from transformer_core.glass.formula.operations import OPERATIONS

# What each makes of single numbers, written down a second time with Python's own functions.
AGAIN: dict[str, Callable[..., float]] = {
    "given": lambda x: x,
    "copy": lambda x: x,
    "select": lambda place, entry: entry,
    "compare": lambda first, second: float(not first > second),
    "product": lambda x, y: x * y,
    "quotient": lambda x, y: x / y,
    "sum": lambda *summands: math.fsum(summands),
    "sine": lambda position, divisor, angle: math.sin(position / divisor),
    "cosine": lambda position, divisor, angle: math.cos(position / divisor),
    "normalize": lambda x, mean, var, eps: (x - mean) / math.sqrt(var + eps),
    "affine": lambda x, gamma, beta: gamma * x + beta,
    "relu": lambda x: max(x, 0.0),
    "gelu": lambda x: x * math.erfc(-x / math.sqrt(2)) / 2,
    "gelu_tanh": lambda x: x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2,
    "silu": lambda x: x / (1 + math.exp(-x)),
    "rms_normalize": lambda x, mean_square, eps: x / math.sqrt(mean_square + eps),
    "gain": lambda x, gamma: gamma * x,
    "gate": lambda x, y: y * x,
    "entry": lambda place, entry: entry,
    "least": lambda n, most: n if n < most else most,
    "turn_first": lambda x, y, angle: (complex(x, y) * cmath.exp(1j * angle)).real,
    "turn_second": lambda x, y, angle: (complex(y, x) * cmath.exp(1j * angle)).imag,
    "tanh": lambda x: 1 - 2 / (math.exp(2 * x) + 1),
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "tanh_sum": lambda x, y: math.tanh(x + y),
    "sigmoid_sum": lambda x, y: 1 / (1 + math.exp(-x) * math.exp(-y)),
    "tanh_gated": lambda x, r, y: math.tanh(x + y * r),
    "mix": lambda z, new, old: new + z * (old - new),
    "meet": lambda q, k, v: v - 2 * v / (math.exp(2 * (k + q)) + 1),
    "mix_layers": lambda scale, s, x, t, y: math.fsum([scale * s * x, y * t * scale]),
    "keep_and_write": lambda f, old, i, new: math.fsum([old * f, new * i]),
    "count": lambda n: n,
    "log": lambda p: math.log(p),
    "add_k": lambda c, k, n, size: (k + c) / (size * k + n),
    "interpolate": lambda c, n, share, lower: lower if n <= 0 else lower - share * lower + share * c / max(n, 1),
    "rest": lambda d, types, n: 1.0 if n <= 0 else types / max(n, 1) * d,
    "discount": lambda c, d, n, rest, lower: (c - d) / max(n, 1) * (c > d) + lower * rest,
    "near": lambda i, j, c, n: (1 / max(n, 1)) if 0 < abs(j - i) <= c else 0.0,
    "share": lambda rest, covered: -rest / (covered - 1),
    "back_off": lambda c, d, n, share, lower: lower * share if c <= 0 else (c - d) / max(n, 1),
}


def test_none_is_without_a_second_way() -> None:
    assert set(OPERATIONS) == {*AGAIN, "softmax"}


@pytest.mark.parametrize("name", AGAIN)
def test_it_computes_what_the_second_way_does_cell_by_cell_and_whole(name: str) -> None:
    again, compute = AGAIN[name], OPERATIONS[name].compute
    n_arguments = 3 if name == "sum" else again.__code__.co_argcount
    rng = np.random.default_rng(0)
    arguments = rng.normal(size=(n_arguments, 50))
    if "normalize" in name:  # no variance is negative
        arguments[-2:] = np.abs(arguments[-2:])
    if name in ("log", "add_k"):  # nothing is probable below 0, and no count is negative
        arguments = np.abs(arguments)
    if name in ("interpolate", "rest", "discount", "back_off", "near"):
        arguments = np.round(3 * np.abs(arguments))
    wanted = [again(*map(float, column)) for column in arguments.T]
    np.testing.assert_allclose(compute(*arguments), wanted, rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose([compute(*column) for column in arguments.T], wanted, rtol=1e-13, atol=1e-14)


def test_softmax_shares_out_the_whole_and_bears_any_size() -> None:
    x = np.array([[1.0, 2.0, 4.0], [1e4, -np.inf, 1e4]])
    found = OPERATIONS["softmax"].compute(x)
    total = math.e + math.e**2 + math.e**4
    np.testing.assert_allclose(
        found, [[math.e / total, math.e**2 / total, math.e**4 / total], [0.5, 0, 0.5]], rtol=1e-13
    )


@pytest.mark.parametrize("name", OPERATIONS)
def test_it_is_the_same_object_wherever_it_went(name: str) -> None:
    one = OPERATIONS[name]
    assert (one.name, one.text) == (name, f"explain.{name}")
    assert pickle.loads(pickle.dumps(one)) is one
    assert copy.deepcopy(one) is one
