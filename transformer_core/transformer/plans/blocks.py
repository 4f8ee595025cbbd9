"""What the other blocks of a Transformer say of themselves."""

from __future__ import annotations

import math
from typing import Unpack

from transformer_core.glass import operations
from transformer_core.glass.formula.base import Formula
from transformer_core.glass.formula.kinds import pointwise, softmax_formula
from transformer_core.glass.formula.starts import LearnedPositions, Lookup, SinusoidalPositions, Tokens
from transformer_core.glass.formula.sums import Average, Factor, contraction
from transformer_core.glass.plan import (
    Block,
    EmbeddingFacts,
    FeedForwardFacts,
    NamedPlace,
    NormFacts,
    OutputFacts,
    Place,
    Value,
    Weight,
)
from transformer_core.transformer.config import TransformerConfig

_SINUSOIDS = (
    r"PE_{pos,2i} = \sin\theta, \quad PE_{pos,2i+1} = \cos\theta, \quad \theta = \frac{pos}{10000^{2i/d_{model}}}"
)
ACTIVATIONS = {"relu": operations.RELU, "gelu": operations.GELU, "gelu_tanh": operations.GELU_TANH}


def embedding_block(path: str, config: TransformerConfig, *, stack: str, words: str) -> Block:
    """Return the description of the embedding of one side."""
    lookup = Lookup(kind="lookup", latex=r"e_{i,d} = W^E_{t_i,d}", inputs=(".tokens", ".W_E"))
    values = [
        Value("tokens", "L", "ids", Tokens(kind="tokens", latex="t_i")),
        Value("lookup", "LD", "signed", lookup),
    ]
    word, symbol = ".lookup", "e_{i,d}"
    if config.scale_embedding:
        latex, root = r"\tilde{e}_{i,d} = e_{i,d} \cdot \sqrt{d_{model}}", r"\sqrt{d_{model}}"
        scaled = pointwise("scaled", operations.PRODUCT, latex, (symbol, word), (root, math.sqrt(config.d_model)))
        values.append(Value("scaled", "LD", "signed", scaled))
        word, symbol = ".scaled", r"\tilde{e}_{i,d}"
    pos: Formula
    if config.positions == "learned":
        latex = r"PE_{i,d} = W^{pos}_{i,d}"
        pos = LearnedPositions(kind="pos_learned", latex=latex, inputs=(".W_pos",), counted=".tokens")
    else:
        pos = SinusoidalPositions(kind="pos_sinusoidal", latex=_SINUSOIDS, counted=".tokens", width=config.d_model)
    latex = rf"x_{{i,d}} = {symbol} + PE_{{i,d}}"
    out = pointwise("embed_out", operations.SUM, latex, (symbol, word), ("PE_{i,d}", ".pos"))
    values += [Value("pos", "LD", "signed", pos), Value("out", "LD", "signed", out)]
    weights = (Weight("W_E", "VD"), *([Weight("W_pos", "LD")] if config.positions == "learned" else []))
    facts = EmbeddingFacts(config.positions, config.max_length)
    return Block(path, "embedding", tuple(values), weights, facts, stack, None, "embedding", words)


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
    """Return the description of a LayerNorm that reads `x`."""
    average = r"\frac{1}{d_{model}} \sum_{d} "
    mean = Average(kind="mean", latex=rf"\mu_i = {average}x_{{i,d}}", inputs=(x,))
    var = Average(kind="var", latex=rf"\sigma^2_i = {average}(x_{{i,d}} - \mu_i)^2", inputs=(x, ".mean"))
    normalized = pointwise(
        "normalized",
        operations.NORMALIZE,
        r"\hat{x}_{i,d} = \frac{x_{i,d} - \mu_i}{\sqrt{\sigma^2_i + \epsilon}}",
        ("x_{i,d}", x),
        (r"\mu_i", ".mean"),
        (r"\sigma^2_i", ".var"),
        (r"\epsilon", config.norm_eps),
    )
    out = pointwise(
        "ln_out",
        operations.AFFINE,
        r"y_{i,d} = \hat{x}_{i,d}\, \gamma_d + \beta_d",
        (r"\hat{x}_{i,d}", ".normalized"),
        (r"\gamma_d", ".gamma"),
        (r"\beta_d", ".beta"),
    )
    values = (
        Value("mean", "L1", "signed", mean),
        Value("var", "L1", "variance", var),
        Value("normalized", "LD", "signed", normalized),
        Value("out", "LD", "signed", out),
    )
    weights = Weight("gamma", "D"), Weight("beta", "D")
    return Block(path, "norm", values, weights, NormFacts(centred=True, eps=config.norm_eps), **place)


