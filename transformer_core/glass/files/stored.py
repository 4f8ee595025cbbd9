"""The parameters of a saved trace that lie in a model's own file: found by the model's name, and compared by a hash.

Reading them needs numpy alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from transformer_core.glass.arrays import Array, Arrays, read_only
from transformer_core.glass.errors import StoredWeightsError
from transformer_core.glass.files.assets import ASSETS
from transformer_core.glass.files.packed import unpack

BUNDLED = ASSETS / "models"
ROAD = "road"  # the folder in it of the models that came before the Transformer
WEIGHTS = "model.safetensors"
_TYPES = {"F16": "<f2", "F32": "<f4", "F64": "<f8", "U8": "|u1"}


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
        # A name, and no path to anywhere.
        found = next((file for file in _files() if file.parent.name == model), None)
        if found is None:
            raise FileNotFoundError(f"there is no such model in {BUNDLED}")
        return _read(found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoredWeightsError(
            f"the parameters of this trace are those of the model {model!r}, whose file cannot be read here: {error}",
            model=model,
        ) from error


def _files() -> list[Path]:
    return [*BUNDLED.glob(f"*/{WEIGHTS}"), *(BUNDLED / ROAD).glob(f"*/{WEIGHTS}")]


def _read(path: Path) -> dict[str, Array]:
    """The arrays of a safetensors file, with numpy alone: a saved trace promises to need nothing else."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    found = {}
    for name, told in header.items():
        if name != "__metadata__":
            first, end = told["data_offsets"]
            array = np.frombuffer(data[start + first : start + end], _TYPES[told["dtype"]]).reshape(told["shape"])
            found[name] = _as_in_the_model(array)
    return found


def _as_in_the_model(array: Array) -> Array:
    if array.dtype == np.uint8:
        return unpack(array)
    return array.astype(np.float32) if array.dtype == np.float16 else array


def digest_of(arrays: Mapping[str, Array]) -> str:
    """Return a number, in hexadecimal digits, that follows from the names, shapes and bits of arrays."""
    found = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        found.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        found.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return found.hexdigest()
