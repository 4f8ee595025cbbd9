"""The ids that a Transformer reads, checked: whole numbers of its vocabulary, with padding on the right alone.

Letters: B batch, L position.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from transformer_core.glass.arrays import as_array
from transformer_core.glass.errors import ShapeError, UnknownIdError
from transformer_core.glass.guards.arguments import shown
from transformer_core.glass.model import Shape

Side = Literal["source", "target"]


def as_ids(config: Shape, side: Side, ids: Any, device: torch.device, padded: bool = True) -> Tensor:
    """Return ids as an int64 tensor on a device.

    Args:
        config: of the model that reads them.
        side: which of its vocabularies they are of.
        ids: a tensor or an array of integers, or lists of them, [B, L].
        device: of the model.
        padded: whether pad_id is padding, which must lie on the right; else it is a word like another, unless a row
            begins with it.

    Shapes: -> [B, L].

    Raises:
        ShapeError: if they are no integer matrix of at most max_length columns, or if something stands behind padding.
        UnknownIdError: if one is none of the vocabulary; the message names it and its place.
    """
    tensor = ids if isinstance(ids, Tensor) else _tensor(side, ids)
    whole = not (tensor.is_floating_point() or tensor.is_complex() or tensor.dtype == torch.bool)
    if tensor.dim() != 2 or not whole or not 1 <= tensor.shape[1] <= config.max_length:
        raise ShapeError(
            f"{side} must be integer ids of shape [B, 1..{config.max_length}], not {tensor.dtype} of shape "
            f"{tuple(tensor.shape)}",
            side=side,
            shape=tuple(tensor.shape),
            max_length=config.max_length,
        )
    tensor = tensor.to(device=device, dtype=torch.long)
    if tensor.numel():
        low, high = (int(end) for end in tensor.aminmax())
        if low < 0 or high >= vocabulary(config, side):
            raise unknown_id(tensor, side, vocabulary(config, side))
        also_word = side == "target" and config.pad_id in (config.bos_id, config.eos_id)
        if low <= config.pad_id and not also_word:  # pad_id is 0 as a rule: without padding no second look is needed
            _check_padding(tensor, side, config.pad_id, padded)
    return tensor


def vocabulary(config: Shape, side: Side) -> int:
    """Return how many words a side has."""
    return config.source_vocab_size if side == "source" else config.target_vocab_size


def unknown_id(ids: Tensor, side: str, vocab_size: int) -> UnknownIdError:
    """Return the error that names the first id that is none of a vocabulary, and its place."""
    row, place = (int(i) for i in ((ids < 0) | (ids >= vocab_size)).nonzero()[0])
    found = int(ids[row, place])
    return UnknownIdError(
        f"the {side} holds the id {found} at position {place} of row {row}; ids go from 0 to {vocab_size - 1}",
        side=side,
        id=found,
        place=place,
        row=row,
        last=vocab_size - 1,
    )


def _tensor(side: Side, ids: Any) -> Tensor:
    try:
        array = np.asarray(as_array(ids) if hasattr(ids, "detach") else ids)
        # Always a copy: what is an array, maybe read-only or of the other byte order, stays its owner's.
        return torch.tensor(array.astype(np.int64 if array.dtype.kind in "iu" else array.dtype))
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        raise ShapeError(f"{side} must be a matrix of integer ids, not {shown(ids)}", side=side) from error


def _check_padding(ids: Tensor, side: Side, pad_id: int, padded: bool) -> None:
    padding = ids == pad_id  # [B, L]
    wrong = padding[:, :-1] & ~padding[:, 1:]  # something stands behind padding
    if not padded:
        wrong = padding[:, :1]
    elif side == "target":  # a source that is all padding is refused by its mask
        wrong = torch.cat((wrong, padding.all(dim=1, keepdim=True)), dim=1)
    rows = wrong.any(dim=1).nonzero()
    if len(rows):
        row = int(rows[0])
        place = int(padding[row].nonzero()[0])
        raise ShapeError(
            f"the {side} has padding (id {pad_id}) at position {place} of row {row}, and words behind it or none at "
            "all; padding lies on the right of the words",
            side=side,
            row=row,
            place=place,
        )
