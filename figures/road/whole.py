"""The whole road as one picture: how surprised each stop is by each word, and one number a stop on one scale."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from figures.base.labels import number

MOST = 12.0  # bits of a word at which the colour is darkest: one of 4,096 that are equally probable


def surprise_cells(words: Sequence[str], log_probs: Sequence[float], tell: str) -> list[dict[str, Any]]:
    """Return the words that a model told, each with its surprise.

    Args:
        words: with the end behind the last.
        log_probs: natural logarithms of what the model gave each.
        tell: says a word and its bits.
    """
    found = []
    for place, (word, log_prob) in enumerate(zip(words, log_probs, strict=True)):
        bits = max(0.0, -float(log_prob) / math.log(2))
        told = tell.format(word=word, bits=number(bits, 1))
        special = place == len(words) - 1
        found.append({"word": word, "special": special, "share": round(min(1.0, bits / MOST), 3), "told": told})
    return found


def moved_cells(words: Sequence[str], apart: Sequence[float], tell: str) -> list[dict[str, Any]]:
    """Return the words that a model gave a vector in their sentence, each with how far that is from its own row.

    Args:
        words: with the end behind the last.
        apart: 1 minus the cosine of each.
        tell: says a word and the number.
    """
    last = len(words) - 1
    return [
        {
            "word": word,
            "special": place == last,
            "share": round(min(1.0, far), 3),
            "told": tell.format(word=word, n=number(far, 2)),
        }
        for place, (word, far) in enumerate(zip(words, apart, strict=True))
    ]


def neighbour_cells(pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return words of a sentence, each above the word whose vector is nearest."""
    return [{"word": word, "near": near, "special": False} for word, near in pairs]


def bars(numbers: Sequence[Mapping[str, float]], names: Mapping[str, str], tell: str) -> list[list[dict[str, Any]]]:
    """Return the bars of each stop, on one scale for all of them.

    Args:
        numbers: of each stop, bits a character by what was told; none where a stop tells no words.
        names: what each of these is called; its order is theirs.
        tell: says a number of bits.
    """
    most = max((value for stop in numbers for value in stop.values()), default=1.0)
    return [
        [
            {
                "sort": sort,
                "name": names[sort],
                "text": tell.format(n=number(stop[sort], 2)),
                "share": stop[sort] / most,
            }
            for sort in names
            if sort in stop
        ]
        for stop in numbers
    ]
