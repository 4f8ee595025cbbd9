"""What the other blocks of a Transformer say of themselves."""

from __future__ import annotations

from typing import Unpack

from transformer_core.glass.formula import operations
from transformer_core.glass.formula.base import Formula
from transformer_core.glass.formula.kinds import pointwise
from transformer_core.glass.formula.sums import Average, Factor, contraction
from transformer_core.glass.plan import (
    Block,
    FeedForwardFacts,
    NamedPlace,
    NormFacts,
    Place,
    Value,
    Weight,
)
from transformer_core.transformer.config import TransformerConfig

_AVERAGE = r"\frac{1}{d_{model}} \sum_{d} "
ACTIVATIONS = {
    "relu": operations.RELU,
    "gelu": operations.GELU,
    "gelu_tanh": operations.GELU_TANH,
    "silu": operations.SILU,
}


def stream_block(path: str, name: str, kind: str, x: str, **place: Unpack[Place]) -> Block:
    """Return the description of a point of the residual stream: a value that is another one under a second name."""
    copy = pointwise(kind, operations.COPY, "y_{i,d} = x_{i,d}", ("x_{i,d}", x))
    return Block(path, "stream", (Value(name, "LD", "signed", copy),), name=name, **place)


def add_block(path: str, name: str, x: str, sublayer: str, **place: Unpack[Place]) -> Block:
    """Return the description of a residual sum of the stream `x` and what a sub-layer adds."""
    added = r"\mathrm{Sublayer}_{i,d}"
    total = pointwise("add", operations.SUM, f"y_{{i,d}} = x_{{i,d}} + {added}", ("x_{i,d}", x), (added, sublayer))
    return Block(path, "add", (Value(name, "LD", "signed", total),), name=name, **place)


def norm_block(path: str, x: str, config: TransformerConfig, **place: Unpack[NamedPlace]) -> Block:
    """Return the description of a normalisation that reads `x`."""
    centred = config.norm.kind == "layer_norm"
    values = _layer_norm(x, config.norm.eps) if centred else _rms_norm(x, config.norm.eps)
    weights = (Weight("gamma", "D"), Weight("beta", "D")) if centred else (Weight("gamma", "D"),)
    return Block(path, "norm", values, weights, NormFacts(centred, eps=config.norm.eps), **place)


def _layer_norm(x: str, eps: float) -> tuple[Value, ...]:
    mean = Average(kind="mean", latex=rf"\mu_i = {_AVERAGE}x_{{i,d}}", inputs=(x,))
    var = Average(kind="var", latex=rf"\sigma^2_i = {_AVERAGE}(x_{{i,d}} - \mu_i)^2", inputs=(x, ".mean"))
    normalized = pointwise(
        "normalized",
        operations.NORMALIZE,
        r"\hat{x}_{i,d} = \frac{x_{i,d} - \mu_i}{\sqrt{\sigma^2_i + \epsilon}}",
        ("x_{i,d}", x),
        (r"\mu_i", ".mean"),
        (r"\sigma^2_i", ".var"),
        (r"\epsilon", eps),
    )
    out = pointwise(
        "ln_out",
        operations.AFFINE,
        r"y_{i,d} = \hat{x}_{i,d}\, \gamma_d + \beta_d",
        (r"\hat{x}_{i,d}", ".normalized"),
        (r"\gamma_d", ".gamma"),
        (r"\beta_d", ".beta"),
    )
    return (
        Value("mean", "L1", "signed", mean),
        Value("var", "L1", "variance", var),
        Value("normalized", "LD", "signed", normalized),
        Value("out", "LD", "signed", out),
    )


def _rms_norm(x: str, eps: float) -> tuple[Value, ...]:
    latex = rf"r^2_i = {_AVERAGE}x_{{i,d}}^2"
    mean_square = Average(kind="mean_square", latex=latex, inputs=(x,), squared=True)
    normalized = pointwise(
        "rms_normalized",
        operations.RMS_NORMALIZE,
        r"\hat{x}_{i,d} = \frac{x_{i,d}}{\sqrt{r^2_i + \epsilon}}",
        ("x_{i,d}", x),
        (r"r^2_i", ".mean_square"),
        (r"\epsilon", eps),
    )
    latex = r"y_{i,d} = \hat{x}_{i,d}\, \gamma_d"
    out = pointwise("rms_out", operations.GAIN, latex, (r"\hat{x}_{i,d}", ".normalized"), (r"\gamma_d", ".gamma"))
    return (
        Value("mean_square", "L1", "variance", mean_square),
        Value("normalized", "LD", "signed", normalized),
        Value("out", "LD", "signed", out),
    )


