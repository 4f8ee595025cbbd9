"""The arithmetic of the measures of heads: for each head and row (query) one number, NaN where it says nothing.

`head_measures.py` has the table of the measures, with their formulas and sources.

Letters: H head, Q query position, K key position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.studies.errors import AlignmentError

Array = NDArray[Any]


@dataclass(frozen=True)
class Rows:
    """What the measures read of a block.

    Attributes:
        weights: float64 [H, Q, K].
        allowed: which keys each query may attend to, [Q, K].
        ids: of the tokens that the keys stand for, [K].
        aligned: which source words belong to the word that a row writes, [Q, K]; None without an alignment.
        ends: ids of the separators, as </s>.
    """

    weights: Array
    allowed: Array
    ids: Array
    aligned: Array | None
    ends: tuple[int, ...]

    @property
    def choice(self) -> Array:
        """In which rows the head has at least two keys to choose from, [Q]."""
        return self.n_keys >= 2

    @property
    def n_keys(self) -> Array:
        """How many keys each query may attend to, [Q]."""
        return self.allowed.sum(axis=1)

    @property
    def nowhere(self) -> Array:
        """The answer of a measure that means nothing for this sentence: NaN, [H, Q]."""
        return np.full(self.weights.shape[:2], np.nan)

    def where(self, rows: Array, values: Array) -> Array:
        """Return `values` [H, Q] in these rows [Q] where there was a choice, NaN in the others."""
        return np.where(rows & self.choice, values, np.nan)

    def share(self, keys: Array) -> Array:
        """Return each row's weight on these keys [Q, K] together; NaN in a row that may see none of them."""
        keys = keys & self.allowed
        rows: Array = np.any(keys, axis=1)
        return self.where(rows, np.einsum("hqk,qk->hq", self.weights, keys))


def marks(pairs: Iterable[tuple[int, int]], shape: tuple[int, int]) -> Array:
    """Return where a query's source words are, as (source position, written word) pairs say: bool [Q, K]."""
    found = np.zeros(shape, bool)  # [Q, K]
    for source, written in pairs:
        if not (0 <= written < shape[0] and 0 <= source < shape[1]):
            raise AlignmentError(
                f"the alignment pairs source word {source} with written word {written}, but the sentence has "
                f"{shape[1]} source words and writes {shape[0]}, counted from 0",
                pair=(source, written),
            )
        found[written, source] = True
    return found


def mean(rows: Array) -> Array:
    """Return the mean over the rows that count, NaN where none does: [H, Q] -> [H]."""
    counts = ~np.isnan(rows)
    n = counts.sum(axis=1)
    sums = np.where(counts, rows, 0.0).sum(axis=1)
    return np.divide(sums, n, out=np.full(len(rows), np.nan), where=n > 0)


def offset(by: int) -> Callable[[Rows], Array]:
    """Return the measure of the weight on the word that stands `by` positions behind the query, Rows -> [H, Q]."""
    return lambda read: read.share(np.eye(len(read.allowed), len(read.ids), by, dtype=bool))


def entropy(read: Rows) -> Array:
    """Return the entropy of each row in nats: H = -sum alpha ln alpha, [H, Q]."""
    logarithms = np.log(read.weights, where=read.weights > 0, out=np.zeros_like(read.weights))
    return read.where(read.choice, -np.einsum("hqk,hqk->hq", read.weights, logarithms))


def normalised_entropy(read: Rows) -> Array:
    """Return the entropy of each row by the largest that its keys allow, ln of their number, [H, Q]."""
    return entropy(read) / np.log(np.maximum(read.n_keys, 2))  # rows with fewer keys are NaN already


def distance(read: Rows) -> Array:
    """Return how many positions away a row looks, on average over its weights, [H, Q]."""
    n_queries, n_keys = read.allowed.shape
    steps = np.abs(np.arange(n_queries)[:, None] - np.arange(n_keys))
    return read.where(read.choice, np.einsum("hqk,qk->hq", read.weights, steps))


def first(read: Rows) -> Array:
    """Return each row's weight on the first key, [H, Q]."""
    keys = np.zeros_like(read.allowed)
    keys[:, 0] = True
    return read.share(keys)


def separator(read: Rows) -> Array:
    """Return each row's weight on the separator, [H, Q]."""
    return read.share(np.broadcast_to(np.isin(read.ids, read.ends), read.allowed.shape))


def twins(read: Rows) -> Array:
    """Return each row's weight on the other occurrences of its own word, [H, Q]."""
    same = read.ids[:, None] == read.ids  # [Q, K]
    return read.share(same & ~np.eye(len(same), dtype=bool))


def induction(read: Rows) -> Array:
    """Return each row's weight on the words right behind the earlier occurrences of its own word, [H, Q]."""
    same = np.tril(read.ids[:, None] == read.ids, -1)  # [Q, K]: the query's word at an earlier position
    behind = np.zeros_like(same)
    behind[:, 1:] = same[:, :-1]
    return read.share(np.tril(behind, -1))  # a word right behind its twin would be the query itself


def diagonality(read: Rows) -> Array:
    """Return how near the diagonal a row looks: 1 on it, 0 as far away as can be, [H, Q].

    Both sentences are stretched to length 1, because they differ in length.
    """
    n_queries, n_keys = read.allowed.shape
    if n_queries < 2 or n_keys < 2:
        return read.nowhere
    away = np.abs(np.linspace(0, 1, n_queries)[:, None] - np.linspace(0, 1, n_keys))  # [Q, K]
    furthest: Array = np.where(read.allowed, away, 0).max(axis=1)
    # Only a row without a choice can be nowhere but on the diagonal, and it does not count.
    departure = np.einsum("hqk,qk->hq", read.weights, away) / np.where(furthest > 0, furthest, 1)
    return read.where(read.choice, 1 - departure)


def aligned(read: Rows) -> Array:
    """Return 1 where the largest weight of a row lies on a word that belongs to the written one, else 0, [H, Q]."""
    if read.aligned is None:
        return read.nowhere
    best = read.weights.argmax(axis=2)  # [H, Q]
    hits = read.aligned[np.arange(len(read.aligned)), best].astype(np.float64)
    rows: Array = np.any(read.aligned, axis=1)
    return read.where(rows, hits)


def aligned_weight(read: Rows) -> Array:
    """Return each row's weight on the words that belong to the written one, [H, Q]."""
    return read.nowhere if read.aligned is None else read.share(read.aligned)
