"""Where a map is looked at first: its strongest cell, and its most telling one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.wire import answers
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import key_of
from transformer_core.glass.words import Word
from ui.state.values import Value

Array = NDArray[Any]


def strongest(cells: Array) -> tuple[int, int]:
    """Return the row and column of the number that is furthest from zero; -inf is none.

    Shapes: cells [R, C].
    """
    return _largest(_sizes(cells))


def most_telling(trace: Trace, value: Value, cells: Array) -> tuple[int, int]:
    """Return the strongest cell between two words of a map, neither signs nor punctuation; of all, where there is none.

    Of scores it is one that the mask lets through, so that it says something at the stops that follow, too.

    Shapes: cells [R, C], the two axes of the value.
    """
    sizes, sides = _sizes(cells), [value.side(axis) for axis in (0, 1)]
    if sides[0] is not None:
        sizes[~_are_words(trace, sides[0], asks=True)] = -1
    if sides[1] is not None:
        sizes[:, ~_are_words(trace, sides[1])] = -1
    mask = next((one for one in value.block.values if one.kind == "mask"), None)
    if mask is not None and value.axes.endswith(mask.axes):
        sizes[~trace[key_of(value.block, mask.name)]] = -1
    return _largest(sizes) if sizes.max() > 0 else strongest(cells)


def _largest(sizes: Array) -> tuple[int, int]:
    row, column = divmod(int(sizes.argmax()), sizes.shape[1])
    return row, column


def _are_words(trace: Trace, side: str, *, asks: bool = False) -> Array:
    """Whether each position reads a word and, if it asks, says one, too."""
    read = trace.words_of(side).read
    says = (answers(trace, side) if asks else ()) or (None,) * len(read)
    pairs = zip(read, says, strict=True)
    return np.array([_is_word(one) and (other is None or _is_word(other)) for one, other in pairs], dtype=bool)


def _is_word(word: Word) -> bool:
    return not word.special and any(character.isalnum() for character in word.text)


def _sizes(cells: Array) -> Array:
    return np.where(np.isfinite(cells), np.abs(cells.astype(np.float64)), -1.0)
