"""One step of Word2Vec looked at from near by: one neighbour is pulled, drawn noise is pushed, every number is kept.

The loss of a step hangs on each word u only through v'_u . h, so that the picture of it is exact: its first axis lies
along h, and a word moves along this axis alone. Equations: Mikolov et al. 2013, section 2.2; h is v_w of the word that
is read, or, of a continuous bag of words, the mean of several.

Letters: R words that are read, N one neighbour and K noise words, V vocabulary, D width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from transformer_core.ancestors.word2vec import Word2Vec, descend, noise_shares, pull_and_push
from transformer_core.glass.arrays import as_array
from transformer_core.text.word_tokenizer import WordTokenizer

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Step:
    """What one step does, in float64; the neighbour stands first in every row of words, the noise behind it.

    Attributes:
        read: ids of the words that are read, [R].
        words: ids of the neighbour and the noise, [N].
        rate: of learning.
        dots, sure, pulls: v'_u . h before, its sigmoid, and the loss's gradient by v'_u . h, [N]: sigma - 1 of the
            neighbour, sigma of noise.
        dots_after: the same behind the step, all words having moved, [N].
        h, h_after: [D].
        u, u_after: v' of the words, [N, D].
    """

    read: tuple[int, ...]
    words: tuple[int, ...]
    rate: float
    dots: Array
    sure: Array
    pulls: Array
    dots_after: Array
    h: Array
    h_after: Array
    u: Array
    u_after: Array

    @property
    def sure_after(self) -> Array:
        """How sure the model is of each word behind the step, [N]."""
        sure: Array = 1 / (1 + np.exp(-self.dots_after))
        return sure


@dataclass(frozen=True, eq=False)
class PairPlane:
    """The plane of a step: across, how far a vector goes along h; upwards, where the words differ most besides.

    Attributes:
        h, h_after: places in the plane, [2].
        u, u_after: the same of the words, [N, 2].
        share: of the squared lengths of the words' vectors, what the plane keeps.
    """

    h: Array
    h_after: Array
    u: Array
    u_after: Array
    share: float


def draw_noise(tokenizer: WordTokenizer, n: int, seed: int) -> tuple[int, ...]:
    """Return noise words as the training draws them, by their counts to the power of 3/4; a seed draws them again."""
    drawn = torch.multinomial(noise_shares(tokenizer), n, True, generator=torch.Generator().manual_seed(seed))
    return tuple(drawn.tolist())


def take_step(model: Word2Vec, read: Sequence[int], near: int, noise: Sequence[int], rate: float) -> Step:
    """Return what a step of a model does with one neighbour; the model itself stays as it is.

    Args:
        model: skip-gram or a continuous bag of words; not asked for which.
        read: ids; one of skip-gram.
        near: the id of the word that stands near.
        noise: ids that are pushed away.
        rate: of learning.
    """
    words = (near, *noise)
    rows_v, read_at = np.unique(read, return_inverse=True)
    rows_u, words_at = np.unique(words, return_inverse=True)
    v, u = (
        table.detach()[torch.from_numpy(rows)].double()
        for table, rows in ((model.embed.W_E, rows_v), (model.get_parameter("head.W"), rows_u))
    )
    at, near_at, noise_at = torch.from_numpy(read_at), torch.tensor([words_at[0]]), torch.from_numpy(words_at[1:])
    before = as_array(v[at].mean(0)), as_array(u[words_at])
    pull = pull_and_push(v, u, at[None] if len(read) > 1 else at, near_at, noise_at)
    descend(v, u, pull, rate)
    after = as_array(v[at].mean(0)), as_array(u[words_at])
    dots = before[1] @ before[0]
    sure = 1 / (1 + np.exp(-dots))
    pulls = sure - (np.arange(len(words)) == 0)
    return Step(
        tuple(read), words, rate, dots, sure, pulls, after[1] @ after[0], before[0], after[0], before[1], after[1]
    )


def plane_of(step: Step) -> PairPlane:
    """Return a step in the plane that h and the words' largest remaining difference span."""
    length = float(np.linalg.norm(step.h))
    across = step.h / max(length, 1e-12)
    rest = step.u - np.outer(step.u @ across, across)
    upwards = np.linalg.svd(rest, full_matrices=False)[2][0]
    upwards = upwards * (1.0 if rest[0] @ upwards >= 0 else -1.0)  # the neighbour stands above
    axes = np.stack((across, upwards), axis=1)  # [D, 2]
    places = step.u @ axes
    whole = float((step.u**2).sum())
    return PairPlane(
        step.h @ axes, step.h_after @ axes, places, step.u_after @ axes, float((places**2).sum() / max(whole, 1e-12))
    )