def feed_forward_block(path: str, x: str, config: TransformerConfig, **place: Unpack[NamedPlace]) -> Block:
    """Return the description of a feed-forward network that reads `x`."""
    bias = config.feed_forward_bias
    b_1, b_2 = (Factor("(b_1)_f", ".b_1", "f"), Factor("(b_2)_d", ".b_2", "d")) if bias else (None, None)
    x_in, W_1 = Factor("x_{i,d}", x, "l D"), Factor("(W_1)_{d,f}", ".W_1", "D f")
    a_in, W_2 = Factor("a_{i,f}", ".act", "l F"), Factor("(W_2)_{f,d}", ".W_2", "F d")
    pre = contraction("ffn_pre", "u_{i,f}", "lf", x_in, W_1, bias=b_1, over="d")
    out = contraction("ffn_out", "y_{i,d}", "ld", a_in, W_2, bias=b_2, over="f")
    values = (
        Value("pre", "LF", "signed", pre),
        Value("act", "LF", "signed", activation_formula(".pre", "f", config.activation)),
        Value("out", "LD", "signed", out),
    )
    names = ("W_1", "DF"), ("b_1", "F"), ("W_2", "FD"), ("b_2", "D")
    weights = tuple(Weight(name, axes) for name, axes in names if bias or name.startswith("W"))
    facts = FeedForwardFacts(config.activation, gated=False)
    return Block(path, "feed_forward", values, weights, facts, **place)


def activation_formula(x: str, letter: str, activation: str) -> Formula:
    """Return the formula of the activation of `x`, whose last axis has this letter."""
    u = f"u_{{i,{letter}}}"
    tanh = rf"\tanh\left(\sqrt{{2/\pi}}\,({u} + 0.044715\, {u}^3)\right)"
    latex = {
        "relu": rf"\max(0, {u})",
        "gelu": rf"\frac{{1}}{{2}} {u} \left(1 + \mathrm{{erf}}\frac{{{u}}}{{\sqrt{{2}}}}\right)",
        "gelu_tanh": rf"\frac{{1}}{{2}} {u} \left(1 + {tanh}\right)",
    }[activation]
    return pointwise(activation, ACTIVATIONS[activation], f"a_{{i,{letter}}} = {latex}", (u, x))


def output_blocks(path: str, x: str, config: TransformerConfig, *, words: str) -> list[Block]:
    """Return the descriptions of the output head, which reads `x`; with its transform there are three blocks."""
    blocks: list[Block] = []
    if config.head_transform:
        x_in, W_dense = Factor("x_{i,c}", x, "l D"), Factor("W^{dense}_{c,d}", ".W_dense", "D d")
        b_dense = Factor("b^{dense}_d", ".b_dense", "d")
        dense = contraction("dense", "u_{i,d}", "ld", x_in, W_dense, bias=b_dense, over="c")
        values = (
            Value("dense", "LD", "signed", dense),
            Value("act", "LD", "signed", activation_formula(".dense", "d", config.activation)),
        )
        maps = Weight("W_dense", "DD"), Weight("b_dense", "D")
        blocks = [
            Block(path, "output", values, maps, name="transform", words=words),
            norm_block(f"{path}.ln", f"{path}.act", config, name="ln", words=words),
        ]
        x = f"{path}.ln.out"
    b = Factor("b_v", ".b", "v") if config.output_bias else None
    x_in, W = Factor("x_{i,d}", x, "l D"), Factor("W_{v,d}", ".W", "v D")
    values = (
        Value("logits", "LV", "logits", contraction("logits", r"\ell_{i,v}", "lv", x_in, W, bias=b, over="d")),
        Value(
            "probs",
            "LV",
            "probabilities",
            softmax_formula("probs", ".logits", axis="V", letters=("p", r"\ell", "v", "u")),
            derived=True,
        ),
    )
    weights = (Weight("W", "VD"), *([Weight("b", "V")] if config.output_bias else []))
    facts = OutputFacts(config.tie_output)
    return [*blocks, Block(path, "output", values, weights, facts, name="output", words=words)]
