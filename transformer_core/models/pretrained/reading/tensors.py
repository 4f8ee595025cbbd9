"""The tensors of another's safetensors files: their names and shapes first, the numbers one by one when asked for.

The files are mapped into memory by the library, which also checks that a header fits its file. Who writes into what is
mapped gets a page of memory of its own, and the file stays as it is (MAP_PRIVATE).
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from transformer_core.glass.errors import CheckpointError
from transformer_core.models.pretrained.reading.fields import Fields
from transformer_core.models.pretrained.reading.folder import Folder
from transformer_core.models.weights import some

CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
GENERATION = "generation_config.json"
PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json")
_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2}


@dataclass(frozen=True)
class Stored:
    """What a header says of a tensor.

    Attributes:
        file: where it lies.
        shape: of it.
        kind: of its numbers, as safetensors calls them.
    """

    file: Path
    shape: tuple[int, ...]
    kind: str


class Tensors(Mapping[str, Stored]):
    """All tensors of a folder by name, without their numbers."""

    def __init__(self, folder: Folder, fields: Fields) -> None:
        """Read the headers.

        Raises:
            CheckpointError: if there is no such file, one of several is missing, or one is truncated or no safetensors.
        """
        self._folder = folder
        self._found: dict[str, Stored] = {}
        self._files: dict[Path, Any] = {}  # kept open: what was looked at is what is read
        wanted = weight_map(folder) if folder.find(WEIGHTS) is None else {}
        for name in sorted(set(wanted.values())) or [WEIGHTS]:
            self._add(name, fields)
        missing = sorted(set(wanted) - set(self._found))
        if missing:
            raise folder.refusal(INDEX, f"names tensors that are in none of its files: {some(missing)}")
        odd = {name: one.kind for name, one in self._found.items() if one.kind not in _BYTES and one.kind != "I64"}
        if odd:
            name, kind = next(iter(odd.items()))
            raise folder.refusal(
                name,
                f"holds {kind}, and weights are read as {', '.join(_BYTES)}: a quantised checkpoint is refused, take "
                "the one that it was made from",
            )

    @property
    def name(self) -> str:
        """What the folder is called."""
        return self.folder.name

    @property
    def folder(self) -> Path:
        """The path of the folder."""
        return self._folder.path.resolve()

    @cached_property
    def dtype(self) -> torch.dtype:
        """In which precision these are computed: that of the file, but never half of one."""
        return torch.float64 if any(one.kind == "F64" for one in self._found.values()) else torch.float32

    def load(self, name: str) -> Tensor:
        """Return the numbers of a tensor, in `dtype`: those of the file itself, unless it holds others.

        They stay what they are when another file takes the place of this one, and not when this one is written into.
        """
        stored = self._found[name]
        try:
            x = self._files[stored.file].get_tensor(name).to(self.dtype)
            # Behind a header of odd length, as the first of these files have it, no number lies where it should.
            return x if x.data_ptr() % x.element_size() == 0 else x.clone()
        except (OSError, SafetensorError) as error:
            raise self._folder.refusal(stored.file.name, f"cannot be read: {error}") from error

    def refusal(self, what: str, **fields: Any) -> CheckpointError:
        """Return the error of what the files hold together."""
        path = str(self._folder.path)
        return CheckpointError(f"{path}: {what}", path=path, **fields)

    def _add(self, name: str, fields: Fields) -> None:
        path = self._folder.find(name)
        if path is None:
            raise _no_weights(self._folder, name, fields)
        try:
            file: Any = safe_open(str(path), framework="pt")
            self._files[path] = file
            for key in file.keys():
                part = file.get_slice(key)
                self._found[key] = Stored(path, tuple(part.get_shape()), str(part.get_dtype()))
        except (OSError, SafetensorError) as error:
            raise self._folder.refusal(name, f"is not a whole safetensors file: {error}") from error

    def __getitem__(self, name: str) -> Stored:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def shards(folder: Folder) -> set[str]:
    """Return the files of the weights, if they are in several."""
    return set(weight_map(folder).values())


def weight_map(folder: Folder) -> dict[str, str]:
    """Return which file each tensor is in, if they are in several."""
    index = folder.json(INDEX)
    table = {} if index is None else index.get("weight_map")
    if not isinstance(table, dict) or not all(isinstance(one, str) for one in table.values()):
        raise folder.refusal(INDEX, "must hold a weight_map: the file of each tensor")
    return table


def _no_weights(folder: Folder, name: str, fields: Fields) -> CheckpointError:
    if name == WEIGHTS and any(folder.find(one) is not None for one in PICKLES):
        # The class comes out of the folder, and the line is made to be pasted into a shell.
        cls = fields.architecture if re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", fields.architecture) else "AutoModel"
        place = str(folder.path)
        code = f"import transformers as t; t.{cls}.from_pretrained({place!r}).save_pretrained({place!r})"
        command = f"python -c {shlex.quote(code)}"
        return CheckpointError(
            f"{place} holds its weights as a pickle, which can run any code when it is read; here they are read from "
            f"safetensors only. If you trust it, convert it once: {command}",
            path=place,
            command=command,
        )
    return folder.refusal(name, "is missing: weights are read from safetensors only")
