"""What one step of training on one sentence moves: the rows of its words in the table, and no other row.

Letters: V vocabulary, D width of a vector.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from transformer_core.ancestors.nnlm import NNLM
from transformer_core.glass.errors import ConfigError
from transformer_core.models.glass import Glass

Array = NDArray[Any]
RATE = 0.5


@dataclass(frozen=True, eq=False)
class OneStep:
    """How far a step of gradient descent moved each row.

    Attributes:
        rate: of the step: every number moves by this much of its gradient, against it.
        read: the ids of the words in the windows, <s> among them: sorted, each once.
        table: how long the way of each row of the table was: float32 [V]; exactly 0 where nothing moved.
        output: the same of the rows that say the next word.
        before, after: bits a character of the sentence.
    """

    rate: float
    read: tuple[int, ...]
    table: Array
    output: Array
    before: float
    after: float


def one_step(glass: Glass, text: str, rate: float = RATE) -> OneStep:
    """Return what one step on a text and its end moves in a copy of the model; the model itself stays as it is.

    Raises:
        ConfigError: if the model is not Bengio's.
        EmptyTextError, TextTooLongError: if the text cannot be read.
    """
    if not isinstance(glass.model, NNLM):
        raise ConfigError(f"{glass.name} reads no window of vectors: it is {glass.plan.kind}", field="family")
    read = glass.read_ids(text)
    ids = torch.tensor([read], device=glass.model.device)
    told = torch.tensor([*read[1:], glass.config.eos_id], device=ids.device)
    model = copy.deepcopy(glass.model).requires_grad_(True)
    loss = _loss(model, ids, told)
    loss.backward()  # type: ignore[no-untyped-call]
    moved = {}
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            assert parameter.grad is not None, name
            old = parameter.clone()
            parameter.sub_(rate * parameter.grad)
            moved[name] = parameter - old
        after = _loss(model, ids, told)
    scale = len(told) / math.log(2) / len(text)
    windows = {model.config.bos_id, *read} if model.config.window > 1 else set(read)
    return OneStep(
        rate=rate,
        read=tuple(sorted(windows)),
        table=moved["embed.W_E"].norm(dim=1).cpu().numpy(),
        output=moved["head.W"].norm(dim=1).cpu().numpy(),
        before=loss.item() * scale,
        after=after.item() * scale,
    )


def _loss(model: NNLM, ids: Tensor, told: Tensor) -> Tensor:
    """The mean surprise in nats."""
    return F.cross_entropy(model(None, ids, padded=False)[0], told)


def beyond_window(glass: Glass, text: str) -> float | None:
    """Return by how much the logits behind a text change if all words beyond the window are others; None if none is.

    Raises:
        ConfigError, EmptyTextError, TextTooLongError: as in `one_step`.
    """
    if not isinstance(glass.model, NNLM):
        raise ConfigError(f"{glass.name} reads no window of vectors: it is {glass.plan.kind}", field="family")
    read = glass.read_ids(text)
    far = len(read) - glass.model.config.window
    if far < 1:
        return None
    others = [(i + 1) % glass.config.vocab_size for i in read[:far]] + read[far:]
    with torch.no_grad():
        rows = torch.tensor([read, others], device=glass.model.device)
        logits = glass.model(None, rows, padded=False)[:, -1]
    return float((logits[0] - logits[1]).abs().max())
