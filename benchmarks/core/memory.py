"""The memory that a trace keeps alive."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from benchmarks import shapes
from benchmarks.core.peers import gpt2_pair
from benchmarks.results import Row
from benchmarks.timing import summary
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.trace import Trace


def bytes_rows(rounds: int = 1) -> list[Row]:
    """Return the row of a small trace; memory does not vary, so that there is one round however many are asked for."""
    shape = shapes.SMALL
    pair = gpt2_pair(shape)
    trace = run_with_trace(pair.ours, target=torch.randint(3, shape.vocab_size, (shape.n_tokens,)).tolist())
    held, stored = held_and_stored(trace)
    return [Row("bytes", f"bytes held by a trace / bytes of its values: {shape}", 1.1, summary([held / stored]))]


def held_and_stored(trace: Trace) -> tuple[int, int]:
    """Return the bytes of all storages that the written-down values keep alive, and of these values themselves.

    A storage counts whole however little of it a value shows. Values that are one and the same count once.
    """
    storages: dict[int, int] = {}
    values: dict[tuple[int, int], int] = {}
    for key in trace:
        if not trace.site(key).derived:
            array = trace[key]
            storage = _owner(array).untyped_storage()
            storages[storage.data_ptr()] = storage.nbytes()
            values[array.ctypes.data, array.nbytes] = array.nbytes
    return sum(storages.values()), sum(values.values())


def _owner(array: np.ndarray) -> Tensor:
    base: object = array
    while isinstance(base, np.ndarray):
        base = base.base
    assert isinstance(base, Tensor), "a trace's arrays are views of tensors"
    return base
