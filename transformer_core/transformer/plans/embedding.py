"""What the embedding of one side says of itself."""

from __future__ import annotations

import math

from transformer_core.glass.formula import operations
from transformer_core.glass.formula.kinds import Argument, pointwise
from transformer_core.glass.formula.positions import SinusoidalPositions
from transformer_core.glass.formula.starts import LearnedPositions, Lookup, Segments, Tokens
from transformer_core.glass.plan import Block, EmbeddingFacts, Value, Weight
from transformer_core.transformer.blocks import Learned, Sinusoidal
from transformer_core.transformer.config import TransformerConfig

_SINUSOIDS = {
    "interleaved": r"PE_{pos,2i} = \sin\theta, \quad PE_{pos,2i+1} = \cos\theta",
    "halves": r"PE_{pos,i} = \sin\theta, \quad PE_{pos,\frac{d_{model}}{2}+i} = \cos\theta",
}
_ANGLE = r"\theta = \frac{pos}{10000^{2i/d_{model}}}"
# What the sum is called: a word alone, with its position, with its segment, with both.
_SUMS = {
    (False, False): "embed_word",
    (True, False): "embed_out",
    (False, True): "embed_segment",
    (True, True): "embed_both",
}


def embedding_block(path: str, config: TransformerConfig, *, stack: str, words: str) -> Block:
    """Return the description of the embedding of one side."""
    positions, shape = config.positions, config.embedding
    lookup = Lookup(kind="lookup", latex=r"e_{i,d} = W^E_{t_i,d}", inputs=(".tokens", ".W_E"))
    values = [
        Value("tokens", "L", "ids", Tokens(kind="tokens", latex="t_i")),
        Value("lookup", "LD", "signed", lookup),
    ]
    summands: list[Argument] = [("e_{i,d}", ".lookup")]
    if shape.scale:
        latex, root = r"\tilde{e}_{i,d} = e_{i,d} \cdot \sqrt{d_{model}}", r"\sqrt{d_{model}}"
        scaled = pointwise("scaled", operations.PRODUCT, latex, *summands, (root, math.sqrt(config.d_model)))
        values.append(Value("scaled", "LD", "signed", scaled))
        summands = [(r"\tilde{e}_{i,d}", ".scaled")]
    added = _positions(config)
    if added:
        values.append(added)
        summands.append(("PE_{i,d}", ".pos"))
    if shape.segments:
        values += _segments(config)
        summands.append(("g_{i,d}", ".segment"))
    latex = "x_{i,d} = " + " + ".join(symbol for symbol, _ in summands)
    kind, operation = _SUMS[bool(added), bool(shape.segments)], operations.SUM if len(summands) > 1 else operations.COPY
    values.append(Value("out", "LD", "signed", pointwise(kind, operation, latex, *summands)))
    weights = ("W_E", "VD", True), ("W_pos", "LD", isinstance(positions, Learned)), ("W_seg", "SD", shape.segments)
    told = {Sinusoidal: "sinusoidal", Learned: "learned"}.get(type(positions), "")
    facts = EmbeddingFacts(told, config.max_length)
    there = tuple(Weight(name, axes) for name, axes, has in weights if has)
    return Block(path, "embedding", tuple(values), there, facts, stack, None, "embedding", words)


def _positions(config: TransformerConfig) -> Value | None:
    positions = config.positions
    if isinstance(positions, Learned):
        row = f"i+{positions.offset}" if positions.offset else "i"
        latex = rf"PE_{{i,d}} = W^{{pos}}_{{{row},d}}"
        learned = LearnedPositions(
            kind="pos_learned", latex=latex, inputs=(".W_pos",), counted=".tokens", offset=positions.offset
        )
        return Value("pos", "LD", "signed", learned)
    if isinstance(positions, Sinusoidal):
        sinusoidal = SinusoidalPositions(
            kind="pos_sinusoidal" if positions.layout == "interleaved" else "pos_halves",
            latex=rf"{_SINUSOIDS[positions.layout]}, \quad {_ANGLE}",
            counted=".tokens",
            width=config.d_model,
            halves=positions.layout == "halves",
        )
        return Value("pos", "LD", "signed", sinusoidal)
    return None


def _segments(config: TransformerConfig) -> list[Value]:
    latex = r"p_i = \min(n_i,\; S-1), \quad n_i = \sum_{j < i} [\,t_j = \mathrm{end}\,]"
    last = config.embedding.segments - 1
    segments = Segments(kind="segments", latex=latex, inputs=(".tokens",), end=config.eos_id, last=last)
    segment = Lookup(
        kind="segment",
        latex=r"g_{i,d} = W^{seg}_{p_i,d}",
        inputs=(".segments", ".W_seg"),
        symbols=("p_i", r"W^{seg}_{p_i,d}"),
        operation=operations.ENTRY,
    )
    return [Value("segments", "L", "ids", segments), Value("segment", "LD", "signed", segment)]
