"""What decoding and teacher forcing are asked for, checked, and the way between ids, tensors and arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from transformer_core.decoding.errors import ForcedWordsError, MaxLengthError
from transformer_core.glass.abilities import require
from transformer_core.glass.errors import ShapeError, TextTooLongError
from transformer_core.glass.guards.arguments import is_whole, made_plain, plain
from transformer_core.glass.model import LanguageModel

Array = NDArray[Any]


def checked_source(model: LanguageModel, source: Any) -> Tensor | None:
    """Return the source as the model reads it.

    Raises:
        AbilityError: if the model does not write.
        TargetError: if a source is missing or too many.
        ShapeError, UnknownIdError: as in `Transformer.forward`.
    """
    require("writes", model.plan)
    return model.checked_ids("source", source)


def check_count(what: str, n: int, n_rows: int) -> None:
    """Raise a ShapeError unless there is one of something for every row of a batch."""
    if n != n_rows or not n:
        raise ShapeError(f"{n} {what} for {n_rows} rows", what=what, found=n, wanted=n_rows)


def checked_start(model: LanguageModel, start: Sequence[int] | None) -> tuple[int, ...]:
    """Return the signs that the decoder reads in front: those that are given, or <s>; errors as in `checked_words`."""
    return (model.config.bos_id,) if start is None else _without_padding(model, "start", _known(model, "start", start))


def _without_padding(model: LanguageModel, what: str, ids: tuple[int, ...]) -> tuple[int, ...]:
    config = model.config
    if config.pad_id in ids and config.pad_id not in (config.bos_id, config.eos_id):
        raise ForcedWordsError(
            f"the {what} has padding (id {config.pad_id}) at position {ids.index(config.pad_id)}; leave it out: rows "
            "may differ in length",
            what=what,
            ids=ids,
        )
    return ids


def checked_words(model: LanguageModel, what: str, words: Sequence[int], n_start: int = 1) -> tuple[int, ...]:
    """Return ids that a model shall be made to write behind `n_start` signs.

    Raises:
        ArgumentError: if they are no integers.
        ForcedWordsError: if there are none, if they go on behind </s>, or if one is padding or no word of the target.
        TextTooLongError: if there are more than the model can read.
    """
    config, ids = model.config, _known(model, what, words)
    if not ids:
        raise ForcedWordsError(f"the {what} is empty; give at least one id", what=what, ids=ids)
    _without_padding(model, what, ids)
    if config.eos_id in ids[:-1]:
        raise ForcedWordsError(f"the {what} {list(ids)} goes on behind </s> ({config.eos_id})", what=what, ids=ids)
    limit = config.max_length + 1 - n_start  # the last word is written, and not read
    if len(ids) > limit:
        raise TextTooLongError(
            f"the {what} has {len(ids)} tokens, and the model takes at most {limit}",
            side="target",
            n_tokens=len(ids),
            limit=limit,
        )
    return ids


def _known(model: LanguageModel, what: str, words: Sequence[int]) -> tuple[int, ...]:
    ids, size = made_plain(Sequence[int], what, words), model.config.vocab_size
    wrong = [i for i in ids if not 0 <= i < size]
    if wrong:
        raise ForcedWordsError(f"the {what} holds {wrong}, and ids go from 0 to {size - 1}", what=what, ids=ids)
    return ids


def checked_limit(model: LanguageModel, max_length: int | None) -> int:
    """Return how many words may be written; the model's own limit holds whatever is asked.

    Raises:
        MaxLengthError: if what is asked is no integer of at least 0.
    """
    if max_length is None:
        return model.config.max_length
    max_length, given = plain(max_length), max_length
    if not is_whole(max_length) or max_length < 0:
        raise MaxLengthError(f"max_length must be an integer of at least 0, not {given!r}", value=given)
    return min(max_length, model.config.max_length)


def as_batch(model: LanguageModel, ids: Sequence[int] | None) -> Tensor | None:
    """Return ids as a batch of one row on the model's device."""
    return None if ids is None else torch.tensor([list(ids)], device=model.device)


def without_padding(ids: list[int], pad_id: int) -> tuple[int, ...]:
    """Return the ids of a row without the padding on its right."""
    while ids and ids[-1] == pad_id:
        ids = ids[:-1]
    return tuple(ids)
