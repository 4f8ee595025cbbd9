"""The uses of a word in different sentences: whether the nearest one, layer by layer, is in the same sense.

Letters: U use, N layers (the table, each LSTM, and at last their mix), D width of both halves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from transformer_core.ancestors.two_way.model import TwoWay
from transformer_core.glass.errors import ArgumentError, DataError
from transformer_core.glass.trace import Trace
from transformer_core.models.glass import Glass
from transformer_core.studies.road.word_plane import cosines_of

Array = NDArray[Any]


@dataclass(frozen=True)
class Use:
    """A word in a sentence, and which of its senses a person saw there."""

    word: str
    sense: str
    sentence: str


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Which use of the same word is nearest to each use, by the angle between their vectors.

    At the table all uses are equally near; what is told of that layer is no choice.

    Attributes:
        uses: [U].
        nearest: number of the nearest other use of the same word, at each layer, [U, N].
        cosines: of the angle to it, [U, N].
    """

    uses: tuple[Use, ...]
    nearest: Array
    cosines: Array

    @property
    def right(self) -> Array:
        """Whether the nearest use has the same sense, bool [U, N]."""
        senses = np.array([one.sense for one in self.uses])
        same: Array = senses[self.nearest] == senses[:, None]
        return same

    @property
    def chance(self) -> float:
        """How often another use of the same word has the same sense."""
        shares = []
        for one in self.uses:
            others = [other.sense == one.sense for other in self.uses if other.word == one.word and other is not one]
            shares.append(sum(others) / len(others))
        return float(np.mean(shares))


def read_uses(path: Path) -> tuple[Use, ...]:
    """Return the uses in a file of lines "word TAB sense TAB sentence".

    Raises:
        DataError: if the file cannot be read, or a line is none such.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        return tuple(Use(*line.split("\t")) for line in lines)
    except (OSError, UnicodeDecodeError, TypeError) as error:
        raise DataError(f"{path} must hold lines of a word, a sense and a sentence: {error}", path=str(path)) from error


def use_vectors(glass: Glass, uses: Sequence[Use]) -> Array:
    """Return what each layer of a two-way model makes of each word in its sentence, [U, N, D], both halves in D.

    Of a word of several pieces the chain from the left counts at the last, the chain from the right at the first: there
    each has read all of it. All sentences are read together; `vectors_at` takes the same out of a trace.

    Raises:
        ArgumentError: if a word is not in its sentence.
    """
    model = glass.model
    assert isinstance(model, TwoWay), f"{glass.name} has no two chains"
    ids = [glass.read_ids(one.sentence) for one in uses]
    places = [word_place(glass, one.sentence, one.word) for one in uses]
    padded = torch.full((len(ids), max(map(len, ids))), model.config.pad_id)
    for row, one in zip(padded, ids, strict=True):
        row[: len(one)] = torch.tensor(one)
    with torch.no_grad():
        ahead, back = model.layers(padded)
        mixed = model.mix(ahead, back)
    pairs = zip([*ahead, mixed[0]], [*back, mixed[1]], strict=True)
    rows = range(len(ids))
    lasts, firsts = [last for _, last in places], [first for first, _ in places]
    return torch.stack([torch.cat((one[rows, lasts], two[rows, firsts]), dim=-1) for one, two in pairs], dim=1).numpy()


def vectors_at(trace: Trace, first: int, last: int) -> Array:
    """Return the same at the places of the first and the last piece of a word."""
    n = len(trace["mix.shares"]) - 1
    ahead, back = (["embed.out", *(f"{chain}.{j}.h" for j in range(n))] for chain in ("ahead", "back"))
    pairs = zip([*ahead, "mix.forward_out"], [*back, "mix.backward_out"], strict=True)
    return np.stack([np.concatenate((trace[one][last], trace[other][first])) for one, other in pairs])


def word_place(glass: Glass, sentence: str, word: str) -> tuple[int, int]:
    """Return the places of the first and the last piece of a word, where it first stands in a sentence.

    Raises:
        ArgumentError: if it does not.
    """
    tokenizer = glass.source_tokenizer
    assert tokenizer is not None
    ids = tokenizer.encode(sentence)
    for wanted in (word, word.capitalize()):
        pieces = tokenizer.encode(wanted)
        for first in range(len(ids) - len(pieces) + 1):
            if ids[first : first + len(pieces)] == pieces:
                return first, first + len(pieces) - 1
    wanted = f"a word of {sentence!r}"
    raise ArgumentError(f"word must be {wanted}, not {word!r}", name="word", value=word, wanted=wanted)


def nearest_uses(glass: Glass, uses: Sequence[Use]) -> Neighbours:
    """Return for each use which other one of the same word is nearest at each layer."""
    vectors = use_vectors(glass, uses)
    cosines = cosines_of(vectors[:, None], vectors[None]).swapaxes(1, 2)
    words = np.array([one.word for one in uses])
    apart = (words[:, None] != words) | np.eye(len(uses), dtype=bool)
    cosines = np.where(apart[:, None], -np.inf, cosines)  # [U, N, U]
    return Neighbours(tuple(uses), cosines.argmax(axis=-1), cosines.max(axis=-1))
