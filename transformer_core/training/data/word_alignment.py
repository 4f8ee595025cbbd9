"""Which word of a pair belongs to which, found from the pairs alone: IBM model 1 with a diagonal prior, both ways.

Brown et al. 1993; the prior is that of Dyer et al. 2013, "A Simple, Fast, and Effective Reparameterization of IBM
Model 2". Only what both directions agree on is kept, so that a link is rarely wrong and many words have none.

Letters: C cells (a source with a target position of one pair, of all pairs), G groups of cells with one target word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
ROUNDS = 6
TENSION = 4.0  # how strongly the diagonal is preferred, as in the second paper
NO_WORD = -1


class _Cells(NamedTuple):
    """The cells of all pairs, a pair after the other and in it a target position after the other."""

    kind: Array  # [C], which (source word, target word)
    source_of: Array  # the source word of each kind
    target_of: Array  # the target word of each kind
    by_target: Array  # [C], the group of one target place
    by_source: Array  # [C], the group of one source place
    prior: Array  # [C]


def align(pairs: Sequence[tuple[Sequence[int], Sequence[int]]], rounds: int = ROUNDS) -> list[list[int]]:
    """Return for each pair the source position of every target word, `NO_WORD` where the two directions differ.

    Args:
        pairs: ids of source and target, neither empty.
        rounds: of expectation and maximisation, in each direction.
    """
    cells = _cells(pairs)
    forward = _learned(cells.kind, cells.source_of, cells.by_target, cells.prior, rounds)
    backward = _learned(cells.kind, cells.target_of, cells.by_source, cells.prior, rounds)
    links, start = [], 0
    for source, target in pairs:
        end = start + len(source) * len(target)
        to_source = forward[start:end].reshape(len(target), len(source)).argmax(axis=1)
        to_target = backward[start:end].reshape(len(target), len(source)).argmax(axis=0)
        links.append([int(i) if to_target[i] == j else NO_WORD for j, i in enumerate(to_source)])
        start = end
    return links


def by_word(links: Sequence[int], words: Sequence[tuple[int, int]]) -> list[int]:
    """Return the links with all pieces of a word at the source position of its first piece that has one.

    Args:
        links: of each target position, as of `align`.
        words: of the target, each as (first piece, one behind its last).
    """
    joined = list(links)
    for start, end in words:
        first = next((link for link in links[start:end] if link != NO_WORD), NO_WORD)
        joined[start:end] = [first] * (end - start)
    return joined


def _cells(pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> _Cells:
    words, by_target, by_source, priors = [], [], [], []
    targets = sources = 0
    size = 1 + max(max(target) for _, target in pairs)
    for source, target in pairs:
        i, j = np.arange(len(source)), np.arange(len(target))
        words.append((np.asarray(source, np.int64)[None, :] * size + np.asarray(target, np.int64)[:, None]).ravel())
        by_target.append(np.repeat(j + targets, len(source)).astype(np.int32))
        by_source.append(np.tile(i + sources, len(target)).astype(np.int32))
        apart = np.abs((i[None, :] + 0.5) / len(source) - (j[:, None] + 0.5) / len(target))
        priors.append(np.exp(-TENSION * apart).ravel().astype(np.float32))
        targets, sources = targets + len(target), sources + len(source)
    kinds, kind = np.unique(np.concatenate(words), return_inverse=True)
    every = (np.concatenate(one) for one in (by_target, by_source, priors))
    return _Cells(kind.astype(np.int32), kinds // size, kinds % size, *every)


def _learned(kind: Array, given: Array, group: Array, prior: Array, rounds: int) -> Array:
    """How probable each cell is as the link of its group, up to a factor of the group: [C].

    Args:
        kind: which two words, [C].
        given: of each kind the word that the other one is translated from.
        group: cells of which exactly one is the link, [C].
        prior: of each cell, [C].
        rounds: of expectation and maximisation.
    """
    chance = np.ones(len(given), dtype=np.float32)
    for done in range(rounds):
        # The first rounds know no diagonal: it would keep apart what stands in another order.
        share = chance[kind] * (prior if done >= rounds // 2 else 1)
        share /= np.bincount(group, weights=share)[group]
        counts = np.bincount(kind, weights=share, minlength=len(given))
        totals = np.bincount(given, weights=counts)
        chance = (counts / totals[given]).astype(np.float32)
    return chance[kind] * prior
