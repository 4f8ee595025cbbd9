"""Teacher forcing, and beside it the same model on its own words.

Letters: T target position.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from transformer_core.decoding.checks import as_batch
from transformer_core.decoding.decode import decode
from transformer_core.decoding.errors import ForcedWordsError
from transformer_core.decoding.forced_pass import teacher_forcing
from transformer_core.decoding.records import Decoding, Forcing
from transformer_core.edits.parse import Edit
from transformer_core.glass.errors import ArgumentError
from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.model import LanguageModel
from transformer_core.models.glass import Glass

__all__ = ["Comparison", "compare", "teacher_forcing"]

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class Comparison:
    """One sentence twice: the right words as input, and the model's own words as input.

    Attributes:
        forced: the teacher-forced pass over the reference.
        own: the greedy decoding of the same source.
    """

    forced: Forcing
    own: Decoding

    @cached_property
    def words_part(self) -> int | None:
        """The first position where the model writes another word than the reference; None if there is none."""
        pairs = zip(self.own.ids, self.forced.ids, strict=False)
        return next((t for t, (own, right) in enumerate(pairs) if own != right), None)

    @property
    def inputs_part(self) -> int | None:
        """The first position where the two read different words: one behind `words_part`.

        None if all words agree, or if one of the two sentences ends with the word in which they differ, so that there
        is no later position in both.
        """
        if self.words_part is None or self.words_part + 1 >= min(len(self.own.ids), len(self.forced.ids)):
            return None
        return self.words_part + 1

    @cached_property
    def own_losses(self) -> Array:
        """The loss of the right word in the run on its own words: [T] of the reference, in nats.

        Up to `words_part` the two runs read the same, and these are the losses of `forced`; NaN behind the model's own
        end, where it says nothing any more.
        """
        return self.own.losses_of(self.forced.ids)


@checked()
def compare(
    model: LanguageModel | Glass,
    source: str | Sequence[int] | None,
    target: str | Sequence[int],
    *,
    n_given: int = 0,
    max_length: int | None = None,
    edits: Sequence[Edit] = (),
) -> Comparison:
    """Return the teacher-forced pass over a reference beside the greedy decoding on the model's own words.

    Args:
        model: the network for ids, or a `Glass` for text or ids.
        source: what the encoder reads; None for a decoder-only model.
        target: the reference that is to be written.
        n_given: with how many words of the reference the model's own sentence is made to begin, too: the prompt of a
            decoder-only model.
        max_length: at most how many words the model's own sentence has, the given ones included.
        edits: under which both run; they need a `Glass`.

    Raises:
        EmptyTextError, TextTooLongError: if a text has no token, or more than the model takes.
        AbilityError, TargetError, ForcedWordsError: as in `teacher_forcing`.
    """
    network = model.model if isinstance(model, Glass) else model
    start = model.task.start if isinstance(model, Glass) else None
    if isinstance(source, str):
        source = _glass(model).source_ids(source)
    if n_given < 0:
        raise ForcedWordsError(f"n_given must be at least 0, not {n_given}", n_given=n_given)
    right = _glass(model).target_ids(target) if isinstance(target, str) else list(target)
    batch = as_batch(network, source)
    edit = _glass(model).listener(edits) if edits else None
    forced = teacher_forcing(network, batch, [right], start=start, edit=edit)[0]
    prefixes = [right[:n_given]] if n_given else None
    own = decode(network, batch, prefixes=prefixes, start=start, max_length=max_length, edit=edit)[0]
    return Comparison(forced=forced, own=own)


def _glass(model: LanguageModel | Glass) -> Glass:
    if not isinstance(model, Glass):
        raise ArgumentError(
            "text and edits need a Glass as model, which has the tokenizers; a Transformer takes ids",
            name="model",
            value="Transformer",
            wanted="Glass",
        )
    return model
