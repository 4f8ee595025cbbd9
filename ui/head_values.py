"""What all heads of one kind of attention give for one sentence: their numbers, and the words that ask and answer.

Letters: N layer, H head, Q query position, K key position.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from figures.words import flagged
from transformer_core.glass.trace import Trace
from transformer_core.studies.head_measures import transfer
from transformer_core.transformer.config import TransformerConfig

Array = NDArray[Any]
Kind = tuple[str, str]  # stack and block


def n_layers(config: TransformerConfig, stack: str) -> int:
    """Return how many layers a stack has."""
    return config.n_encoder_layers if stack == "encoder" else config.n_decoder_layers


def head_values(trace: Trace, kind: Kind, shown: str) -> Array:
    """Return the weights of all heads, or, if "carried" is shown, the lengths of what they carry.

    Shapes: -> [N, H, Q, K].
    """
    paths = [f"{kind[0]}.{layer}.{kind[1]}" for layer in range(n_layers(trace.config, kind[0]))]
    return np.stack([trace[f"{path}.weights"] if shown == "weight" else transfer(trace, path) for path in paths])


def asking(trace: Trace, kind: Kind) -> list[dict[str, Any]]:
    """Return the words of the rows, with flags; a decoder row reads one and writes another."""
    if kind[0] == "encoder":
        return flagged(trace.source_tokens)
    if not trace.written_tokens:
        return flagged(trace.target_tokens)
    return [
        {**read, "writes": written}
        for read, written in zip(flagged(trace.target_tokens), flagged(trace.written_tokens), strict=True)
    ]


def answering(trace: Trace, kind: Kind) -> list[dict[str, Any]]:
    """Return the words of the columns, with flags."""
    return flagged(trace.source_tokens if sides(kind)[1] == "source" else trace.target_tokens)


def sides(kind: Kind) -> list[str]:
    """Return whose words ask and whose answer, "source" or "target"."""
    asks = "source" if kind[0] == "encoder" else "target"
    return [asks, "source" if kind[1] == "cross_attn" else asks]
