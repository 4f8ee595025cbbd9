"""The weights of a run: by reference, and refused once they are no longer those that the run read.

A trace may not copy the parameters, and a checksum of all of them takes a fifth of a small pass. So the checksums are
taken once for each state of a model. Whether it is still in that state is asked before each run, of PyTorch's counters
of writes, and of eight bytes of each parameter for writes that these do not count (through `.data` or numpy). Whoever
reads a parameter of a trace has its whole checksum compared: a write that slipped through before a run is found there.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Protocol
from weakref import WeakKeyDictionary

import numpy as np
from torch import Tensor, nn

from transformer_core.glass.arrays import Array, Arrays
from transformer_core.glass.errors import ChangedWeightsError
from transformer_core.glass.files.origin import Origin
from transformer_core.glass.guards.parts import replacements

_WRITES = attrgetter("_version")
_COLUMNS = 4093  # words of eight bytes: a row of them stays in the processor's nearest cache
_BLOCK = 64 * 8 * _COLUMNS  # bytes that are compared together: two megabytes
_ODD = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio


class Model(Protocol):
    """What has parameters with names."""

    def parameters_by_name(self) -> Mapping[str, nn.Parameter]:
        """Return every parameter under each of its names."""


class Weights(Arrays):
    """The parameters of a model in one state, by name, as read-only arrays that share their memory."""

    def __init__(self, parameters: Mapping[str, Tensor], origin: Origin | None = None) -> None:
        """Note the state of `parameters`."""
        super().__init__({name: p.detach() for name, p in parameters.items()}, origin)
        self._parameters, self._replacements = tuple(parameters.values()), replacements()
        self._marks = self._count()
        self._words = [_word(super(Weights, self).__getitem__(name)) for name in self]
        self._seen = b"".join(self._words)
        self._found_changed = False
        self._checksums = {name: _checksums(super(Weights, self).__getitem__(name)) for name in self}

    def __getitem__(self, name: str) -> Array:
        """Return a parameter.

        Raises:
            ChangedWeightsError: if it is no longer what it was.
        """
        array = super().__getitem__(name)
        if _checksums(array) != self._checksums[name]:
            self._found_changed = True
            raise ChangedWeightsError(
                f"{name} has been written into since this run, so that what follows from it would be another run's "
                "number: trace again",
                name=name,
            )
        return array

    def array_for(self, name: str, index: tuple[int | None, ...]) -> Array:
        """Return a parameter of which no more than `index` is read: only the blocks around it are compared.

        Raises:
            ChangedWeightsError: if they are no longer what they were.
        """
        array = super().__getitem__(name)
        axes = _axes_in_memory(array)
        lines, line = array.transpose(axes), index[axes[0]]
        if line is None or not lines.flags.c_contiguous:
            return self[name]
        start = line * lines.strides[0]
        first, last = start // _BLOCK, (start + lines.strides[0] - 1) // _BLOCK
        data = lines.reshape(-1).view(np.uint8)[first * _BLOCK : (last + 1) * _BLOCK]
        return array if _checksums(data) == self._checksums[name][first : last + 1] else self[name]

    def seem_the_same(self) -> bool:
        """Return whether the model is still in this state, as far as counters and a few bytes tell."""
        if self._found_changed or self._marks is None or self._replacements != replacements():
            return False
        return self._marks == self._count() and b"".join(self._words) == self._seen

    def _count(self) -> list[object] | None:
        """How often each parameter was written into, and where it lies; None where PyTorch does not count."""
        every = self._parameters
        try:
            # As a rule all lie without gaps: that takes half as long to ask as how each of them lies.
            whole = list(map(Tensor.is_contiguous, every))
            strides = [] if all(whole) else list(map(Tensor.stride, every))
            return [*map(_WRITES, every), *map(Tensor.data_ptr, every), whole, strides]
        except RuntimeError:  # tensors that were made in inference mode
            return None


_latest: WeakKeyDictionary[Model, Weights] = WeakKeyDictionary()


def weights_of(model: Model) -> Weights:
    """Return the weights of a model in the state in which it is now."""
    weights = _latest.get(model)
    if weights is None or not weights.seem_the_same():
        weights = _latest[model] = Weights(model.parameters_by_name(), getattr(model, "origin", None))
    return weights


def _axes_in_memory(array: Array) -> list[int]:
    """The axes of an array, those first along which its numbers lie farthest apart."""
    return sorted(range(array.ndim), key=array.strides.__getitem__, reverse=True)


def _in_memory(array: Array) -> Array:
    """A view of an array with its axes in the order of its memory: a matrix that was transposed as it lies there."""
    return array.transpose(_axes_in_memory(array))


def _word(array: Array) -> memoryview:
    """Eight bytes from the middle of an array, as a view of its memory, which is read in no time."""
    lines = np.atleast_1d(_in_memory(array))
    line = lines[tuple(n // 2 for n in lines.shape[:-1])]
    n = 8 // line.itemsize if line.flags.c_contiguous else 1
    middle = line.size // 2 // n * n
    return line[middle : middle + n].view(np.uint8).data


def _checksums(array: Array) -> tuple[int, ...]:
    """A number for each block of an array, which follows from its bits and their places."""
    data = np.ascontiguousarray(_in_memory(array)).reshape(-1).view(np.uint8)
    return tuple(_checksum(data[start : start + _BLOCK]) for start in range(0, data.size, _BLOCK))


def _checksum(data: Array) -> int:
    """A number that follows from bytes and their places, as fast as numpy reads memory.

    Eight bytes a word, rows of words are the coefficients of polynomials modulo 2**64, one a column (Horner's rule).
    """
    n = data.size // (8 * _COLUMNS)
    whole, rest = data[: n * 8 * _COLUMNS], data[n * 8 * _COLUMNS :]
    total = np.zeros(_COLUMNS if n else 0, dtype=np.uint64)
    for row in whole.view(np.uint64).reshape(n, _COLUMNS):
        total *= _ODD
        total += row
    return hash((total.tobytes(), rest.tobytes()))
