"""The formulas of an attention block (section 3.2 of the paper), in the order in which `sites.py` lists its values."""

from __future__ import annotations

import math

from transformer_core.glass.formula.base import Formula
from transformer_core.glass.formula.kinds import Masked, pointwise, softmax_formula
from transformer_core.glass.formula.starts import CausalMask, PaddingMask
from transformer_core.glass.formula.sums import Factor, contraction
from transformer_core.transformer.config import TransformerConfig


def attention_formulas(path: str, x: str, config: TransformerConfig, *, side: str, memory: str = "") -> list[Formula]:
    """Return the formulas of an attention block.

    Args:
        path: of the block.
        x: the site that queries are made of, and keys and values too in self-attention.
        config: the shape of the model.
        side: the embedding of the positions that ask.
        memory: the site that keys and values are made of in cross-attention.
    """
    return [
        *_projections(path, x, memory, config),
        *_scores(path, config),
        _mask(f"{path}.mask", side, config, crossing=bool(memory)),
        *_weights(path),
        *_output(path, config),
    ]


def _projections(path: str, x: str, memory: str, config: TransformerConfig) -> list[Formula]:
    source, row = (memory, r"x^{\mathrm{enc}}_{j,d}") if memory else (x, "x_{j,d}")
    formulas: list[Formula] = []
    for name, letter, axis, read, symbol in (
        ("q", "i", "q", x, "x_{i,d}"),
        ("k", "j", "k", source, row),
        ("v", "j", "k", source, row),
    ):
        upper = name.upper()
        b = Factor(f"b^{upper}_e", f"{path}.b_{upper}", "he") if config.attention_bias else None
        W = Factor(f"W^{upper}_{{d,e}}", f"{path}.W_{upper}", "D he")
        x_in, result = Factor(symbol, read, f"{axis} D"), f"{name}_{{{letter},e}}"
        formulas.append(contraction(f"{path}.{name}", name, result, f"h{axis}e", x_in, W, bias=b, over="d"))
    return formulas


def _scores(path: str, config: TransformerConfig) -> list[Formula]:
    raw, root = f"{path}.scores_raw", r"\sqrt{d_{head}}"
    q, k = Factor("q_{i,e}", f"{path}.q", "h q E"), Factor("k_{j,e}", f"{path}.k", "h k E")
    latex, divided = rf"s'_{{i,j}} = \frac{{s_{{i,j}}}}{{{root}}}", ("s_{i,j}", raw)
    divisor = (root, math.sqrt(config.d_head))
    return [
        contraction(raw, "scores_raw", "s_{i,j}", "hqk", q, k, over="e"),
        pointwise(f"{path}.scores_scaled", "scores_scaled", "quotient", latex, divided, divisor),
    ]


def _mask(key: str, side: str, config: TransformerConfig, *, crossing: bool) -> Formula:
    if side == "tgt_embed" and not crossing:
        return CausalMask(key, "mask_causal", (), (), r"M_{i,j} = [\,j \le i\,]", counted=f"{side}.tokens")
    latex = r"M_{i,j} = [\,t_j \ne \mathrm{pad}\,]"
    counted, pad_id = f"{side}.tokens", config.pad_id
    return PaddingMask(key, "mask_padding", ("src_embed.tokens",), (), latex, counted=counted, pad_id=pad_id)


def _weights(path: str) -> list[Formula]:
    scores, made = f"{path}.scores", (f"{path}.scores_scaled", f"{path}.mask")
    latex = r"m_{i,j} = s'_{i,j} + \begin{cases} 0 & M_{i,j} = 1 \\ -\infty & M_{i,j} = 0 \end{cases}"
    return [
        Masked(scores, "scores", made, (), latex),
        softmax_formula(f"{path}.weights", "weights", scores, axis="K", letters=("w", "m", "j", "l")),
    ]


def _output(path: str, config: TransformerConfig) -> list[Formula]:
    z, head_out = f"{path}.z", f"{path}.head_out"
    w, v = Factor("w_{i,j}", f"{path}.weights", "h q K"), Factor("v_{j,e}", f"{path}.v", "h K e")
    z_in, W_O = Factor("z_{i,e}", z, "h q E"), Factor("W^{O,h}_{e,d}", f"{path}.W_O", "hE d")
    b = Factor("b^O_d", f"{path}.b_O", "d") if config.attention_bias else None
    out = Factor("o^h_{i,d}", head_out, "H q d")
    return [
        contraction(z, "z", "z_{i,e}", "hqe", w, v, over="j"),
        contraction(head_out, "head_out", "o^h_{i,d}", "hqd", z_in, W_O, over="e"),
        contraction(f"{path}.out", "attn_out", "y_{i,d}", "qd", out, bias=b, over="h"),
    ]
