"""Tensors as arrays: one by one, or by name and read-only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from transformer_core.glass.files.origin import Origin

Array = NDArray[Any]


class Arrays(Mapping[str, Array]):
    """Tensors or arrays by name, handed out as read-only arrays.

    Attributes:
        origin: of which model's files the parameters were when it was loaded; None for others.
    """

    __eq__, __hash__ = object.__eq__, object.__hash__

    def __init__(self, values: Mapping[str, Any], origin: Origin | None = None) -> None:
        self._values = dict(values)
        self.origin = origin

    def __getitem__(self, name: str) -> Array:
        """Return the array of this name."""
        return read_only(self._values[name])

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of the array of this name."""
        return tuple(self._values[name].shape)

    def array_for(self, name: str, index: tuple[int | None, ...]) -> Array:
        """Return the array of this name for whoever reads of it what stands at `index`, None for a whole axis."""
        return self[name]

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def read_only(value: Any) -> Array:
    """Return the array of a tensor (or a view of an array) that cannot be written."""
    array: Array = value.view() if isinstance(value, np.ndarray) else as_array(value)
    array.flags.writeable = False
    return array


def as_array(tensor: Any) -> Array:
    """Return a tensor as an array; on the CPU it shares the memory.

    numpy knows no bfloat16, and no arithmetic worth the name for half a float: what is narrower becomes float32.
    """
    tensor = tensor.detach().cpu()
    try:
        array: Array = tensor.numpy()
    except TypeError:
        return tensor.float().numpy()
    # Asked of the array, not of the tensor, which answers ten times as slowly: a trace has a hundred of them.
    return array.astype(np.float32) if array.dtype.char == "e" else array
