"""The values of one head of one attention block, taken out of a trace.

Letters: Q query position, K key position, D d_model, E d_head.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from transformer_core.trace import Trace

Array = NDArray[Any]


@dataclass(frozen=True)
class HeadValues:
    """The values of one head of one attention block, and what its queries and keys are made of.

    Attributes:
        x, memory: what queries and what keys and values are made of, [Q, D] and [K, D].
        W_Q, b_Q: this head's columns of the query map, [D, E] and [E] (None without bias).
        q, k, v, z: [Q, E], [K, E], [K, E], [Q, E].
        scores_raw, scores_scaled, scores, weights: [Q, K]; mask is bool [Q, K].
    """

    x: Array
    memory: Array
    W_Q: Array
    b_Q: Array | None
    q: Array
    k: Array
    v: Array
    scores_raw: Array
    scores_scaled: Array
    mask: Array
    scores: Array
    weights: Array
    z: Array

    @property
    def d_head(self) -> int:
        """E, the width of the head."""
        return int(self.q.shape[1])


def head_values(trace: Trace, block: str, head: int) -> HeadValues:
    """Return the values of one head, e.g. of block "decoder.2.cross_attn"."""
    d_head = trace.config.d_head
    columns = slice(head * d_head, (head + 1) * d_head)
    bias = trace.parameters.get(f"{block}.b_Q")
    shared = ("q", "k", "v", "scores_raw", "scores_scaled", "scores", "weights", "z")
    x, memory = _inputs(trace, block)
    return HeadValues(
        x=trace[x],
        memory=trace[memory],
        W_Q=trace.parameters[f"{block}.W_Q"][:, columns],
        b_Q=None if bias is None else bias[columns],
        mask=trace[f"{block}.mask"],
        **{name: trace[f"{block}.{name}"][head] for name in shared},
    )


def strongest_key(values: HeadValues, row: int) -> int:
    """Return the key with the largest weight in a row."""
    return int(values.weights[row].argmax())


def _inputs(trace: Trace, block: str) -> tuple[str, str]:
    """The keys of what a block's queries, and its keys and values, are made of."""
    layer, kind = block.rsplit(".", 1)
    if trace.config.norm_position == "pre":
        x = f"{layer}.ln2.out" if kind == "cross_attn" else f"{layer}.ln1.out"
    else:
        x = f"{layer}.ln1.out" if kind == "cross_attn" else f"{layer}.input"
    return x, "encoder.out" if kind == "cross_attn" else x
