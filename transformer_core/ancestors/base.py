"""What the ancestors that tell the next word have in common: a state that is handed on from word to word.

Of a chain the state is what its cell remembers, of a window the last words. Letters: B batch, L position, D width of
the last vectors, V vocabulary.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from transformer_core.glass.errors import TargetError
from transformer_core.glass.guards.parts import finish
from transformer_core.glass.hooks import name_hook_points
from transformer_core.glass.model import LanguageModel
from transformer_core.glass.plan import Plan, WordList
from transformer_core.transformer.ids import as_ids
from transformer_core.transformer.records import check_at_least, check_types

FAMILY = "family"  # the field of a config.json that says which ancestor it is
STACK, WORDS = "reader", "target"
ENCODER, SOURCE, DECODER = "encoder", "source", "decoder"
State = tuple[Tensor, ...]


@dataclass(frozen=True, kw_only=True)
class AncestorConfig:
    """What the configs of all ancestors hold.

    Attributes:
        vocab_size: entries of the vocabulary, signs included.
        max_length: the largest number of tokens that are read.
        pad_id, bos_id, eos_id: ids of the signs; reading begins with bos_id, and eos_id ends a text.

    Raises:
        ConfigError: if the numbers do not fit together; the message names them.
    """

    family: ClassVar[str] = ""
    has_encoder: ClassVar[bool] = False
    has_decoder: ClassVar[bool] = True
    source_vocab_size: ClassVar[int] = 0
    vocab_size: int
    max_length: int = 128
    pad_id: int = 0
    bos_id: int = 1
    eos_id: int = 2

    def __post_init__(self) -> None:
        check_types(self)
        check_at_least(self, "", vocab_size=max(self.pad_id, self.bos_id, self.eos_id) + 1, max_length=1)

    @property
    def architecture(self) -> str:
        """What sort of model it is."""
        return self.family

    @property
    def target_vocab_size(self) -> int:
        """Entries of the vocabulary that it reads: those that it writes."""
        return self.vocab_size

    @property
    def never(self) -> tuple[int, ...]:
        """The ids that are not written."""
        return ()

    def to_dict(self) -> dict[str, Any]:
        """Every field by name, ready for JSON."""
        return {FAMILY: self.family, **asdict(self)}

    def words(self, tokens: str) -> tuple[WordList, ...]:
        """Return the word lists of the plan of a model of one chain; `tokens` is the key of the ids."""
        return (self.word_list(WORDS, STACK, tokens, self.vocab_size, written=True),)

    def word_list(self, name: str, stack: str, tokens: str, size: int, *, written: bool) -> WordList:
        """Return a word list with the signs of this config; the arguments are its fields."""
        special = (self.pad_id, self.bos_id, self.eos_id)
        return WordList(name, stack, tokens, special, (self.eos_id,), written, size)


class StateCache:
    """The state behind the words that were read; empty before the first."""

    def __init__(self) -> None:
        self.state: State | None = None

    def select(self, rows: Tensor, *, crossed: bool) -> None:
        """Keep these rows, in this order."""
        if self.state is not None:
            self.state = tuple(one.index_select(0, rows) for one in self.state)


class Ancestor(LanguageModel):
    """A model of one text that is no Transformer.

    Its hook points bear the keys that its plan lists. Its parts are fixed once it is built.
    """

    config: AncestorConfig

    def __init__(self, config: AncestorConfig, plan: Plan) -> None:
        super().__init__()
        self.config, self.plan = config, plan

    def _finish(self) -> None:
        """Name the hook points and fix the parts, once all are there."""
        name_hook_points(self)
        finish(self)

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        return next(self.parameters()).device

    def forward(self, source: Tensor | None = None, target: Tensor | None = None, *, padded: bool = True) -> Tensor:
        """Return the logits at every position.

        Args:
            source: None; there is no encoder.
            target: ids [B, L], padded on the right.
            padded: whether pad_id is padding.

        Shapes: -> [B, L, V].

        Raises:
            TargetError: if a source is given or the target is missing.
            ShapeError, UnknownIdError: as in `Transformer.forward`.
        """
        logits: Tensor = self.head(self.features(source, target, padded=padded))
        return logits

    def pass_over(self, **ids: Tensor) -> Tensor:
        """Return the logits of one text, in which padding is a word like another."""
        logits: Tensor = self(**ids, padded=False)
        return logits

    def features(self, source: Tensor | None = None, target: Tensor | None = None, *, padded: bool = True) -> Tensor:
        """Return the last vectors, [B, L, D]; arguments and errors as in `forward`."""
        self.checked_ids("source", source)
        ids = self.checked_ids("target", target, padded=padded)
        assert ids is not None
        return self.read(ids, None)[0]

    @abstractmethod
    def read(self, ids: Tensor, state: State | None, real: Tensor | None = None) -> tuple[Tensor, State]:
        """Return the last vectors of ids, and the state behind them.

        Args:
            ids: [B, L].
            state: what is known of the words before; None at the beginning of a text.
            real: bool [B, L], which ids are no padding, where some that is not is read behind padding.

        Shapes: -> [B, L, D].
        """

    def encode(self, source: Tensor) -> Tensor:
        """Refuse: there is no encoder."""
        self.checked_ids("source", source)
        raise AssertionError("a source is refused")

    def decode(
        self,
        target: Tensor,
        memory: Tensor | None,
        source: Tensor | None,
        caches: Sequence[StateCache] | None = None,
        *,
        real: Tensor | None = None,
    ) -> Tensor:
        """Return the last vectors of `target`, which follows whatever `caches` hold; `real` is of all ids so far."""
        (cache,) = caches if caches is not None else self.new_caches()
        features, cache.state = self.read(target, cache.state, None if real is None else real[:, -target.shape[1] :])
        return features

    def new_caches(self) -> list[StateCache]:
        """Return the empty cache of a decoding."""
        return [StateCache()]

    def parameters_by_name(self) -> dict[str, nn.Parameter]:
        """Return the parameters; a tied one under each of its names."""
        return dict(self.named_parameters(remove_duplicate=False))

    def checked_ids(self, side: Any, ids: Any, *, padded: bool = True) -> Tensor | None:
        """Return ids as the tensor that this model reads; errors as in `forward`."""
        if (ids is not None) != (self.config.has_encoder if side == "source" else self.config.has_decoder):
            given, hint = ("a", "has none: leave it out") if ids is not None else ("no", "needs one")
            raise TargetError(
                f"{given} {side} was given, and this {self.config.family} model {hint}",
                side=side,
                architecture=self.config.family,
            )
        return None if ids is None else as_ids(self.config, side, ids, self.device, padded)
