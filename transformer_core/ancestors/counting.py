"""Counting n-grams: from texts as ids to tables that are walked from word to word.

Letters: N n-grams, R of one order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Grams:
    """The n-grams of one order, in the order of their words.

    Attributes:
        keys: int64 [R]: the words of each as the digits of one number, to the base of the vocabulary's size.
        counts: int64 [R]: how often each occurs; 0 for one that only stands in front of others, as <s> <s> does.
        continuations: int64 [R]: how many different words stand in front of each; zeros in the highest order.
        followers: int64 [R]: how many n-grams of the next order begin with it; zeros in the highest order.
    """

    keys: Array
    counts: Array
    continuations: Array
    followers: Array


def count_grams(texts: Iterable[Sequence[int]], order: int, n_words: int, *, start: int, end: int) -> list[Grams]:
    """Return the n-grams of the orders from 1 to `order`.

    Each word of a text and its end are counted, behind the words in front of them; before a text stands `start`, as
    often as is needed. Of order 1 every word of the vocabulary has a row.

    Args:
        texts: ids, without signs.
        order: the highest.
        n_words: of the vocabulary, V.
        start, end: ids of the signs around a text.
    """
    ids, places = _laid_out(texts, order, start, end)
    found = []
    for n in range(1, order + 1):
        unique, counts = np.unique(_keys(ids, places, n, n_words), return_counts=True)
        if n == 1:
            every = np.arange(n_words)
            counts = np.bincount(unique, counts, n_words).astype(np.int64)
        else:
            first = sum(start * n_words**k for k in range(n))  # nothing but <s>
            every = np.union1d(unique, [first] if n < order else [])
            dense = np.zeros(len(every), dtype=np.int64)
            dense[np.searchsorted(every, unique)] = counts
            counts = dense
        found.append((every.astype(np.int64), counts))
    return [_linked(n, found, n_words) for n in range(order)]


def told_shares(texts: Iterable[Sequence[int]], grams: Sequence[Grams], n_words: int, *, start: int, end: int) -> Array:
    """Return what each order alone gives each word of texts, as `held_out_shares` reads it; arguments as above."""
    ids, places = _laid_out(texts, len(grams), start, end)
    columns = [np.full(len(places), 1 / n_words)]
    for n, one in enumerate(grams, start=1):
        keys, sums = _keys(ids, places, n, n_words), np.concatenate(([0], np.cumsum(one.counts)))
        first, behind = (np.searchsorted(one.keys, (keys // n_words + more) * n_words) for more in (0, 1))
        total, at = sums[behind] - sums[first], np.searchsorted(one.keys, keys).clip(max=len(one.keys) - 1)
        count = np.where(one.keys[at] == keys, one.counts[at], 0)
        columns.append(np.where(total > 0, count / np.maximum(total, 1), np.nan))
    return np.stack(columns, axis=1)


def _laid_out(texts: Iterable[Sequence[int]], order: int, start: int, end: int) -> tuple[Array, Array]:
    """All texts in one row, with their signs, and the places of the words that are told."""
    padded = [[*[start] * (order - 1), *text, end] for text in texts]
    ids = np.array([i for text in padded for i in text], dtype=np.int64)
    begins = np.cumsum([0, *(len(text) for text in padded[:-1])])
    told = np.ones(len(ids), dtype=bool)
    for k in range(order - 1):
        told[begins + k] = False
    return ids, np.flatnonzero(told)


def _keys(ids: Array, places: Array, n: int, n_words: int) -> Array:
    """The n-grams that end at these places, as numbers."""
    keys = np.zeros(len(places), dtype=np.int64)
    for k in range(n - 1, -1, -1):
        keys = keys * n_words + ids[places - k]
    return keys


def _linked(place: int, found: Sequence[tuple[Array, Array]], n_words: int) -> Grams:
    keys, counts = found[place]
    nothing = np.zeros(len(keys), dtype=np.int64)
    if place + 1 == len(found):
        return Grams(keys, counts, nothing, nothing)
    longer, longer_counts = found[place + 1]
    followers = np.bincount(np.searchsorted(keys, longer // n_words), minlength=len(keys))
    endings = longer[longer_counts > 0] % n_words ** (place + 1)
    continuations = np.bincount(np.searchsorted(keys, endings), minlength=len(keys))
    return Grams(keys, counts, continuations, followers)


def discount(counts: Array) -> float:
    """Return the absolute discount D = n_1 / (n_1 + 2 n_2), n_k n-grams having the count k (Ney, Essen & Kneser 1994).

    A half where nothing occurs once or twice.
    """
    once, twice = (int((counts == k).sum()) for k in (1, 2))
    return once / (once + 2 * twice) if once else 0.5


def held_out_shares(shares: Array, *, rounds: int = 30) -> tuple[float, ...]:
    """Return for each order the share of its own count, the rest going to the order below (Jelinek & Mercer 1980).

    They are what makes held-out words most probable: estimated by expectation and maximisation, each order mixing with
    the one below, the lowest with an even spread.

    Args:
        shares: [N, order + 1]: for each held-out word the even spread, and what each order alone gives it, from the
            lowest; NaN where its words in front were never seen.
        rounds: of the estimation.
    """
    order = shares.shape[1] - 1
    found = np.full(order, 0.5)
    for _ in range(rounds):
        mixed = shares[:, 0].copy()
        lower = []
        for n in range(order):
            own, known = shares[:, n + 1], ~np.isnan(shares[:, n + 1])
            lower.append((mixed.copy(), known))
            mixed = np.where(known, found[n] * np.nan_to_num(own) + (1 - found[n]) * mixed, mixed)
        weight = np.ones(len(shares))  # that a word is told by this order or one below
        total = mixed
        for n in range(order - 1, -1, -1):
            below, known = lower[n]
            own = np.where(known, found[n] * np.nan_to_num(shares[:, n + 1]) / np.maximum(total, 1e-300), 0.0)
            told = weight * own
            reached = (weight * known).sum()
            weight = weight * np.where(known, 1 - own, 1.0)
            found[n] = told.sum() / reached if reached else 0.5
            total = below
    return tuple(float(one) for one in found)
