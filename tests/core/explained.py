"""What a formula must hold: the site recomputed, and every cell made of numbers that stand where it says they do."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from examples.every_number import worked_out
from tests.core.tiny import make_model
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.cells import Cell
from transformer_core.glass.formulas import all_formulas, find_formula
from transformer_core.glass.trace import Trace
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
        bias = sum(single.values[0] for single in cell.singles if single.key in trace.parameters)
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


@st.composite
def configs(draw: st.DrawFn) -> TransformerConfig:
    """Tiny models of every architecture with every option."""
    architecture = draw(st.sampled_from(["encoder-decoder", "encoder-only", "decoder-only"]))
    n_heads, vocab = draw(st.integers(1, 3)), draw(st.integers(5, 9))
    other_vocab, tie_embeddings = draw(st.sampled_from([(vocab, True), (vocab, False), (vocab + 2, False)]))
    source, target = architecture != "decoder-only", architecture != "encoder-only"
    flags = ("scale_embedding", "tie_output", "attention_bias", "feed_forward_bias", "output_bias", "head_transform")
    return TransformerConfig(
        architecture=architecture,
        n_heads=n_heads,
        d_model=n_heads * draw(st.sampled_from([2, 4])),
        d_ff=draw(st.integers(1, 7)),
        n_encoder_layers=draw(st.integers(1, 2)) if source else 0,
        n_decoder_layers=draw(st.integers(1, 2)) if target else 0,
        source_vocab_size=vocab if source else 0,
        target_vocab_size=other_vocab if target else 0,
        tie_embeddings=tie_embeddings and source and target,
        norm_position=draw(st.sampled_from(["post", "pre"])),
        activation=draw(st.sampled_from(["relu", "gelu", "gelu_tanh"])),
        positions=draw(st.sampled_from(["sinusoidal", "learned"])),
        norm_eps=draw(st.sampled_from([1e-12, 1e-5, 0.1])),
        max_length=8,
        **{flag: draw(st.booleans()) for flag in flags},
    )


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    """Traces of tiny random models in float64, of any words, padding on the right of the source among them."""
    config = draw(configs())
    model = make_model(config, seed=draw(st.integers(0, 99)))
    words = st.lists(st.integers(1, 4), min_size=1, max_size=5)
    source = [*draw(words), *draw(st.sampled_from([[], [0], [0, 0]]))] if config.has_encoder else None
    return run_with_trace(model, source, draw(words) if config.has_decoder else None)
