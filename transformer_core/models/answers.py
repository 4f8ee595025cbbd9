"""What a model answers when it is asked for a translation, how probable a text is, or which word is missing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from transformer_core.text.base import TextTokenizer

Array = NDArray[Any]


@dataclass(frozen=True)
class Translation:
    """What a model wrote.

    Attributes:
        text: the words as text.
        ids: what was written, </s> included if it was.
        tokens: the same as readable pieces.
        stopped: "end" if the model wrote </s>, "limit" if it reached its longest output.
        doubted: the words of which the model is not sure, each as (first token, one behind its last); () where it is
            sure of the translation, or has no rule to tell.
    """

    text: str
    ids: tuple[int, ...]
    tokens: tuple[str, ...]
    stopped: Literal["end", "limit"]
    doubted: tuple[tuple[int, int], ...] = ()

    @property
    def doubtful(self) -> bool:
        """Whether the model is not sure of the translation."""
        return bool(self.doubted)


@dataclass(frozen=True, eq=False, kw_only=True)
class Score:
    """How probable a model finds a text.

    Attributes:
        text: as it was given.
        tokens: its pieces, and the end where that counts.
        log_probs: the natural logarithm of the probability of each: float64 [tokens].
        pseudo: whether each token was hidden alone and told from the words on both sides (Salazar et al. 2020, "Masked
            Language Model Scoring"). The sum is then no logarithm of a probability, and not to be compared with one.
    """

    text: str
    tokens: tuple[str, ...]
    log_probs: Array
    pseudo: bool = False

    @property
    def log_prob(self) -> float:
        """The sum over all tokens."""
        return float(self.log_probs.sum())

    @property
    def bits_per_character(self) -> float:
        """The surprise in bits over the number of characters of the text as it was given.

        Nothing is free: what no piece spells is spelled in bytes, and each of them is a token.
        """
        return -self.log_prob / math.log(2) / len(self.text)


@dataclass(frozen=True)
class Guess:
    """A piece that may stand behind a [MASK].

    Attributes:
        id: of the piece.
        text: as it is shown there: one that only continues a word has "##" in front.
        probability: over the whole vocabulary.
    """

    id: int
    text: str
    probability: float


def best_guesses(tokenizer: TextTokenizer, probs: Array, before: Sequence[int], n: int) -> tuple[Guess, ...]:
    """Return the `n` most probable pieces, as they are shown behind the ids `before` them.

    Shapes: probs [V].
    """
    best = np.argsort(-probs, kind="stable")[:n]
    shown = [tokenizer.pieces([*before, int(i)])[-1] for i in best]
    return tuple(Guess(int(i), text, float(probs[i])) for i, text in zip(best, shown, strict=True))
