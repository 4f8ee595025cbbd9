"""The three lines of a look back with the numbers of a run: score, softmax, weighted sum.

Letters: Q query position, K key position.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.labels import number
from transformer_core.glass.plan import Block
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import key_of
from transformer_core.glass.words import Word

Array = NDArray[Any]
SHOWN, LEAST = 3, 0.005  # terms of a sum, and the smallest share that is one of them
_LETTERS = str.maketrans({mark: rf"\{mark}" for mark in "{}$&#%_"} | {"\\": r"\backslash ", "~": "-", "^": "-"})


@dataclass(frozen=True, eq=False)
class Look:
    """What is looked at while one word is written.

    Attributes:
        row: of the word that is written.
        best: the place that gets most.
        scores, weights: of each place of the source, [K].
        read: the words of the source.
    """

    row: int
    best: int
    scores: Array
    weights: Array
    read: Sequence[Word]


def look_of(trace: Trace, block: Block, head: int, row: int) -> Look:
    """Return what a head looks at in a row."""
    scores, weights = (trace[key_of(block, name)][head, row].astype(np.float64) for name in ("scores", "weights"))
    return Look(row, int(weights.argmax()), scores, weights, trace.words_of(block.memory or block.words).read)


def same_row(written: Sequence[Word], row: int, others: Sequence[Word]) -> int:
    """Return the row in which another run writes the same word, the nearest one; else the same row, if it has one."""
    same = [i for i, word in enumerate(others) if word.text == written[row].text]
    return min(same, key=lambda i: abs(i - row)) if same else min(row, len(others) - 1)


def same_look(trace: Trace, blocks: Sequence[Block], row: int, word: Word) -> tuple[int, int]:
    """Return layer and head that look most at the same word in a row; at any word, if the source has no such word."""
    read = trace.words_of(blocks[0].memory or blocks[0].words).read
    columns = [i for i, one in enumerate(read) if one.text == word.text]
    columns = columns or [i for i, one in enumerate(read) if not one.special]
    most = np.stack([trace[key_of(block, "weights")][:, row][:, columns].max(axis=1) for block in blocks])  # [N, H]
    layer, head = divmod(int(most.argmax()), most.shape[1])
    return layer, head


def three_lines(look: Look, *, additive: bool, width: int = 1) -> tuple[str, str, str]:
    """Return score, softmax and weighted sum of a look as LaTeX.

    Args:
        look: from `look_of`.
        additive: whether queries and keys are added, else multiplied.
        width: of a query, by whose root a product is divided.
    """
    order = [i for i in np.argsort(-look.weights, kind="stable")[:SHOWN] if look.weights[i] >= LEAST or i == look.best]
    names = [rf"\text{{{look.read[i].text.translate(_LETTERS)}}}" for i in order]
    best = number(float(look.scores[order[0]]), 2)
    fit = r"\sum_e v_e \tanh(q_e + k_e)" if additive else rf"\frac{{1}}{{\sqrt{{{width}}}}} \sum_e q_e\, k_e"
    powers = " + ".join(f"e^{{{number(float(look.scores[i]), 2)}}}" for i in order)
    given = "h" if additive else "v"
    parts = " + ".join(
        rf"{number(float(look.weights[i]), 2)}\, {given}_{{{name}}}" for i, name in zip(order, names, strict=True)
    )
    more = r" + \dots" if len(look.weights) > len(order) else ""
    share = number(float(look.weights[order[0]]), 2)
    return (
        rf"s_{{{names[0]}}} = {fit} = {best}",
        rf"w_{{{names[0]}}} = \frac{{\rule{{0pt}}{{1.2em}} e^{{{best}}}}}{{{powers}{more}}} = {share}",
        rf"{'c' if additive else 'z'} = {parts}{more}",
    )
