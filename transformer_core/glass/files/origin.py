"""Where the parameters of a model come from, and in which file each of them stands: plain data, fit for a header."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from transformer_core.glass.arrays import Array


@dataclass(frozen=True)
class StoredTensor:
    """Where one parameter stands in a file of safetensors, and what makes it of the tensor there.

    Attributes:
        file: its plain name.
        tensor: the name there.
        shape: of the parameter; None for that of the tensor.
        transposed: whether it is the tensor with its axes the other way round.
        part: the n-th of so many equal parts of the last axis, after that; None for all of it.
    """

    file: str
    tensor: str
    shape: tuple[int, ...] | None = None
    transposed: bool = False
    part: tuple[int, int] | None = None

    def made_of(self, array: Array) -> Array:
        """Return the parameter, given the tensor."""
        found = array.T if self.transposed else array
        if self.part is not None:
            n, parts = self.part
            found = np.split(found, parts, axis=-1)[n]
        return found if self.shape is None else found.reshape(self.shape)

    def to_data(self) -> list[Any]:
        """Return what `from_data` reads, ready for JSON."""
        return [self.file, self.tensor, self.shape, self.transposed, self.part]

    @classmethod
    def from_data(cls, data: list[Any]) -> StoredTensor:
        """Return what `to_data` told; a ValueError or TypeError for anything else."""
        file, tensor, shape, transposed, part = data
        if part is not None and not 0 <= int(part[0]) < int(part[1]):
            raise ValueError(f"{tensor} has no part {part[0]} of {part[1]}")
        return cls(
            str(file),
            str(tensor),
            None if shape is None else tuple(int(n) for n in shape),
            bool(transposed),
            None if part is None else (int(part[0]), int(part[1])),
        )


@dataclass(frozen=True)
class Origin:
    """Which model parameters are of.

    Attributes:
        model: the name of a bundled model, the name on a hub, or the folder of any other.
        revision: the commit of a model of a hub; "" for any other.
        places: of each parameter; none in a bundled model, whose parameters bear their own names.
        folder: with the files on this machine; None where it is not known yet. No file tells it.
    """

    model: str
    revision: str = ""
    places: Mapping[str, StoredTensor] = field(default_factory=dict)
    folder: Path | None = None
