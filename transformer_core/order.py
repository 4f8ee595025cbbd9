"""Does a Transformer know the order of its words? The encoder read twice, with its words in two orders.

Attention is a sum over a set: nothing but the positions that are added to the words tells it who stands where. Without
them, the same words in another order have the same vectors in another order: f(PX) = P f(X).

Letters: S source position, D d_model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from transformer_core.capture import run_with_trace
from transformer_core.errors import ShapeError, TargetError
from transformer_core.glass import Glass
from transformer_core.model import Transformer

Array = NDArray[Any]


@dataclass(frozen=True)
class Outputs:
    """The encoder's output for the same words in two orders; in both, row j is the word that stood at j at first.

    Attributes:
        original, other: float [S, D].
    """

    original: Array
    other: Array

    @property
    def distances(self) -> Array:
        """How far each word's two vectors lie apart: the length of their difference, [S]."""
        lengths: Array = np.linalg.norm(self.other - self.original, axis=1)
        return lengths

    @property
    def largest(self) -> float:
        """The largest difference between two numbers."""
        return float(np.abs(self.other - self.original).max())


@dataclass(frozen=True)
class OrderComparison:
    """What another order of the words does to the encoder.

    Attributes:
        tokens: in the original order.
        permutation: position i of the other order has the word that stood at `permutation[i]`.
        with_positions, without_positions: the outputs of the model as it is, and with all positions set to 0.
    """

    tokens: tuple[str, ...]
    permutation: tuple[int, ...]
    with_positions: Outputs
    without_positions: Outputs

    @property
    def other_tokens(self) -> tuple[str, ...]:
        """The tokens in the other order."""
        return tuple(self.tokens[j] for j in self.permutation)


def words_reversed(n_tokens: int) -> tuple[int, ...]:
    """Return the permutation that reverses all words and leaves </s> where it is, at the end."""
    return (*range(n_tokens - 2, -1, -1), n_tokens - 1)


def compare_orders(glass: Glass, text: str, permutation: Sequence[int]) -> OrderComparison:
    """Return the encoder's outputs for a text and for the same tokens in another order, with and without positions.

    Args:
        glass: a model with an encoder.
        text: the source.
        permutation: which of the text's tokens (</s> included) stands at each position of the other order. Words that
            occur twice are told apart by it: each has its own place.

    Raises:
        TargetError: if the model has no encoder.
        EmptyTextError, TextTooLongError: if the text has no token, or more than the model takes.
        ShapeError: if `permutation` does not name every position once.
    """
    if not glass.config.has_encoder or glass.source_tokenizer is None:
        raise TargetError(f"{glass.name} has no encoder", architecture=glass.config.architecture)
    ids = glass.source_ids(text)
    order = tuple(int(j) for j in permutation)
    if sorted(order) != list(range(len(ids))):
        raise ShapeError(
            f"a permutation of {len(ids)} tokens names each of 0 to {len(ids) - 1} once, not {order}",
            n_tokens=len(ids),
            permutation=order,
        )
    return OrderComparison(
        glass.source_tokenizer.pieces(ids),
        order,
        _outputs(glass.model, ids, order, positions=True),
        _outputs(glass.model, ids, order, positions=False),
    )


def _outputs(model: Transformer, ids: list[int], permutation: tuple[int, ...], *, positions: bool) -> Outputs:
    permuted = _encoder_out(model, [ids[j] for j in permutation], positions)
    # Back to the original order by the permutation, not by the words: two equal words are still two.
    return Outputs(_encoder_out(model, ids, positions), permuted[np.argsort(permutation)])


def _encoder_out(model: Transformer, ids: list[int], positions: bool) -> Array:
    target = (
        [model.config.bos_id] if model.config.has_decoder else None
    )  # the encoder never sees what the decoder reads
    return run_with_trace(model, ids, target, edit=None if positions else _without_positions)["encoder.out"]


def _without_positions(key: str, x: Tensor) -> Tensor:
    # A new tensor: the table of positions is shared by all runs.
    return x.new_zeros(x.shape) if key == "src_embed.pos" else x
