"""The parameters of a saved trace that lie in a model's own file: found by the model's name, and compared by a hash.

Reading them needs no torch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from transformer_core.glass.arrays import Array, Arrays, read_only
from transformer_core.glass.errors import StoredWeightsError

BUNDLED = Path(__file__).resolve().parents[2] / "assets" / "models"
WEIGHTS = "model.safetensors"


class StoredArrays(Arrays):
    """Parameters by name, read from the file of a model when the first of them is asked for.

    Attributes:
        digest: of the parameters, as `digest_of` tells it.
        names: of each parameter that in the file.
    """

    def __init__(self, model: str, digest: str, names: Mapping[str, str]) -> None:
        super().__init__({}, model)
        self.digest, self.names = digest, dict(names)

    @cached_property
    def _arrays(self) -> dict[str, Array]:
        arrays = weights_in(self.model)
        found = {name: arrays[there] for name, there in self.names.items() if there in arrays}
        if len(found) < len(self.names) or digest_of(found) != self.digest:
            raise StoredWeightsError(
                f"the parameters of this trace are those that the model {self.model!r} had when it was saved, and its "
                "file now holds others: read it where the same version of the model is",
                model=self.model,
            )
        return found

    def __getitem__(self, name: str) -> Array:
        """Return a parameter.

        Raises:
            StoredWeightsError: if the model is not here, or holds other parameters.
        """
        return read_only(self._arrays[name])

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a parameter; errors as where it is read."""
        return self[name].shape

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def weights_in(model: str) -> dict[str, Array]:
    """Return the parameters in the file of a bundled model, half a float as float32.

    Raises:
        StoredWeightsError: if there is no such model, or its file cannot be read.
    """
    try:
        if model not in (folder.name for folder in BUNDLED.iterdir()):  # a name, and no path to anywhere
            raise FileNotFoundError(f"there is no such model in {BUNDLED}")
        arrays = load_file(BUNDLED / model / WEIGHTS)
    except Exception as error:  # the reader of the file has errors of its own kind
        raise StoredWeightsError(
            f"the parameters of this trace are those of the model {model!r}, whose file cannot be read here: {error}",
            model=model,
        ) from error
    return {name: array.astype(np.float32) if array.dtype == np.float16 else array for name, array in arrays.items()}


def digest_of(arrays: Mapping[str, Array]) -> str:
    """Return a number, in hexadecimal digits, that follows from the names, shapes and bits of arrays."""
    found = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        found.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        found.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return found.hexdigest()