def feed_forward_block(path: str, x: str, config: TransformerConfig, **place: Unpack[NamedPlace]) -> Block:
    """Return the description of a feed-forward network that reads `x`."""
    shape = config.feed_forward
    values, weights = _gated(x, config) if shape.gated else _plain(x, config)
    return Block(path, "feed_forward", values, weights, FeedForwardFacts(shape.activation, shape.gated), **place)


def _plain(x: str, config: TransformerConfig) -> tuple[tuple[Value, ...], tuple[Weight, ...]]:
    bias = config.feed_forward.bias
    b_1, b_2 = (Factor("(b_1)_f", ".b_1", "f"), Factor("(b_2)_d", ".b_2", "d")) if bias else (None, None)
    x_in, W_1 = Factor("x_{i,d}", x, "l D"), Factor("(W_1)_{d,f}", ".W_1", "D f")
    pre = contraction("ffn_pre", "u_{i,f}", "lf", x_in, W_1, bias=b_1, over="d")
    values = (
        Value("pre", "LF", "signed", pre),
        Value("act", "LF", "signed", activation_formula(".pre", "f", config.feed_forward.activation)),
        Value("out", "LD", "signed", _down("a_{i,f}", ".act", b_2)),
    )
    names = ("W_1", "DF"), ("b_1", "F"), ("W_2", "FD"), ("b_2", "D")
    return values, tuple(Weight(name, axes) for name, axes in names if bias or len(axes) > 1)


def _gated(x: str, config: TransformerConfig) -> tuple[tuple[Value, ...], tuple[Weight, ...]]:
    x_in, W_gate, W_up = (
        Factor("x_{i,d}", x, "l D"),
        Factor(r"W^{gate}_{d,f}", ".W_gate", "D f"),
        Factor(r"W^{up}_{d,f}", ".W_up", "D f"),
    )
    latex = r"g_{i,f} = a_{i,f}\, p_{i,f}"
    gated = pointwise("gated", operations.GATE, latex, ("a_{i,f}", ".act"), ("p_{i,f}", ".up"))
    values = (
        Value("gate", "LF", "signed", contraction("gate", "u_{i,f}", "lf", x_in, W_gate, over="d")),
        Value("act", "LF", "signed", activation_formula(".gate", "f", config.feed_forward.activation)),
        Value("up", "LF", "signed", contraction("up", "p_{i,f}", "lf", x_in, W_up, over="d")),
        Value("gated", "LF", "signed", gated),
        Value("out", "LD", "signed", _down("g_{i,f}", ".gated", None)),
    )
    return values, (Weight("W_gate", "DF"), Weight("W_up", "DF"), Weight("W_2", "FD"))


def _down(symbol: str, units: str, bias: Factor | None) -> Formula:
    W_2 = Factor("(W_2)_{f,d}", ".W_2", "F d")
    return contraction("ffn_out", "y_{i,d}", "ld", Factor(symbol, units, "l F"), W_2, bias=bias, over="f")


def activation_formula(x: str, letter: str, activation: str) -> Formula:
    """Return the formula of the activation of `x`, whose last axis has this letter."""
    u = f"u_{{i,{letter}}}"
    tanh = rf"\tanh\left(\sqrt{{2/\pi}}\,({u} + 0.044715\, {u}^3)\right)"
    latex = {
        "relu": rf"\max(0, {u})",
        "gelu": rf"\frac{{1}}{{2}} {u} \left(1 + \mathrm{{erf}}\frac{{{u}}}{{\sqrt{{2}}}}\right)",
        "gelu_tanh": rf"\frac{{1}}{{2}} {u} \left(1 + {tanh}\right)",
        "silu": rf"\frac{{{u}}}{{1 + e^{{-{u}}}}}",
    }[activation]
    return pointwise(activation, ACTIVATIONS[activation], f"a_{{i,{letter}}} = {latex}", (u, x))
