"""From the tensors of a folder to our parameters, by the table of a family: all of them, or none."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from transformer_core.glass.guards.finite import check_parameter
from transformer_core.models.pretrained.reading.family import LAYER, Family, Row
from transformer_core.models.pretrained.reading.tensors import Tensors, some
from transformer_core.models.size import check_size
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.model import Transformer

_CLOSE = 2**-8  # of 1: what half precision, the coarsest that is read, leaves of a number


@dataclass(frozen=True)
class Place:
    """Where a parameter is read: the names of its tensor in the files, and its row."""

    names: tuple[str, ...]
    row: Row


def fill(
    family: Family,
    config: TransformerConfig,
    tensors: Tensors,
    names: Mapping[str, str],
    weight_bytes: int | None = None,
) -> Transformer:
    """Return a model with the weights of a folder.

    Args:
        family: whose table is read.
        config: of the model.
        tensors: of the folder.
        names: of each of them in the files, by its name without prefix.
        weight_bytes: that they may take; None for no limit.

    Raises:
        ModelSizeError: if they would take more.
        CheckpointError: if one is missing, unknown or of another shape, or a tied one is no copy; both names are told.
        NotFiniteError: if a weight is NaN or infinite.
    """
    n_layers = config.n_encoder_layers + config.n_decoder_layers
    if n_layers > len(tensors):
        raise tensors.refusal(f"config.json says {n_layers} layers, and there are {len(tensors)} tensors in all")
    with torch.device("meta"):  # shapes without numbers: nothing is allocated before everything fits
        model = Transformer(config)
    places = _places(family, config, model, names)
    _check(family, config, model, places, tensors, names)
    check_size(tensors.name, model, tensors.dtype, weight_bytes)
    for parameters in _tied(model).values():
        first = next(name for name in parameters if name in places)
        place = places[first]
        weight = _weight(place, tensors)
        for other in place.names[1:]:
            if not torch.equal(tensors.load(place.names[0]), tensors.load(other)):
                raise tensors.refusal(
                    f"{place.names[0]} and {other} are one matrix by config.json, and they differ",
                    first=place.names[0],
                    second=other,
                )
        check_parameter(f"{place.names[0]} ({first})", weight, str(tensors[place.names[0]].file))
        parameter = nn.Parameter(weight.reshape(model.get_parameter(first).shape), requires_grad=False)
        for name in parameters:
            path, _, last = name.rpartition(".")
            setattr(model.get_submodule(path), last, parameter)
    return model.eval()


def _places(
    family: Family, config: TransformerConfig, model: Transformer, names: Mapping[str, str]
) -> dict[str, Place]:
    """Where each parameter is read; a parameter with nothing there is left out, and one that is not ours as well."""
    parameters = model.parameters_by_name()
    counts = {"encoder": config.n_encoder_layers, "decoder": config.n_decoder_layers}
    places = {}
    for row in family.rows(config):
        layers = range(counts[row.ours.partition(".")[0]]) if LAYER in row.ours else (0,)
        for i in layers:
            ours = row.ours.replace(LAYER, str(i))
            there = tuple(names[one] for one in (name.replace(LAYER, str(i)) for name in row.theirs) if one in names)
            if ours in parameters and there:
                places[ours] = Place(there, row)
    return places


def _check(
    family: Family,
    config: TransformerConfig,
    model: Transformer,
    places: Mapping[str, Place],
    tensors: Tensors,
    names: Mapping[str, str],
) -> None:
    told = {row.ours: row.theirs[0] for row in family.rows(config)}
    groups = _tied(model).values()
    missing = [group[0] for group in groups if not any(name in places for name in group)]
    read = {name for place in places.values() for name in place.names}
    constants = family.constants(config)
    spare = re.compile("|".join(family.harmless) or r"(?!)")
    extra = [
        there
        for name, there in names.items()
        if there not in read and name not in constants and not spare.fullmatch(name)
    ]
    if missing or extra:
        raise tensors.refusal(
            f"the weights do not fit config.json: missing {some([_both(name, told) for name in sorted(missing)])}, "
            f"unknown {some(sorted(extra))}",
            missing=sorted(missing),
            unknown=sorted(extra),
        )
    for ours, place in places.items():
        shape = tuple(model.get_parameter(ours).shape)
        for name in place.names:
            _check_shape(name, tensors, _theirs(shape, place.row), ours)
    for name, value in constants.items():
        if name in names:
            _check_shape(names[name], tensors, tuple(value.shape), "what is worked out here")
            if not torch.allclose(tensors.load(names[name]), value.to(tensors.dtype), rtol=0, atol=_CLOSE):
                raise tensors.refusal(f"{names[name]} holds other numbers than those that are worked out here")


def _check_shape(name: str, tensors: Tensors, wanted: tuple[int, ...], ours: str) -> None:
    found = tensors[name].shape
    if found != wanted and found != (1, *wanted):  # Marian keeps the bias of its output as one row
        raise tensors.refusal(
            f"{name} ({ours}) has shape {found}, and config.json asks for {wanted}",
            name=name,
            found=found,
            wanted=wanted,
        )


def _theirs(shape: tuple[int, ...], row: Row) -> tuple[int, ...]:
    """The shape of their tensor, of which ours is all or a part."""
    if row.part is not None:
        shape = (*shape[:-1], shape[-1] * row.part[1])
    return shape[::-1] if row.transposed else shape


def _weight(place: Place, tensors: Tensors) -> Tensor:
    x, row = tensors.load(place.names[0]), place.row
    if row.transposed:
        x = x.T
    if row.part is not None:
        x = x.chunk(row.part[1], dim=-1)[row.part[0]]
    return x.contiguous() if row.part is None else x.clone(memory_format=torch.contiguous_format)


def _tied(model: Transformer) -> dict[int, list[str]]:
    """The names of each parameter: several for a tied one."""
    groups: dict[int, list[str]] = {}
    for name, parameter in model.parameters_by_name().items():
        groups.setdefault(id(parameter), []).append(name)
    return groups


def _both(ours: str, told: Mapping[str, str]) -> str:
    """Our name of a parameter, and theirs."""
    parts = ours.split(".")
    pattern = ".".join(LAYER if part.isdigit() else part for part in parts)
    number = next((part for part in parts if part.isdigit()), "")
    theirs = told.get(ours) or told.get(pattern)
    return f"{theirs.replace(LAYER, number)} ({ours})" if theirs else ours


def without_prefix(names: Collection[str], prefixes: tuple[str, ...], tensors: Tensors) -> dict[str, str]:
    """Return the names of tensors by what is left of them without the prefix of the family.

    Raises:
        CheckpointError: if two would be the same.
    """
    found: dict[str, str] = {}
    for name in names:
        prefix = next((one for one in prefixes if name.startswith(one)), "")
        rest = name.removeprefix(prefix)
        if rest in found:
            raise tensors.refusal(f"{found[rest]} and {name} stand for the same tensor")
        found[rest] = name
    return found
