"""The formulas of each block of a Transformer, in the order in which `sites.py` lists their values."""

from __future__ import annotations

import math

from transformer_core.glass.formula.base import Formula
from transformer_core.glass.formula.kinds import pointwise, softmax_formula
from transformer_core.glass.formula.starts import LearnedPositions, Lookup, SinusoidalPositions, Tokens
from transformer_core.glass.formula.sums import Average, Factor, contraction
from transformer_core.transformer.config import TransformerConfig

_SINUSOIDS = (
    r"PE_{pos,2i} = \sin\theta, \quad PE_{pos,2i+1} = \cos\theta, \quad \theta = \frac{pos}{10000^{2i/d_{model}}}"
)


def embedding_formulas(path: str, config: TransformerConfig) -> list[Formula]:
    """Return the formulas of the embedding of one side."""
    tokens, lookup, scaled, pos = (f"{path}.{name}" for name in ("tokens", "lookup", "scaled", "pos"))
    formulas: list[Formula] = [
        Tokens(tokens, "tokens", (), (), "t_i"),
        Lookup(lookup, "lookup", (tokens,), (f"{path}.W_E",), r"e_{i,d} = W^E_{t_i,d}"),
    ]
    word, symbol = lookup, "e_{i,d}"
    if config.scale_embedding:
        latex, root = r"\tilde{e}_{i,d} = e_{i,d} \cdot \sqrt{d_{model}}", r"\sqrt{d_{model}}"
        arguments = (symbol, lookup), (root, math.sqrt(config.d_model))
        formulas.append(pointwise(scaled, "scaled", "product", latex, *arguments))
        word, symbol = scaled, r"\tilde{e}_{i,d}"
    if config.positions == "learned":
        table, latex = (f"{path}.W_pos",), r"PE_{i,d} = W^{pos}_{i,d}"
        formulas.append(LearnedPositions(pos, "pos_learned", (), table, latex, counted=tokens))
    else:
        formulas.append(SinusoidalPositions(pos, "pos_sinusoidal", (), (), _SINUSOIDS, counted=tokens))
    latex = rf"x_{{i,d}} = {symbol} + PE_{{i,d}}"
    return [*formulas, pointwise(f"{path}.out", "embed_out", "sum", latex, (symbol, word), ("PE_{i,d}", pos))]


def copy_formula(key: str, kind: str, x: str) -> Formula:
    """Return the formula of a value that is another one under a second name."""
    return pointwise(key, kind, "copy", "y_{i,d} = x_{i,d}", ("x_{i,d}", x))


def add_formula(key: str, x: str, sublayer: str) -> Formula:
    """Return the formula of a residual sum."""
    added = r"\mathrm{Sublayer}_{i,d}"
    return pointwise(key, "add", "sum", f"y_{{i,d}} = x_{{i,d}} + {added}", ("x_{i,d}", x), (added, sublayer))


def layer_norm_formulas(path: str, x: str, config: TransformerConfig) -> list[Formula]:
    """Return the formulas of a LayerNorm that reads `x`."""
    mean, var, normalized = f"{path}.mean", f"{path}.var", f"{path}.normalized"
    average = r"\frac{1}{d_{model}} \sum_{d} "
    return [
        Average(mean, "mean", (x,), (), rf"\mu_i = {average}x_{{i,d}}"),
        Average(var, "var", (x, mean), (), rf"\sigma^2_i = {average}(x_{{i,d}} - \mu_i)^2"),
        pointwise(
            normalized,
            "normalized",
            "normalize",
            r"\hat{x}_{i,d} = \frac{x_{i,d} - \mu_i}{\sqrt{\sigma^2_i + \epsilon}}",
            ("x_{i,d}", x),
            (r"\mu_i", mean),
            (r"\sigma^2_i", var),
            (r"\epsilon", config.norm_eps),
        ),
        pointwise(
            f"{path}.out",
            "ln_out",
            "affine",
            r"y_{i,d} = \hat{x}_{i,d}\, \gamma_d + \beta_d",
            (r"\hat{x}_{i,d}", normalized),
            (r"\gamma_d", f"{path}.gamma"),
            (r"\beta_d", f"{path}.beta"),
        ),
    ]


def feed_forward_formulas(path: str, x: str, config: TransformerConfig) -> list[Formula]:
    """Return the formulas of a feed-forward network that reads `x`."""
    pre, act, bias = f"{path}.pre", f"{path}.act", config.feed_forward_bias
    b_1 = Factor("(b_1)_f", f"{path}.b_1", "f") if bias else None
    b_2 = Factor("(b_2)_d", f"{path}.b_2", "d") if bias else None
    x_in, W_1 = Factor("x_{i,d}", x, "l D"), Factor("(W_1)_{d,f}", f"{path}.W_1", "D f")
    a_in, W_2 = Factor("a_{i,f}", act, "l F"), Factor("(W_2)_{f,d}", f"{path}.W_2", "F d")
    return [
        contraction(pre, "ffn_pre", "u_{i,f}", "lf", x_in, W_1, bias=b_1, over="d"),
        activation_formula(act, pre, "f", config),
        contraction(f"{path}.out", "ffn_out", "y_{i,d}", "ld", a_in, W_2, bias=b_2, over="f"),
    ]


def activation_formula(key: str, x: str, letter: str, config: TransformerConfig) -> Formula:
    """Return the formula of the activation of `x`, whose last axis has this letter."""
    u = f"u_{{i,{letter}}}"
    tanh = rf"\tanh\left(\sqrt{{2/\pi}}\,({u} + 0.044715\, {u}^3)\right)"
    latex = {
        "relu": rf"\max(0, {u})",
        "gelu": rf"\frac{{1}}{{2}} {u} \left(1 + \mathrm{{erf}}\frac{{{u}}}{{\sqrt{{2}}}}\right)",
        "gelu_tanh": rf"\frac{{1}}{{2}} {u} \left(1 + {tanh}\right)",
    }[config.activation]
    return pointwise(key, config.activation, config.activation, f"a_{{i,{letter}}} = {latex}", (u, x))


def head_formulas(x: str, config: TransformerConfig) -> list[Formula]:
    """Return the formulas of the head, which reads `x`."""
    formulas: list[Formula] = []
    if config.head_transform:
        x_in, W_dense = Factor("x_{i,c}", x, "l D"), Factor("W^{dense}_{c,d}", "head.W_dense", "D d")
        b_dense = Factor("b^{dense}_d", "head.b_dense", "d")
        formulas = [
            contraction("head.dense", "dense", "u_{i,d}", "ld", x_in, W_dense, bias=b_dense, over="c"),
            activation_formula("head.act", "head.dense", "d", config),
            *layer_norm_formulas("head.ln", "head.act", config),
        ]
        x = "head.ln.out"
    b = Factor("b_v", "head.b", "v") if config.output_bias else None
    x_in, W = Factor("x_{i,d}", x, "l D"), Factor("W_{v,d}", "head.W", "v D")
    return [
        *formulas,
        contraction("head.logits", "logits", r"\ell_{i,v}", "lv", x_in, W, bias=b, over="d"),
        softmax_formula("head.probs", "probs", "head.logits", axis="V", letters=("p", r"\ell", "v", "u")),
    ]
