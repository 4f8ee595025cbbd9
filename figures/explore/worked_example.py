"""The worked example of the literature: two scores, divided, and turned into shares by the core's own softmax."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from figures.base.labels import number
from transformer_core.glass.formula.operations import softmax

SCORES, D_K = (112.0, 96.0), 64  # q·k of two words, and the width of a key, in Alammar's "The Illustrated Transformer"


@dataclass(frozen=True)
class Example:
    """Two scores on their way to weights.

    Attributes:
        scores: q·k.
        d_k: the width of a key.
        scaled: the scores, divided by the root of the width.
        weights: the softmax of the scaled scores.
        unscaled: the softmax of the scores as they were.
    """

    scores: tuple[float, ...]
    d_k: int
    scaled: tuple[float, ...]
    weights: tuple[float, ...]
    unscaled: tuple[float, ...]

    def steps(self) -> tuple[str, ...]:
        """Return the steps in LaTeX, with their numbers."""
        root = rf"\sqrt{{d_k}} = \sqrt{{{self.d_k}}} = {math.sqrt(self.d_k):g}"
        divided = [
            rf"\frac{{{score:g}}}{{{math.sqrt(self.d_k):g}}} = {scaled:g}"
            for score, scaled in zip(self.scores, self.scaled, strict=True)
        ]
        total = " + ".join(f"e^{{{scaled:g}}}" for scaled in self.scaled)
        shares = [
            rf"\frac{{e^{{{scaled:g}}}}}{{{total}}} = {weight:.2f}"
            for scaled, weight in zip(self.scaled, self.weights, strict=True)
        ]
        return tuple(r" \qquad ".join(step) for step in ([root], divided, shares))

    def unscaled_least(self) -> str:
        """Return what the smaller score would get without the division."""
        return number(min(self.unscaled))


def worked_example(scores: tuple[float, ...] = SCORES, d_k: int = D_K) -> Example:
    """Return what the core makes of some scores."""
    exact = np.array(scores)
    scaled = exact / math.sqrt(d_k)
    return Example(scores, d_k, *(tuple(values.tolist()) for values in (scaled, softmax(scaled), softmax(exact))))
