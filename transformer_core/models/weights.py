"""The weights of a model in a safetensors file, and how they come into a model. No pickle anywhere."""

from __future__ import annotations

import os
from collections.abc import Mapping

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from transformer_core.glass.arrays import as_array
from transformer_core.glass.errors import CheckpointError
from transformer_core.glass.files.packed import pack, unpack
from transformer_core.glass.guards.finite import check_parameter


def load_state(path: str | os.PathLike[str]) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file, mapped into memory: they are to be copied, since the file may change.

    Raises:
        CheckpointError: if the file is missing, truncated, or not safetensors.
    """
    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise CheckpointError(
            f"{path} is not a whole safetensors file: {error}. Weights are read from safetensors only",
            path=str(path),
        ) from error


def as_written(parameter: Tensor, dtype: torch.dtype) -> Tensor:
    """Return a parameter as it stands in a file: in such floating-point numbers, or packed if its numbers are whole."""
    values = parameter.detach().cpu()
    if values.is_floating_point():
        return values.to(dtype).contiguous()
    return torch.from_numpy(pack(values.numpy()).copy())


def load_weights(model: nn.Module, path: str | os.PathLike[str]) -> None:
    """Copy the weights of a file into `model`, which may lie on "meta": all of them, or none if one does not fit.

    Raises:
        CheckpointError: if a parameter is missing, unknown, damaged, or of another shape, whose message names both.
        NotFiniteError: if a weight is NaN or infinite; the message names the parameter.
    """
    state, parameters = load_state(path), dict(model.named_parameters())
    new: dict[nn.Parameter, nn.Parameter] = {}
    missing, unknown = sorted(set(parameters) - set(state)), sorted(set(state) - set(parameters))
    if missing or unknown:
        raise CheckpointError(
            f"{path} does not fit the config: missing {some(missing)}, unknown {some(unknown)}",
            path=str(path),
            missing=missing,
            unknown=unknown,
        )
    for name, parameter in parameters.items():
        if state[name].dtype == torch.uint8:
            state[name] = _unpacked(name, state[name], parameter, path)
        if state[name].shape != parameter.shape:
            raise CheckpointError(
                f"{path}: {name} has shape {tuple(state[name].shape)}, and the config asks for "
                f"{tuple(parameter.shape)}",
                path=str(path),
                name=name,
                found=tuple(state[name].shape),
                wanted=tuple(parameter.shape),
            )
        numbers = state[name].to(parameter.dtype, copy=True)
        check_parameter(name, numbers, str(path))
        new[parameter] = nn.Parameter(numbers, requires_grad=parameter.requires_grad)
    put(model, {name: new[parameter] for name, parameter in model.named_parameters(remove_duplicate=False)})


def put(model: nn.Module, parameters: Mapping[str, nn.Parameter]) -> None:
    """Put parameters in the place of those that a model has, by their names: a tied one stands under several.

    `load_state_dict` would do the same in a fifth of the time that it takes to open GPT-2.
    """
    for path, module in model.named_modules():
        for own, _ in list(module.named_parameters(recurse=False, remove_duplicate=False)):
            setattr(module, own, parameters[f"{path}.{own}" if path else own])


def _unpacked(name: str, stream: Tensor, parameter: Tensor, path: str | os.PathLike[str]) -> Tensor:
    try:
        return torch.from_numpy(unpack(as_array(stream), parameter.nbytes))
    except (ValueError, TypeError) as error:
        raise CheckpointError(f"{path}: {name} cannot be read: {error}", path=str(path), name=name) from error


def some(names: list[str]) -> str:
    """Return a few of many names for a message."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "") if names else "nothing"
