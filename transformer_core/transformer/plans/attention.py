"""What an attention block says of itself (section 3.2 of the paper)."""

from __future__ import annotations

import math
from typing import Unpack

import numpy as np

from transformer_core.glass import operations
from transformer_core.glass.formula.base import Formula
from transformer_core.glass.formula.kinds import Masked, pointwise, softmax_formula
from transformer_core.glass.formula.starts import CausalMask, PaddingMask
from transformer_core.glass.formula.sums import Factor, contraction
from transformer_core.glass.plan import AttentionFacts, Block, NamedPlace, Value, Weight
from transformer_core.transformer.config import TransformerConfig

SCORES_BYTES = 64 * 2**20  # the scores of a model that could take more in its longest trace are spared


def attention_block(
    path: str,
    x: str,
    config: TransformerConfig,
    *,
    tokens: str,
    read: str = "",
    padded: str = "",
    **place: Unpack[NamedPlace],
) -> Block:
    """Return the description of an attention block.

    Args:
        path: of the block.
        x: the site that queries are made of, and keys and values too in self-attention.
        config: the shape of the model.
        tokens: the site of the ids of the positions that ask.
        read: the site that keys and values are made of in cross-attention.
        padded: the site of the ids of the keys, where padding is what is masked; "" for a causal mask.
        place: the block's stack, layer, name and word lists.
    """
    facts = AttentionFacts(config.n_heads, config.n_heads, config.d_head, causal=not padded)
    values = (*_projections(x, read, config), *_scores(config, tokens, padded), *_output(config))
    weights = tuple(
        Weight(f"{letter}_{x}", axes)
        for x in "QKVO"
        for letter, axes in (("W", "DD"), ("b", "D"))
        if letter == "W" or config.attention_bias
    )
    return Block(path, "attention", values, weights, facts, **place)


def _projections(x: str, read: str, config: TransformerConfig) -> list[Value]:
    source, row = (read, r"x^{\mathrm{enc}}_{j,d}") if read else (x, "x_{j,d}")
    values: list[Value] = []
    for name, letter, axis, origin, symbol in (
        ("q", "i", "q", x, "x_{i,d}"),
        ("k", "j", "k", source, row),
        ("v", "j", "k", source, row),
    ):
        upper, n = name.upper(), config.n_heads
        b = Factor(f"b^{upper}_e", f".b_{upper}", "he", n) if config.attention_bias else None
        W = Factor(f"W^{upper}_{{d,e}}", f".W_{upper}", "D he", n)
        x_in, result = Factor(symbol, origin, f"{axis} D"), f"{name}_{{{letter},e}}"
        formula = contraction(name, result, f"h{axis}e", x_in, W, bias=b, over="d")
        values.append(Value(name, f"H{axis.upper()}E", "signed", formula))
    return values


def _scores(config: TransformerConfig, tokens: str, padded: str) -> list[Value]:
    root = r"\sqrt{d_{head}}"
    q, k = Factor("q_{i,e}", ".q", "h q E"), Factor("k_{j,e}", ".k", "h k E")
    latex = rf"s'_{{i,j}} = \frac{{s_{{i,j}}}}{{{root}}}"
    scaled = pointwise(
        "scores_scaled", operations.QUOTIENT, latex, ("s_{i,j}", ".scores_raw"), (root, math.sqrt(config.d_head))
    )
    masked = r"m_{i,j} = s'_{i,j} + \begin{cases} 0 & M_{i,j} = 1 \\ -\infty & M_{i,j} = 0 \end{cases}"
    scores = Masked(kind="scores", latex=masked, inputs=(".scores_scaled", ".mask"))
    weights = softmax_formula("weights", ".scores", axis="K", letters=("w", "m", "j", "l"))
    raw, spared = contraction("scores_raw", "s_{i,j}", "hqk", q, k, over="e"), _spares_scores(config)
    return [
        Value("scores_raw", "HQK", "scores", raw, spared=spared),
        Value("scores_scaled", "HQK", "scores", scaled, spared=spared),
        Value("mask", "QK", "mask", _mask(tokens, padded, config)),
        Value("scores", "HQK", "scores", scores, spared=spared),
        Value("weights", "HQK", "weights", weights),
    ]


def _spares_scores(config: TransformerConfig) -> bool:
    """Whether a trace leaves out the scores, which follow cheaply from q, k and the mask.

    In a small model they are kept: then the app recomputes what the run itself has computed.
    """
    blocks = config.n_encoder_layers + config.n_decoder_layers * (2 if config.has_cross_attention else 1)
    three = 3 * np.dtype(np.float32).itemsize
    return three * blocks * config.n_heads * config.max_length**2 > SCORES_BYTES


def _mask(tokens: str, padded: str, config: TransformerConfig) -> Formula:
    if not padded:
        return CausalMask(kind="mask_causal", latex=r"M_{i,j} = [\,j \le i\,]", counted=tokens)
    latex = r"M_{i,j} = [\,t_j \ne \mathrm{pad}\,]"
    return PaddingMask(kind="mask_padding", latex=latex, inputs=(padded,), counted=tokens, pad_id=config.pad_id)


def _output(config: TransformerConfig) -> list[Value]:
    w, v = Factor("w_{i,j}", ".weights", "h q K"), Factor("v_{j,e}", ".v", "h K e")
    z, W_O = Factor("z_{i,e}", ".z", "h q E"), Factor("W^{O,h}_{e,d}", ".W_O", "hE d", config.n_heads)
    b = Factor("b^O_d", ".b_O", "d") if config.attention_bias else None
    head_out = contraction("head_out", "o^h_{i,d}", "hqd", z, W_O, over="e")
    out = contraction("attn_out", "y_{i,d}", "qd", Factor("o^h_{i,d}", ".head_out", "H q d"), bias=b, over="h")
    return [
        Value("z", "HQE", "signed", contraction("z", "z_{i,e}", "hqe", w, v, over="j")),
        Value("head_out", "HQD", "signed", head_out, derived=True),
        Value("out", "QD", "signed", out),
    ]
