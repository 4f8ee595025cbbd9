"""What an attention block says of itself (section 3.2 of the paper)."""

from __future__ import annotations

import math
from typing import Unpack

import numpy as np

from transformer_core.glass.formula import operations
from transformer_core.glass.formula.base import Formula
from transformer_core.glass.formula.kinds import Masked, pointwise, softmax_formula
from transformer_core.glass.formula.positions import DistanceBias, rotated_formula
from transformer_core.glass.formula.starts import CausalMask, PaddingMask
from transformer_core.glass.formula.sums import Factor, contraction
from transformer_core.glass.plan import AttentionFacts, Block, NamedPlace, Value, Weight
from transformer_core.transformer.blocks import RelativeBias, Rotary
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
    facts = AttentionFacts(config.n_heads, config.n_kv_heads, config.d_head, causal=not padded)
    values = _projections(x, read, config)
    if not read and isinstance(config.positions, Rotary):
        values += _turned(config.positions, config)
    relative = config.positions if not read and isinstance(config.positions, RelativeBias) else None
    values += _scores(config, turned=len(values) > 3, relative=relative, tokens=tokens, causal=not padded)
    values += _weights(values[-1].name, _mask(tokens, padded, config), spared=_spares_scores(config))
    values += _output(config)
    return Block(path, "attention", tuple(values), _parameters(config, relative), facts, **place)


def _parameters(config: TransformerConfig, relative: RelativeBias | None) -> tuple[Weight, ...]:
    inner, read = _joined("J", config.n_heads, config), _joined("M", config.n_kv_heads, config)
    bias, out_bias = config.attention.bias, config.attention.out_bias
    maps = ("Q", "D", inner, bias), ("K", "D", read, bias), ("V", "D", read, bias), ("O", inner, "D", out_bias)
    weights: list[Weight] = []
    for letter, rows, columns, has_bias in maps:
        if letter == "O" and relative:
            weights.append(Weight("W_bias", "NH"))
        weights.append(Weight(f"W_{letter}", rows + columns))
        weights += [Weight(f"b_{letter}", columns)] if has_bias else []
    return tuple(weights)


def _joined(letter: str, n_heads: int, config: TransformerConfig) -> str:
    """The letter of an axis that holds the entries of all heads: D where it is as wide as the stream."""
    return "D" if n_heads * config.d_head == config.d_model else letter


def _key_axes(config: TransformerConfig) -> str:
    return "HKE" if config.n_kv_heads == config.n_heads else "GKE"


def _projections(x: str, read: str, config: TransformerConfig) -> list[Value]:
    source, row = (read, r"x^{\mathrm{enc}}_{j,d}") if read else (x, "x_{j,d}")
    values: list[Value] = []
    for name, letter, axes, origin, symbol, n in (
        ("q", "i", "HQE", x, "x_{i,d}", config.n_heads),
        ("k", "j", _key_axes(config), source, row, config.n_kv_heads),
        ("v", "j", _key_axes(config), source, row, config.n_kv_heads),
    ):
        upper, axis = name.upper(), axes[1].lower()
        b = Factor(f"b^{upper}_e", f".b_{upper}", "he", n) if config.attention.bias else None
        W = Factor(f"W^{upper}_{{d,e}}", f".W_{upper}", "D he", n)
        x_in, result = Factor(symbol, origin, f"{axis} D"), f"{name}_{{{letter},e}}"
        formula = contraction(name, result, f"h{axis}e", x_in, W, bias=b, over="d")
        values.append(Value(name, axes, "signed", formula))
    return values


def _turned(rotary: Rotary, config: TransformerConfig) -> list[Value]:
    return [
        Value(
            f"{letter}_rot",
            axes,
            "signed",
            rotated_formula(
                f"{letter}_rot",
                f".{letter}",
                letter,
                place,
                width=config.d_head,
                base=float(rotary.theta),
                factor=float(rotary.factor),
            ),
        )
        for letter, place, axes in (("q", "i", "HQE"), ("k", "j", _key_axes(config)))
    ]


