"""What the output head says of itself (section 3.4 of the paper)."""

from __future__ import annotations

import math

from transformer_core.glass.formula import operations
from transformer_core.glass.formula.kinds import pointwise, softmax_formula
from transformer_core.glass.formula.sums import Factor, contraction
from transformer_core.glass.plan import Block, OutputFacts, Value, Weight
from transformer_core.transformer.blocks import HeadConfig
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.plans.blocks import activation_formula, norm_block


def output_blocks(path: str, x: str, config: TransformerConfig, shape: HeadConfig, *, words: str) -> list[Block]:
    """Return the descriptions of the output head, which reads `x`; with its transform there are three blocks."""
    blocks = _transform_blocks(path, x, config, words) if shape.transform else []
    if blocks:
        x = f"{path}.ln.out"
    values: list[Value] = []
    symbol = "x_{i,d}"
    if shape.scale:
        root, divided = r"\sqrt{d_{model}}", r"\tilde{x}_{i,d}"
        latex, number = rf"{divided} = \frac{{{symbol}}}{{{root}}}", math.sqrt(config.d_model)
        quotient = pointwise("head_divided", operations.QUOTIENT, latex, (symbol, x), (root, number))
        values.append(Value("divided", "LD", "signed", quotient))
        symbol, x = divided, ".divided"
    b = Factor("b_v", ".b", "v") if shape.bias else None
    x_in, W = Factor(symbol, x, "l D"), Factor("W_{v,d}", ".W", "v D")
    logits = contraction("logits", r"\ell_{i,v}", "lv", x_in, W, bias=b, over="d")
    probs = softmax_formula("probs", ".logits", axis="V", letters=("p", r"\ell", "v", "u"))
    values.append(Value("logits", "LV", "logits", logits))
    values.append(Value("probs", "LV", "probabilities", probs, derived=True))
    weights = (Weight("W", "VD"), *([Weight("b", "V")] if shape.bias else []))
    facts = OutputFacts(shape.tied)
    return [*blocks, Block(path, "output", tuple(values), weights, facts, name="output", words=words)]


def _transform_blocks(path: str, x: str, config: TransformerConfig, words: str) -> list[Block]:
    x_in, W_dense = Factor("x_{i,c}", x, "l D"), Factor("W^{dense}_{c,d}", ".W_dense", "D d")
    b_dense = Factor("b^{dense}_d", ".b_dense", "d")
    dense = contraction("dense", "u_{i,d}", "ld", x_in, W_dense, bias=b_dense, over="c")
    values = (
        Value("dense", "LD", "signed", dense),
        Value("act", "LD", "signed", activation_formula(".dense", "d", config.feed_forward.activation)),
    )
    weights = Weight("W_dense", "DD"), Weight("b_dense", "D")
    return [
        Block(path, "output", values, weights, name="transform", words=words),
        norm_block(f"{path}.ln", f"{path}.act", config, name="ln", words=words),
    ]
