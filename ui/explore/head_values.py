"""What all heads of one kind of attention give for one sentence: their numbers, and the words that ask and answer.

Letters: N layer, H head, Q query position, K key position.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.base.wire import flagged
from transformer_core.glass.plan import Block
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_of
from transformer_core.studies.heads.attention_blocks import transfer

Array = NDArray[Any]
Kind = tuple[str, str]  # stack and block


def head_values(trace: Trace, kind: Kind, shown: str) -> Array:
    """Return the weights of all heads, or, if "carried" is shown, the lengths of what they carry.

    Shapes: -> [N, H, Q, K].
    """
    paths = [block.path for block in attention_of(trace.plan, *kind)]
    return np.stack([trace[f"{path}.weights"] if shown == "weight" else transfer(trace, path) for path in paths])


def values_of_head(trace: Trace, kind: Kind, shown: str, layer: int, head: int) -> Array:
    """Return the same of one head alone, without working out the others.

    Shapes: -> [Q, K].
    """
    path = attention_of(trace.plan, *kind)[layer].path
    return trace[f"{path}.weights"][head] if shown == "weight" else transfer(trace, path, head)


def asking(trace: Trace, kind: Kind) -> list[dict[str, Any]]:
    """Return the words of the rows, with flags; a decoder row reads one and writes another."""
    words = trace.words_of(_block(trace, kind).words)
    if not words.written:
        return flagged(words.read)
    pairs = zip(flagged(words.read), flagged(words.written), strict=True)
    return [{**read, "writes": written} for read, written in pairs]


def answering(trace: Trace, kind: Kind) -> list[dict[str, Any]]:
    """Return the words of the columns, with flags."""
    return flagged(trace.words_of(sides(trace, kind)[1]).read)


def sides(trace: Trace, kind: Kind) -> list[str]:
    """Return whose words ask and whose answer: the names of their word lists."""
    block = _block(trace, kind)
    return [block.words, block.memory or block.words]


def _block(trace: Trace, kind: Kind) -> Block:
    return attention_of(trace.plan, *kind)[0]