def _scores(
    config: TransformerConfig, *, turned: bool, relative: RelativeBias | None, tokens: str, causal: bool
) -> list[Value]:
    """The scores, one value for each thing that is done to them before the mask."""
    mark, end, shared = "'" if turned else "", "_rot" if turned else "", config.n_heads // config.n_kv_heads
    q, k = (
        Factor(f"q{mark}_{{i,e}}", f".q{end}", "h q E"),
        Factor(f"k{mark}_{{j,e}}", f".k{end}", "h k E", shared=shared),
    )
    raw, spared = contraction("scores_raw", "s_{i,j}", "hqk", q, k, over="e"), _spares_scores(config)
    values, symbol = [Value("scores_raw", "HQK", "scores", raw, spared=spared)], "s_{i,j}"
    if config.attention.scale:
        root, symbol = r"\sqrt{d_{head}}", "s'_{i,j}"
        latex, number = rf"{symbol} = \frac{{s_{{i,j}}}}{{{root}}}", math.sqrt(config.d_head)
        scaled = pointwise("scores_scaled", operations.QUOTIENT, latex, ("s_{i,j}", ".scores_raw"), (root, number))
        values.append(Value("scores_scaled", "HQK", "scores", scaled, spared=spared))
    if relative is not None:
        bias = DistanceBias(
            kind="bias",
            latex=r"\beta_{i,j} = W^{bias}_{n,h}, \quad n = \mathrm{bucket}(j - i)",
            inputs=(".W_bias",),
            counted=tokens,
            buckets=relative.buckets,
            max_distance=relative.max_distance,
            causal=causal,
        )
        latex = rf"s''_{{i,j}} = {symbol} + \beta_{{i,j}}"
        before = (symbol, f".{values[-1].name}")
        total = pointwise("scores_biased", operations.SUM, latex, before, (r"\beta_{i,j}", ".bias"))
        values += [Value("bias", "HQK", "signed", bias), Value("scores_biased", "HQK", "scores", total, spared=spared)]
    return values


def _weights(before: str, mask: Formula, *, spared: bool) -> list[Value]:
    """The mask, the scores under it, and the softmax of these; `before` is the name of the scores."""
    symbol = {"scores_raw": "s_{i,j}", "scores_scaled": "s'_{i,j}", "scores_biased": "s''_{i,j}"}[before]
    latex = rf"m_{{i,j}} = {symbol} + \begin{{cases}} 0 & M_{{i,j}} = 1 \\ -\infty & M_{{i,j}} = 0 \end{{cases}}"
    scores = Masked(kind="scores", latex=latex, inputs=(f".{before}", ".mask"), symbol=symbol)
    weights = softmax_formula("weights", ".scores", axis="K", letters=("w", "m", "j", "l"))
    return [
        Value("mask", "QK", "mask", mask),
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
    shared, has_bias = config.n_heads // config.n_kv_heads, config.attention.out_bias
    w, v = Factor("w_{i,j}", ".weights", "h q K"), Factor("v_{j,e}", ".v", "h K e", shared=shared)
    z, W_O = Factor("z_{i,e}", ".z", "h q E"), Factor("W^{O,h}_{e,d}", ".W_O", "hE d", config.n_heads)
    b = Factor("b^O_d", ".b_O", "d") if has_bias else None
    head_out, kind = (
        contraction("head_out", "o^h_{i,d}", "hqd", z, W_O, over="e"),
        "attn_out" if has_bias else "attn_sum",
    )
    out = contraction(kind, "y_{i,d}", "qd", Factor("o^h_{i,d}", ".head_out", "H q d"), bias=b, over="h")
    return [
        Value("z", "HQE", "signed", contraction("z", "z_{i,e}", "hqe", w, v, over="j")),
        Value("head_out", "HQD", "signed", head_out, derived=True),
        Value("out", "QD", "signed", out),
    ]
