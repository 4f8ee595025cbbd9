"""Does a Transformer know the order of its words? An encoder reads twice, with its words in two orders.

Attention is a sum over a set: nothing but the positions that are added to the words tells it who stands where. Without
them, the same words in another order have the same vectors in another order: f(PX) = P f(X). A decoder alone is no case
for it: its causal mask tells the words apart, with or without positions.

Letters: S source position, D d_model.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from transformer_core.decoding.checks import as_batch
from transformer_core.edits.parse import Edit, check_edits
from transformer_core.glass.abilities import encoder_of
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.errors import ShapeError
from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.hooks import Listener
from transformer_core.glass.plan import Plan
from transformer_core.glass.sites import find_site
from transformer_core.glass.walks import embedding_of, stack_out
from transformer_core.models.glass import Glass

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True, eq=False)
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


def of_encoder(edits: Iterable[Edit], plan: Plan) -> tuple[Edit, ...]:
    """Return those edits that change what the encoder computes; it never sees the decoder's."""
    stack = encoder_of(plan)
    return tuple(edit for edit in edits if any(find_site(plan, key).block.stack == stack for key in edit.keys(plan)))


@checked("text")
def compare_orders(
    glass: Glass, text: str, permutation: Sequence[int], *, edits: Sequence[Edit] = ()
) -> OrderComparison:
    """Return the encoder's outputs for a text and for the same tokens in another order, with and without positions.

    Args:
        glass: a model with an encoder.
        text: the source.
        permutation: which of the text's tokens (</s> included) stands at each position of the other order. Words that
            occur twice are told apart by it: each has its own place.
        edits: what is changed in every run; those of the decoder are left aside. An edit that names positions acts at
            the same ones in both orders, whatever words stand there; what is frozen is frozen as the run of these words
            in this order has it, with positions.

    Raises:
        TargetError: if the model has no encoder.
        EmptyTextError, TextTooLongError: if the text has no token, or more than the model takes.
        ShapeError: if `permutation` does not name every position once.
        GlassformerError: as in `editing.run_with_edits`.
    """
    encoder_of(glass.plan, model=glass.name)
    ids = glass.read_ids(text)
    order = tuple(int(j) for j in permutation)
    if sorted(order) != list(range(len(ids))):
        raise ShapeError(
            f"a permutation of {len(ids)} tokens names each of 0 to {len(ids) - 1} once, not {order}",
            n_tokens=len(ids),
            permutation=order,
        )
    own = of_encoder(edits, glass.plan)
    check_edits(own, glass.plan, {"source": len(ids), "target": glass.config.max_length})
    return OrderComparison(
        glass.task.side.tokenizer.pieces(ids),
        order,
        _outputs(glass, ids, order, own, positions=True),
        _outputs(glass, ids, order, own, positions=False),
    )


def _outputs(
    glass: Glass, ids: list[int], permutation: tuple[int, ...], edits: Sequence[Edit], *, positions: bool
) -> Outputs:
    permuted = _encoder_out(glass, [ids[j] for j in permutation], edits, positions)
    # Back to the original order by the permutation, not by the words: two equal words are still two.
    return Outputs(_encoder_out(glass, ids, edits, positions), permuted[np.argsort(permutation)])


def _encoder_out(glass: Glass, ids: list[int], edits: Sequence[Edit], positions: bool) -> Array:
    model, make = glass.model, glass.listener(edits)
    # The encoder never sees what the decoder reads.
    target = list(glass.task.start) or None
    edit = make and make(as_batch(model, ids), as_batch(model, target))
    trace = run_with_trace(model, ids, target, edit=edit if positions else _without_positions(model.plan, edit))
    return trace[stack_out(model.plan, encoder_of(model.plan))]


def _without_positions(plan: Plan, edit: Listener | None) -> Listener:
    embedding = embedding_of(plan, encoder_of(plan))
    positions = f"{embedding.path}.pos"

    def listener(key: str, x: Tensor) -> Tensor:
        answer = x if edit is None else edit(key, x)
        # A new tensor: the table of positions is shared by all runs.
        return x.new_zeros(x.shape) if key == positions else answer

    return listener
