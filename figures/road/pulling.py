"""One step of Word2Vec as plain data for its picture: how far each word is moved, in numbers and on the plane."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from transformer_core.studies.road.pulling import PairPlane, Step  # which needs torch


def moved_words(step: Step, word_of: Callable[[int], str], neighbours: Collection[int]) -> list[dict[str, Any]]:
    """Return what the step does to each word, the neighbour first.

    Args:
        step: from `take_step`.
        word_of: the word of an id.
        neighbours: ids of all words that stand near: one of them may have been drawn as noise.

    Returns:
        text, near, true (noise that does stand near), dot, sure, pull (minus the gradient), after.
    """
    return [
        {
            "text": word_of(word),
            "near": not number,
            "true": bool(number and word in neighbours),
            "dot": float(step.dots[number]),
            "sure": float(step.sure[number]),
            "pull": -float(step.pulls[number]),
            "after": float(step.dots_after[number]),
        }
        for number, word in enumerate(step.words)
    ]


def plane_data(plane: PairPlane) -> dict[str, Any]:
    """Return the places of a plane: h, h_after, u, u_after."""
    names = ("h", "h_after", "u", "u_after")
    return {name: np.round(getattr(plane, name), 5).tolist() for name in names}
