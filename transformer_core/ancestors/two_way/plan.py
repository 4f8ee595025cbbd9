"""What a model of two chains says of itself."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from transformer_core.ancestors.base import ENCODER, SOURCE
from transformer_core.ancestors.cell_plans import cell_block
from transformer_core.ancestors.parts import output_block, table_block
from transformer_core.glass.formula.kinds import Softmax
from transformer_core.glass.formula.meeting import LayerMix
from transformer_core.glass.plan import Block, Plan, Value, Weight

if TYPE_CHECKING:
    from transformer_core.ancestors.two_way.model import TwoWayConfig


@lru_cache(maxsize=16)
def two_way_plan(config: TwoWayConfig) -> Plan:
    """Return the description of a model of this shape."""
    blocks, layers = [table_block("embed", stack=ENCODER, words=SOURCE)], range(config.n_encoder_layers)
    for name, reverse in (("ahead", False), ("back", True)):
        x = "embed.out"
        for n in layers:
            path = f"{name}.{n}"
            block = cell_block(path, "lstm", x, reverse=reverse, stack=ENCODER, layer=n, name=name, words=SOURCE)
            blocks.append(block)
            x = f"{path}.h"
    blocks.append(_mix_block(config.n_encoder_layers))
    for path, name in (("head", "ahead"), ("back_head", "back")):
        last = f"{name}.{layers[-1]}.h"
        blocks.append(output_block(path, last, tied=True, name=path, words=SOURCE))
    lists = (config.word_list(SOURCE, ENCODER, "embed.tokens", config.vocab_size, written=False),)
    axes = ("D", config.d_model), ("N", config.n_encoder_layers + 1)
    return Plan(config.family, axes, lists, tuple(blocks))


def _mix_block(n: int) -> Block:
    top, total = r"\max_k w_k", r"\sum_k e^{w_k - \max_k w_k}"
    latex = rf"s_j = \frac{{e^{{w_j - {top}}}}}{{{total}}}"
    shares = Softmax(kind="layer_shares", latex=latex, inputs=(".w",), axis="N", symbols=("w_k", top, total))
    values = [Value("shares", "N", "weights", shares)]
    for name, chain, arrow in (("forward_out", "ahead", "rightarrow"), ("backward_out", "back", "leftarrow")):
        h = ["x_{i,d}", *(rf"\over{arrow}{{h}}_{{{j},i,d}}" for j in range(1, n + 1))]
        terms = " + ".join(rf"s_{j}\, {symbol}" for j, symbol in enumerate(h))
        symbols = [one for j, symbol in enumerate(h) for one in (f"s_{j}", symbol)]
        mix = LayerMix(
            kind=f"mix_{chain}",
            latex=rf"m_{{i,d}} = \gamma \left( {terms} \right)",
            inputs=(".gamma", ".shares", "embed.out", *(f"{chain}.{j}.h" for j in range(n))),
            symbols=(r"\gamma", *symbols),
        )
        values.append(Value(name, "LD", "signed", mix))
    weights = Weight("w", "N"), Weight("gamma", "1")
    return Block("mix", "add", tuple(values), weights, None, ENCODER, None, "mix", SOURCE)
