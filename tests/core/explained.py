"""What a formula must hold: the site recomputed, and every cell made of numbers that stand where it says they do."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from examples.every_number import worked_out
from tests.core.tiny import make_model
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.formula.cells import Cell
from transformer_core.glass.formulas import all_formulas, find_formula
from transformer_core.glass.trace import Trace
from transformer_core.transformer.blocks import (
    AttentionConfig,
    EmbeddingConfig,
    FeedForwardConfig,
    HeadConfig,
    Learned,
    NormConfig,
    RelativeBias,
    Rotary,
    Sinusoidal,
)
from transformer_core.transformer.config import TransformerConfig

SINGLE_PRECISION, DOUBLE_PRECISION = 1e-5, 1e-10  # of a site's largest number, a sum's terms without their signs


def check_sites(trace: Trace, tolerance: float) -> None:
    """Every site follows from its inputs."""
    for key, formula in all_formulas(trace.plan).items():
        atol = tolerance * formula.scale(trace)
        np.testing.assert_allclose(formula.recompute(trace), trace[key], rtol=0, atol=atol, err_msg=key)


def check_cells(trace: Trace, tolerance: float, rng: np.random.Generator, *, n_cells: int = 3) -> None:
    """Some cells of every site are explained."""
    for key, formula in all_formulas(trace.plan).items():
        atol = tolerance * formula.scale(trace)
        for _ in range(n_cells):
            index = tuple(int(rng.integers(n)) for n in trace[key].shape)
            check_cell(trace, formula.terms(trace, index), atol)


def check_cell(trace: Trace, cell: Cell, atol: float) -> None:
    """A cell is made of numbers of the trace, and they add up."""
    name = f"{cell.key}{list(cell.index)}"
    same = {"rtol": 0, "atol": atol, "err_msg": name}
    assert cell.value == trace[cell.key][cell.index], name
    np.testing.assert_allclose(cell.total, cell.value, **same)
    np.testing.assert_allclose(worked_out(cell), cell.value, **same)
    if cell.operation.name == "sum" and cell.axis:
        bias = sum(single.values[0] for single in cell.singles if single.summand)
        np.testing.assert_allclose(cell.values.sum() + bias, cell.value, **same)
    check_inputs(trace, cell)


def check_inputs(trace: Trace, cell: Cell) -> None:
    """Every number has its symbol in the formula and stands where it says it does."""
    formula = find_formula(trace.plan, cell.key)
    assert cell.values.dtype == np.float64
    assert bool(cell.axis) == bool(len(cell.values)) == bool(cell.factors)
    for numbers in (*cell.factors, *cell.singles):
        n_terms = len(cell.values) if numbers in cell.factors else 1
        assert numbers.values.shape == (n_terms,)
        assert numbers.values.dtype == np.float64
        assert numbers.symbol in formula.latex
        nowhere = not numbers.key and numbers in cell.factors  # what stands before the first row
        assert not nowhere or not numbers.values.any()
        assert (None in numbers.index) == (numbers in cell.factors and not nowhere)
        if numbers.key:
            assert numbers.key in (*formula.sites, *formula.parameters)
            array = (trace if numbers.key in trace else trace.parameters)[numbers.key]
            assert [array[numbers.cell(i)] for i in range(n_terms)] == numbers.values.tolist()
        else:
            assert numbers.index == ()


POSITIONS = st.one_of(
    st.builds(Sinusoidal, st.sampled_from(["interleaved", "halves"])),
    st.builds(Learned, st.integers(0, 2)),
    st.builds(Rotary, st.sampled_from([10000.0, 100.0]), st.sampled_from([1.0, 2.5])),
    st.builds(RelativeBias, st.integers(4, 8), st.integers(5, 9)),
)
FEED_FORWARDS = st.builds(
    lambda d_ff, activation, kind: FeedForwardConfig(d_ff, activation, bias=kind == "bias", gated=kind == "gated"),
    st.integers(1, 7),
    st.sampled_from(["relu", "gelu", "gelu_tanh", "silu"]),
    st.sampled_from(["bias", "no bias", "gated"]),
)
HEADS = st.builds(HeadConfig, st.booleans(), st.booleans(), st.booleans()) | st.builds(
    lambda tied, bias: HeadConfig(tied, bias, scale=True), st.booleans(), st.booleans()
)
NORMS = st.builds(NormConfig, st.sampled_from(["layer_norm", "rms_norm"]), st.sampled_from([1e-12, 1e-5, 0.1]))


@st.composite
def configs(draw: st.DrawFn) -> TransformerConfig:
    """Tiny models of every architecture with every variant of every block."""
    architecture = draw(st.sampled_from(["encoder-decoder", "encoder-only", "decoder-only"]))
    source, target = architecture != "decoder-only", architecture != "encoder-only"
    n_heads, n_kv_heads = draw(st.sampled_from([(1, 1), (2, 2), (3, 3), (2, 1), (4, 2)]))
    d_head, vocab = draw(st.sampled_from([2, 4])), draw(st.integers(5, 9))
    other_vocab, tied = draw(st.sampled_from([(vocab, True), (vocab, False), (vocab + 2, False)]))
    scale, bias, out_bias, norm = (draw(st.booleans()) for _ in range(4))
    segments = 0 if target else draw(st.integers(0, 3))
    return TransformerConfig(
        architecture=architecture,
        d_model=draw(st.sampled_from([n_heads * d_head, 6, 10])),
        n_encoder_layers=draw(st.integers(1, 2)) if source else 0,
        n_decoder_layers=draw(st.integers(1, 2)) if target else 0,
        source_vocab_size=vocab if source else 0,
        target_vocab_size=other_vocab if target else 0,
        max_length=8,
        order=draw(st.sampled_from(["post", "pre"])),
        positions=draw(POSITIONS),
        embedding=EmbeddingConfig(draw(st.booleans()), tied and source and target, segments, norm),
        attention=AttentionConfig(n_heads, n_kv_heads, d_head, scale, bias, out_bias),
        feed_forward=draw(FEED_FORWARDS),
        norm=draw(NORMS),
        head=draw(HEADS if target else HEADS | st.none()),
    )


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    """Traces of tiny random models in float64, of any words, padding on the right of the source among them."""
    config = draw(configs())
    model = make_model(config, seed=draw(st.integers(0, 99)))
    words = st.lists(st.integers(1, 4), min_size=1, max_size=5)
    source = [*draw(words), *draw(st.sampled_from([[], [0], [0, 0]]))] if config.has_encoder else None
    return run_with_trace(model, source, draw(words) if config.has_decoder else None)
