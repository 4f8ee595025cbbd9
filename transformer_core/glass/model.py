"""What decoding, tasks and training ask of a model of text, whatever its blocks are.

Letters: B batch, L position, D width of the last vectors, V vocabulary.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from transformer_core.glass.files.origin import Origin
from transformer_core.glass.plan import Plan


class Shape(Protocol):
    """What is asked of the config of any model."""

    @property
    def architecture(self) -> str:
        """What sort of model it is."""

    @property
    def source_vocab_size(self) -> int:
        """Entries of the vocabulary that an encoder reads; 0 without one."""

    @property
    def target_vocab_size(self) -> int:
        """Entries of the vocabulary that a writer reads; 0 without one."""

    @property
    def vocab_size(self) -> int:
        """Entries of the vocabulary that it writes."""

    @property
    def max_length(self) -> int:
        """The largest number of tokens on either side."""

    @property
    def pad_id(self) -> int:
        """Id of the padding."""

    @property
    def bos_id(self) -> int:
        """Id of the sign that a text begins with."""

    @property
    def eos_id(self) -> int:
        """Id of the sign that ends a text."""

    @property
    def never(self) -> tuple[int, ...]:
        """The ids that are not written, however probable they are."""

    def to_dict(self) -> dict[str, Any]:
        """Return every field by name, ready for JSON."""

    @property
    def has_encoder(self) -> bool:
        """Whether there is a source."""

    @property
    def has_decoder(self) -> bool:
        """Whether there is a target."""


class Cache(Protocol):
    """What a model remembers of the words that it has read, one row for each row of the batch."""

    def select(self, rows: Tensor, *, crossed: bool) -> None:
        """Keep these rows, in this order; `crossed` says that they now read other sources."""


class Head(nn.Module):
    """From last vectors to logits.

    Attributes:
        W: [V, D], by whose rows they are multiplied; None where there is no such table.
        b: [V], or None.
    """

    W: Tensor | None
    b: Tensor | None

    @abstractmethod
    def transformed(self, x: Tensor) -> Tensor:
        """Return what is multiplied with `W`: [..., D] -> [..., D]."""


class LanguageModel(nn.Module):
    """A model of text that describes itself, is traced, and says at each position what it expects.

    Attributes:
        config: its shape.
        plan: what it says of itself.
        head: from last vectors, [..., D], to logits, [..., V].
        origin: of the files that it was loaded from, where a saved trace can refer to them; None for others.
    """

    config: Shape
    plan: Plan
    head: Head
    origin: Origin | None = None

    @property
    @abstractmethod
    def device(self) -> torch.device:
        """Where the weights lie."""

    @abstractmethod
    def pass_over(self, **ids: Tensor) -> Tensor:
        """Return what is said of one text of each word list."""

    @abstractmethod
    def parameters_by_name(self) -> Mapping[str, nn.Parameter]:
        """Return the parameters under the names that the plan gives them."""

    @abstractmethod
    def checked_ids(self, side: Any, ids: Any, *, padded: bool = True) -> Tensor | None:
        """Return ids as the tensor that the model reads on that side."""

    @abstractmethod
    def features(self, source: Tensor | None = None, target: Tensor | None = None, *, padded: bool = True) -> Tensor:
        """Return the last vectors, [B, L, D]."""

    @abstractmethod
    def encode(self, source: Tensor) -> Tensor:
        """Return what an encoder makes of a source."""

    @abstractmethod
    def decode(
        self,
        target: Tensor,
        memory: Tensor | None,
        source: Tensor | None,
        caches: Sequence[Any] | None = None,
        *,
        real: Tensor | None = None,
    ) -> Tensor:
        """Return the last vectors of `target`, which follows whatever `caches` already hold."""

    @abstractmethod
    def new_caches(self) -> Sequence[Cache]:
        """Return empty caches for a decoding."""
