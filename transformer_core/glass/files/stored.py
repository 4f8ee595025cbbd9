"""The parameters of a saved trace that lie in a model's own files: found by the model's name, and compared by a hash.

Reading them needs numpy alone; of a model of a hub also `huggingface_hub`, which knows where its cache is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from glob import escape
from pathlib import Path
from typing import Any

import numpy as np

from transformer_core.glass.arrays import Array, Arrays, read_only
from transformer_core.glass.errors import StoredWeightsError
from transformer_core.glass.files.assets import ASSETS
from transformer_core.glass.files.origin import Origin
from transformer_core.glass.files.packed import unpack

BUNDLED = ASSETS / "models"
ROAD = "road"  # the folder in it of the models that came before the Transformer
WEIGHTS = "model.safetensors"
HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_TYPES = {"F16": "<f2", "BF16": "<u2", "F32": "<f4", "F64": "<f8", "U8": "|u1"}
_WRONG = (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError)


class StoredArrays(Arrays):
    """Parameters by name, read from the files of a model when the first of them is asked for.

    Attributes:
        digest: of the parameters, as `digest_of` tells it.
    """

    def __init__(self, origin: Origin, digest: str) -> None:
        super().__init__({}, origin)
        self.digest, self.places = digest, origin.places

    @cached_property
    def _arrays(self) -> dict[str, Array]:
        assert self.origin is not None, "they are somebody's"
        found = parameters_in(self.origin)
        if digest_of(found) != self.digest:
            model = self.origin.model
            raise StoredWeightsError(
                f"the parameters of this trace are those that the model {model!r} had when it was saved, and its "
                "file now holds others: read it where the same version of the model is",
                model=model,
            )
        # Copies, since the files may change: a tied one once.
        copies = {place: np.array(found[name]) for name, place in self.places.items()}
        return {name: copies[place] for name, place in self.places.items()}

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
        return name in self.places

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


def parameters_in(origin: Origin) -> dict[str, Array]:
    """Return the parameters at the places of an origin, mapped into memory as far as that can be.

    Raises:
        StoredWeightsError: if the model is not here, or a file cannot be read.
    """
    files: dict[str, dict[str, Array]] = {}
    try:
        folder = _folder(origin)
        for place in origin.places.values():
            if place.file not in files:
                files[place.file] = read_tensors(_inside(folder, place.file))
        return {name: place.made_of(files[place.file][place.tensor]) for name, place in origin.places.items()}
    except _WRONG as error:
        raise _not_here(origin, str(error)) from error


def weights_in(model: str) -> dict[str, Array]:
    """Return the parameters in the file of a bundled model, under the names that they have there.

    Raises:
        StoredWeightsError: if there is no such model, or its file cannot be read.
    """
    origin = Origin(model)
    try:
        return read_tensors(_folder(origin) / WEIGHTS)
    except _WRONG as error:
        raise _not_here(origin, str(error)) from error


def read_tensors(path: Path) -> dict[str, Array]:
    """Return the tensors of a safetensors file, half a float as float32: mapped into memory as far as that can be."""
    data = np.asarray(np.memmap(path, np.uint8, "r"))
    start = 8 + int.from_bytes(data[:8].tobytes(), "little")
    header = json.loads(data[8:start].tobytes())
    return {
        name: _numbers(data[start:], told)
        for name, told in header.items()
        if name != "__metadata__" and told["dtype"] in _TYPES
    }


def _numbers(data: Array, told: Mapping[str, Any]) -> Array:
    kind = str(told["dtype"])
    first, end = told["data_offsets"]
    array: Array = data[first:end].view(_TYPES[kind]).reshape(told["shape"])
    if kind == "U8":
        return unpack(array)
    if kind == "BF16":  # the upper half of a float32
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array.astype(np.float32) if kind == "F16" else array


def _folder(origin: Origin) -> Path:
    """Where the files of a model are; a path is never taken from what a file tells."""
    if origin.folder is not None:
        return origin.folder
    if origin.revision:
        return _in_cache(origin)
    found = next((file.parent for file in _files() if file.parent.name == origin.model), None)
    if found is None:
        raise FileNotFoundError(f"there is no such model in {BUNDLED}")
    return found


def _files() -> list[Path]:
    return [*BUNDLED.glob(f"*/{WEIGHTS}"), *(BUNDLED / ROAD).glob(f"*/{WEIGHTS}")]


def _in_cache(origin: Origin) -> Path:
    if not HUB_NAME.fullmatch(origin.model) or not _COMMIT.fullmatch(origin.revision):
        raise ValueError("that is no name and no commit of a hub")
    try:
        from huggingface_hub import snapshot_download  # only a model of a hub needs it
    except ModuleNotFoundError as error:
        raise OSError("the package huggingface_hub is not installed, which knows where its cache is") from error
    files = sorted({escape(place.file) for place in origin.places.values()})
    return Path(snapshot_download(origin.model, revision=origin.revision, local_files_only=True, allow_patterns=files))


def _inside(folder: Path, name: str) -> Path:
    if not name or name in (".", "..") or Path(name).name != name or "\\" in name:
        raise ValueError(f"{name!r} is no name of a file")
    return folder / name


def _not_here(origin: Origin, why: str) -> StoredWeightsError:
    model, commit = origin.model, origin.revision
    if origin.revision:
        said, help_ = f"the model {model!r} at {commit}", f"load_model({model!r}, revision={commit!r}) fetches them"
    elif "/" in model or "\\" in model:
        said = f"the checkpoint that lay in {model!r}"
        help_ = "Trace.load(path, folder=...) takes the folder in which they lie now"
    else:
        said, help_ = f"the model {model!r}", "read it where the model is"
    return StoredWeightsError(
        f"the parameters of this trace are those of {said}, whose files cannot be read here ({why}): {help_}",
        model=model,
        revision=commit,
    )


def digest_of(arrays: Mapping[str, Array]) -> str:
    """Return a number, in hexadecimal digits, that follows from the names, shapes and bits of arrays."""
    found = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        found.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        found.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return found.hexdigest()
