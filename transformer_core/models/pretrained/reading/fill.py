"""From the tensors of a folder to our parameters, by the table of a family: all of them, or none."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from transformer_core.glass.files.origin import Origin, StoredTensor
from transformer_core.glass.guards.finite import check_parameter
from transformer_core.models.pretrained.reading.family import LAYER, Family, Row
from transformer_core.models.pretrained.reading.tensors import Tensors
from transformer_core.models.size import check_size
from transformer_core.models.weights import put, some
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
    shapes = {name: tuple(parameter.shape) for name, parameter in model.parameters_by_name().items()}
    groups = _tied(model)
    rows = _rows(family, config, shapes)
    places = _places(rows, names)
    _check(family, config, shapes, groups, rows, places, tensors, names)
    check_size(tensors.name, model, tensors.dtype, weight_bytes)
    state: dict[str, nn.Parameter] = {}
    stands: dict[str, StoredTensor] = {}
    loaded: dict[str, Tensor] = {}  # several parameters may be parts of one
    for group in groups:
        first = next(name for name in group if name in places)
        place = places[first]
        theirs, *others = place.names
        if theirs not in loaded:
            loaded[theirs] = tensors.load(theirs)
        for other in others:
            if not torch.equal(loaded[theirs], tensors.load(other)):
                raise tensors.refusal(
                    f"{theirs} and {other} are one matrix by config.json, and they differ", first=theirs, second=other
                )
        weight = _weight(loaded[theirs], place.row)
        check_parameter(f"{theirs} ({first})", weight, str(tensors[theirs].file))
        parameter = nn.Parameter(weight.reshape(shapes[first]), requires_grad=False)
        state |= dict.fromkeys(group, parameter)
        stands |= dict.fromkeys(group, _stands(place, tensors, shapes[first]))
    put(model, state)
    model.origin = Origin(str(tensors.folder), places=stands, folder=tensors.folder)
    return model.eval()


def _rows(family: Family, config: TransformerConfig, parameters: Collection[str]) -> dict[str, Row]:
    """The row of each parameter of ours, with the numbers of layers; what a model of this shape lacks is left out."""
    found = {}
    for row in family.rows(config):
        repeated = LAYER in row.ours
        for i in range(max(config.n_encoder_layers, config.n_decoder_layers) if repeated else 1):
            ours = row.ours.replace(LAYER, str(i))
            if ours in parameters:
                theirs = tuple(one.replace(LAYER, str(i)) for one in row.theirs)
                found[ours] = replace(row, ours=ours, theirs=theirs)
    return found


def _places(rows: Mapping[str, Row], names: Mapping[str, str]) -> dict[str, Place]:
    """Where each parameter is read; one with nothing there is left out."""
    there = {ours: tuple(names[one] for one in row.theirs if one in names) for ours, row in rows.items()}
    return {ours: Place(found, rows[ours]) for ours, found in there.items() if found}


def _check(
    family: Family,
    config: TransformerConfig,
    shapes: Mapping[str, tuple[int, ...]],
    groups: Sequence[Sequence[str]],
    rows: Mapping[str, Row],
    places: Mapping[str, Place],
    tensors: Tensors,
    names: Mapping[str, str],
) -> None:
    told = {ours: f"{row.theirs[0]} ({ours})" for ours, row in rows.items()}
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
            f"the weights do not fit config.json: missing {some([told.get(name, name) for name in sorted(missing)])}, "
            f"unknown {some(sorted(extra))}",
            missing=sorted(missing),
            unknown=sorted(extra),
        )
    for ours, place in places.items():
        for name in place.names:
            _check_shape(name, tensors, _theirs(shapes[ours], place.row), ours)
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


def _weight(x: Tensor, row: Row) -> Tensor:
    """Our parameter, a view of their tensor: no number is copied."""
    x = x.T if row.transposed else x
    return x if row.part is None else x.chunk(row.part[1], dim=-1)[row.part[0]]


def _stands(place: Place, tensors: Tensors, shape: tuple[int, ...]) -> StoredTensor:
    """The same for whoever reads it without torch."""
    name, row = place.names[0], place.row
    return StoredTensor(tensors[name].file.name, name, shape, row.transposed, row.part)


def _tied(model: Transformer) -> list[list[str]]:
    """The names of each parameter: several for a tied one."""
    groups: dict[int, list[str]] = {}
    for name, parameter in model.parameters_by_name().items():
        groups.setdefault(id(parameter), []).append(name)
    return list(groups.values())


def without_prefix(names: Collection[str], prefixes: tuple[str, ...], tensors: Tensors) -> dict[str, str]:
    """Return the names of tensors by what is left of them without the prefix of the family.

    Raises:
        CheckpointError: if two would be the same.
    """
    found: dict[str, str] = {}
    for tensor in names:
        rest = tensor.removeprefix(next((one for one in prefixes if tensor.startswith(one)), ""))
        if rest in found:
            raise tensors.refusal(f"{found[rest]} and {tensor} stand for the same tensor")
        found[rest] = tensor
    return found
