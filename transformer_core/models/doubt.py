"""Whether a model doubts what it wrote: told from the probabilities that it gave its own words.

Letters: T piece written, the end among them; V vocabulary; W word.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.decoding.sampling import log_softmax
from transformer_core.glass.errors import ConfigError
from transformer_core.text.base import TextTokenizer
from transformer_core.text.words import word_spans

Array = NDArray[Any]

DOUBT = "doubt.json"  # the file of a model's folder that holds its rule


@dataclass(frozen=True, eq=False)
class Surprise:
    """How far a model was from sure of each piece that it wrote.

    Attributes:
        spans: of the words, each as (first piece, one behind its last).
        pieces: the negative log-probability of each piece in nats: float64 [T].
        entropies: of the probabilities at each piece in nats: float64 [T].
    """

    spans: tuple[tuple[int, int], ...]
    pieces: Array
    entropies: Array

    @property
    def words(self) -> Array:
        """The negative log-probability of each word, which is the product over its pieces, in nats: float64 [W]."""
        return np.array([self.pieces[first:behind].sum() for first, behind in self.spans])


MEASURES: Mapping[str, Callable[[Surprise], float]] = MappingProxyType(
    {
        "mean_word": lambda found: float(found.words.mean()),
        "mean_piece": lambda found: float(found.pieces.mean()),
        "least_word": lambda found: float(found.words.max()),
        "least_piece": lambda found: float(found.pieces.max()),
        "mean_entropy": lambda found: float(found.entropies.mean()),
        "unlikely_pieces": lambda found: float((found.pieces > np.log(2)).mean()),
    }
)
"""From the surprise to one number, larger for more doubt: the mean over words or pieces, that of the least probable
one, the mean entropy, and the share of pieces with a probability below one half."""


@dataclass(frozen=True)
class DoubtRule:
    """When a model doubts a text of its own.

    Attributes:
        measure: one of `MEASURES`.
        above: a text is doubted whose measure is larger.
    """

    measure: str
    above: float

    def doubted(self, found: Surprise) -> tuple[tuple[int, int], ...]:
        """Return the spans of the words that are doubted, () where the model is sure of the text.

        They are the words that are at least as surprising as the mean of the text's words.
        """
        if not len(found.pieces) or MEASURES[self.measure](found) <= self.above:
            return ()
        words = found.words
        doubted = words >= min(words.mean(), words.max())  # a mean of like numbers may be rounded above them
        return tuple(span for span, marked in zip(found.spans, doubted, strict=True) if marked)


def doubted_words(
    rule: DoubtRule | None, tokenizer: TextTokenizer | None, ids: Sequence[int], logits: Array
) -> tuple[tuple[int, int], ...]:
    """Return `DoubtRule.doubted` of what was written; () without a rule. Arguments as in `surprise`."""
    return () if rule is None or tokenizer is None else rule.doubted(surprise(tokenizer, ids, logits))


def surprise(tokenizer: TextTokenizer, ids: Sequence[int], logits: Array) -> Surprise:
    """Return how far a model was from sure of what it wrote.

    Args:
        tokenizer: of what was written.
        ids: of the pieces, T.
        logits: before each of them: [T, V].
    """
    log_probs = log_softmax(logits)
    own = log_probs[np.arange(len(ids)), list(ids)]
    entropies = -(np.exp(log_probs) * np.where(np.isfinite(log_probs), log_probs, 0)).sum(axis=-1)
    return Surprise(word_spans(tokenizer, ids), -own, entropies)


def read_rule(folder: Path) -> DoubtRule | None:
    """Return the rule in a model's folder; None if it has none, and nothing that it writes is doubted.

    Raises:
        ConfigError: if the file is no such rule.
    """
    path = folder / DOUBT
    if not path.is_file():
        return None
    try:
        rule = DoubtRule(**json.loads(path.read_text(encoding="utf-8")))
        if rule.measure not in MEASURES or not np.isfinite(rule.above):
            raise ValueError(f"{rule.measure!r} and {rule.above!r}")
    except (OSError, ValueError, TypeError) as error:
        wanted = f"a measure ({', '.join(MEASURES)}) and the number above which a text is doubted"
        raise ConfigError(f"{path} must hold {wanted}: {error}", path=str(path)) from error
    return rule


def write_rule(folder: Path, rule: DoubtRule) -> None:
    """Write the rule into a model's folder."""
    (folder / DOUBT).write_text(json.dumps(asdict(rule), indent=2) + "\n", encoding="utf-8")
