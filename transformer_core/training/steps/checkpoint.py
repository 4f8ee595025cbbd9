"""The state of a training on disk: one safetensors file, always whole."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from transformer_core.glass.errors import CheckpointError

FILE = "checkpoint.safetensors"


def write_atomically(path: Path, tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
    """Write tensors and JSON-able facts to `path`; whoever reads it finds the old file or the new one, never a half.

    The facts travel in the file's own header, so that they cannot belong to other tensors.
    """
    unfinished = path.with_name(path.name + ".part")
    save_file({name: x.contiguous() for name, x in tensors.items()}, unfinished, {"facts": json.dumps(facts)})
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(unfinished, path)


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors and facts of `write_atomically`.

    Raises:
        CheckpointError: if the file is missing, damaged, or something else.
    """
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads(file.metadata()["facts"])
            return {name: file.get_tensor(name) for name in file.keys()}, facts
    except (OSError, SafetensorError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise CheckpointError(
            f"{path} is not a training checkpoint ({type(error).__name__}: {error})", path=str(path)
        ) from error


def pack(model: nn.Module, average: nn.Module) -> dict[str, Tensor]:
    """The weights and the averaged weights, by name; tied weights once."""
    tensors = {f"model.{name}": parameter.detach() for name, parameter in model.named_parameters()}
    return tensors | {f"average.{name}": parameter for name, parameter in average.named_parameters()}


@torch.no_grad()
def unpack(tensors: dict[str, Tensor], model: nn.Module, average: nn.Module) -> None:
    """Put what `pack` gave back in place.

    Raises:
        CheckpointError: if a weight is missing or has another shape.
    """
    averaged = dict(average.named_parameters())
    for name, parameter in model.named_parameters():
        for label, place in ((f"model.{name}", parameter), (f"average.{name}", averaged[name])):
            there = tuple(tensors[label].shape) if label in tensors else None
            if there != tuple(place.shape):
                raise CheckpointError(f"{label} must have shape {tuple(place.shape)}, not {there}", name=label)
            place.copy_(tensors[label])
