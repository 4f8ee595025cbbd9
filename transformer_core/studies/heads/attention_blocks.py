"""The attention blocks of a model: found by their paths, what their queries see, and what their keys hand on.

Letters: H head, Q query position, K key position, E d_head, D d_model.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from transformer_core.glass.errors import UnknownHeadError
from transformer_core.glass.formulas import find_formula
from transformer_core.glass.guards.arguments import checked
from transformer_core.glass.plan import Block, Plan
from transformer_core.glass.sites import unknown_key
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_facts, with_role

Array = NDArray[Any]

# What a block's queries see: all words of their own list, the earlier ones, or another list.
BOTH_WAYS, CAUSAL, CROSS = "both_ways", "causal", "cross"


@checked()
def attention_blocks(plan: Plan) -> tuple[str, ...]:
    """Return the paths of all attention blocks of a model, in the order of computation."""
    return tuple(block.path for block in with_role(plan, "attention"))


def find_block(plan: Plan, path: str) -> Block:
    """Return the attention block with this path.

    Raises:
        UnknownSiteError: if the model has no such block; the message names the nearest.
    """
    blocks = {block.path: block for block in with_role(plan, "attention")}
    if path not in blocks:
        raise unknown_key(plan, path, "attention block", blocks)
    return blocks[path]


def block_kind(block: Block) -> str:
    """Return what the queries of an attention block see, as in `Measure.blocks`."""
    if block.memory:
        return CROSS
    return CAUSAL if attention_facts(block).causal else BOTH_WAYS


@checked()
def transfer(trace: Trace, block: str, head: int | None = None) -> Array:
    """Return how long the vector is that each key hands to each query: the weight times the length of v W_O.

    Where there is no W_O, as in an additive attention, the vector is the value itself. A large weight on a short vector
    means little: ||alpha v W_O||, the norm of Kobayashi et al. 2020, section 3.

    Args:
        trace: of any model.
        block: the path of an attention block, e.g. "decoder.2.cross_attn".
        head: one head; None is all of them.

    Shapes: -> [Q, K] for one head, [H, Q, K] for all.

    Raises:
        UnknownSiteError: if the model has no such block; the message names the nearest.
        UnknownHeadError: if the block has no such head.
    """
    facts = attention_facts(find_block(trace.plan, block))
    mixed = trace[find_formula(trace.plan, f"{block}.z").sites[1]]  # [G, K, E], or [K, E] for one head
    v = mixed.reshape(-1, *mixed.shape[-2:]).repeat(facts.heads // facts.kv_heads, axis=0)  # [H, K, E]
    W_O = trace.parameters.get(f"{block}.W_O")
    if head is not None and not -len(v) <= head < len(v):
        raise UnknownHeadError(f"{block} has no head {head}; it has 0 to {len(v) - 1}", head=head, last=len(v) - 1)
    heads = slice(None) if head is None else slice(head % len(v), head % len(v) + 1)
    handed = v[heads] if W_O is None else v[heads] @ W_O.reshape(v.shape[0], v.shape[2], -1)[heads]
    lengths = np.linalg.norm(handed, axis=2)  # [H, K]
    moved: Array = trace[f"{block}.weights"][heads] * lengths[:, None]
    return moved if head is None else moved[0]
