"""The story of a head: every number told is the trace's own, and the lines of a table add up to its total."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose, assert_array_equal

from figures.head_story import MOST_TERMS, STAGES, Story, Term, tell
from figures.head_values import HeadValues, head_values, strongest_key
from figures.labels import MINUS, number
from tests.core.tiny import SHAPES, D, E, H, make_model, shape_name, trace_of
from transformer_core.trace import Trace

BLOCKS = ("encoder.1.self_attn", "decoder.0.self_attn", "decoder.1.cross_attn")
CASES = [
    (shape, block)
    for shape in SHAPES
    for block in BLOCKS
    if shape["architecture"] == "encoder-decoder"
    or (block.startswith(shape["architecture"].removesuffix("-only")) and "cross" not in block)
]
NUMBER = re.compile(r"-?(?:\d+\.\d+(?: \\cdot 10\^\{-?\d+\})?|\\infty)")
ROUNDING = 0.0006 * (MOST_TERMS + 3)  # of the printed numbers: three digits each


@lru_cache
def traced(**shape: Any) -> Trace:
    return trace_of(make_model(**shape))


def each_cell(values: HeadValues) -> list[tuple[int, int]]:
    return list(np.ndindex(values.weights.shape))


def told(stage: str, values: HeadValues, row: int, column: int) -> Story:
    return tell(stage, values, row, column, [f"{j} key" for j in range(values.weights.shape[1])])


def in_latex(x: float) -> str:
    mantissa, e, exponent = number(float(x)).replace(MINUS, "-").replace("∞", r"\infty").partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else mantissa


def plain(text: str) -> float:
    return float(text.replace(MINUS, "-").replace("∞", "inf"))


def numbers_of(latex: str) -> list[str]:
    return NUMBER.findall(latex)


def split_total(terms: tuple[Term, ...]) -> tuple[list[Term], Term]:
    *lines, total = terms
    assert total.key == "total"
    assert all(term.key != "total" for term in lines)
    return lines, total


@pytest.fixture(params=CASES, ids=lambda case: f"{shape_name(case[0])}-{case[1]}")
def block(request: pytest.FixtureRequest) -> tuple[Trace, str]:
    shape, block = request.param
    return traced(**shape), block


@pytest.mark.parametrize("head", range(H))
def test_a_heads_values_are_the_traces_and_follow_from_its_inputs(block: tuple[Trace, str], head: int) -> None:
    trace, path = block
    values = head_values(trace, path, head)
    for name in ("q", "k", "v", "scores_raw", "scores_scaled", "scores", "weights", "z"):
        assert_array_equal(getattr(values, name), trace[f"{path}.{name}"][head])
    assert_array_equal(values.mask, trace[f"{path}.mask"])
    assert values.d_head == E
    mine = slice(head * E, (head + 1) * E)
    assert values.b_Q is not None
    assert_allclose(values.x @ values.W_Q + values.b_Q, values.q, atol=1e-10)
    for name in "KV":
        W, b = trace.parameters[f"{path}.W_{name}"][:, mine], trace.parameters[f"{path}.b_{name}"][mine]
        assert_allclose(values.memory @ W + b, getattr(values, name.lower()), atol=1e-10)


def test_the_numbers_of_a_formula_are_the_traces(block: tuple[Trace, str]) -> None:
    values = head_values(*block, 1)
    for i, j in each_cell(values):
        for stage in ("scores_raw", "scores_scaled", "scores", "weights"):
            formula = told(stage, values, i, j).numbers
            assert f"_{{{i},{j}}} = " in formula
            assert formula.endswith(f" = {in_latex(getattr(values, stage)[i, j])}")
        for stage in ("q", "z"):
            e = int(np.abs(getattr(values, stage)[i]).argmax())
            formula = told(stage, values, i, j).numbers
            assert formula.startswith(f"{stage}_{{{i},{e}}} = ")
            assert told(stage, values, i, j).dimension == e
            assert formula.endswith(f" = {in_latex(getattr(values, stage)[i, e])}")


def test_the_numbers_in_between_are_the_traces_too(block: tuple[Trace, str]) -> None:
    values = head_values(*block, 2)
    for i, j in each_cell(values):
        raw, scaled = in_latex(values.scores_raw[i, j]), in_latex(values.scores_scaled[i, j])
        assert numbers_of(told("scores_scaled", values, i, j).numbers) == [raw, raw, in_latex(E**0.5), scaled]
        masked = in_latex(values.scores[i, j])
        added = [] if values.mask[i, j] else [r"-\infty"]
        assert numbers_of(told("scores", values, i, j).numbers) == [scaled, *added, masked]
        top = values.scores[i].max()
        share, whole = np.exp(values.scores[i, j] - top), np.exp(values.scores[i] - top).sum()
        expected = [masked, in_latex(top), in_latex(whole), in_latex(share), in_latex(whole)]
        formula = told("weights", values, i, j).numbers
        assert numbers_of(formula) == [*expected, in_latex(values.weights[i, j])]
        assert share / whole == pytest.approx(values.weights[i, j], abs=1e-12)


@pytest.mark.parametrize("stage", ["q", "scores_raw", "z"])
def test_the_lines_of_a_sum_add_up_to_its_total(block: tuple[Trace, str], stage: str) -> None:
    values = head_values(*block, 0)
    for i, j in each_cell(values):
        lines, total = split_total(told(stage, values, i, j).terms)
        e = int(np.abs(getattr(values, stage)[i]).argmax())
        exact = values.scores_raw[i, j] if stage == "scores_raw" else getattr(values, stage)[i, e]
        assert plain(total.numbers[-1]) == pytest.approx(exact, abs=0.0006)
        assert sum(plain(term.numbers[-1]) for term in lines) == pytest.approx(exact, abs=ROUNDING)


@pytest.mark.parametrize("stage", ["q", "scores_raw", "z"])
def test_a_line_multiplies_the_two_numbers_before_its_product(block: tuple[Trace, str], stage: str) -> None:
    values = head_values(*block, 0)
    row, column = values.weights.shape[0] - 1, 1
    story = told(stage, values, row, column)
    e = int(np.abs(getattr(values, stage)[row]).argmax()) if stage != "scores_raw" else 0
    left, right = {
        "q": (values.x[row], values.W_Q[:, e]),
        "scores_raw": (values.q[row], values.k[column]),
        "z": (values.weights[row], values.v[:, e]),
    }[stage]
    products = left * right
    lines = [term for term in story.terms if not term.key and term.label != "b"]
    order = np.argsort(-np.abs(products), kind="stable")[:MOST_TERMS]
    assert [int(re.findall(r"\d+", term.label)[0]) for term in lines] == order.tolist()
    for index, term in zip(order, lines, strict=True):
        assert term.numbers == tuple(number(float(x)) for x in (left[index], right[index], products[index]))
        assert term.bar == pytest.approx(products[index] / np.abs(products).max())
    assert numbers_of(story.numbers)[:3] == [in_latex(x) for x in products[order[:3]]]


def test_what_is_not_shown_is_one_line(block: tuple[Trace, str]) -> None:
    lines, _ = split_total(told("q", head_values(*block, 0), 2, 0).terms)
    others = [term for term in lines if term.key == "others"]
    assert [term.label for term in others] == [str(D - MOST_TERMS)]
    assert [term.label for term in lines if term.label == "b"] == ["b"]
    assert len(lines) == MOST_TERMS + 2
    # Both are drawn to the scale of the products.
    scale = plain(lines[0].numbers[-1]) / lines[0].bar
    for term in lines[MOST_TERMS:]:
        assert term.bar == pytest.approx(np.clip(plain(term.numbers[-1]) / scale, -1, 1), abs=0.002)


def test_every_key_has_a_line_and_the_chosen_one_is_marked(block: tuple[Trace, str]) -> None:
    values = head_values(*block, 1)
    n_keys = values.weights.shape[1]
    for i, j in each_cell(values):
        for stage in ("scores_scaled", "scores", "weights"):
            story = told(stage, values, i, j)
            lines = [term for term in story.terms if not term.key]
            assert [term.label for term in lines] == [f"{k} key" for k in range(n_keys)]
            assert [k for k, term in enumerate(lines) if term.mark] == [j]
            assert [term.numbers[-1] for term in lines] == [number(float(x)) for x in getattr(values, stage)[i]]
            assert all(len(term.numbers) == len(story.columns) for term in story.terms)
            assert all(-1 <= term.bar <= 1 for term in story.terms)


def test_blocked_keys_are_told_as_blocked() -> None:
    values = head_values(traced(), "decoder.0.self_attn", 0)
    lines = told("scores", values, 2, 5).terms
    assert [term.numbers[1] for term in lines] == ["✓", "✓", "✓", "×", "×", "×", "×"]
    assert [term.numbers[2] for term in lines[3:]] == [f"{MINUS}∞"] * 4
    assert [term.bar for term in lines[3:]] == [0] * 4
    weights, total = split_total(told("weights", values, 2, 5).terms)
    assert [term.numbers for term in weights[3:]] == [(f"{MINUS}∞", "0.000", "0.000")] * 4
    assert total.numbers[-1] == "1.000"
    assert numbers_of(told("weights", values, 2, 5).numbers)[0] == r"-\infty"


def test_the_bar_of_a_weight_is_the_weight() -> None:
    values = head_values(traced(), "decoder.1.cross_attn", 1)
    lines, _ = split_total(told("weights", values, 3, 0).terms)
    assert [term.bar for term in lines] == pytest.approx(values.weights[3].tolist())


@pytest.mark.parametrize("stage", STAGES)
def test_a_model_without_biases_is_told_without_them(stage: str) -> None:
    values = head_values(traced(attention_bias=False), "decoder.1.cross_attn", 1)
    assert values.b_Q is None
    story = told(stage, values, 4, 2)
    assert "b^" not in story.symbols
    assert all(term.label != "b" for term in story.terms)
    if stage == "q":
        lines, total = split_total(story.terms)
        assert sum(plain(term.numbers[-1]) for term in lines) == pytest.approx(plain(total.numbers[-1]), abs=ROUNDING)
        assert_allclose(values.x @ values.W_Q, values.q, atol=1e-10)
        assert "b^Q_e" in told("q", head_values(traced(), "decoder.1.cross_attn", 1), 4, 2).symbols


def test_a_short_sum_has_no_dots_and_a_long_one_names_the_rest() -> None:
    values = head_values(traced(), "decoder.1.cross_attn", 1)
    assert r"\dots" in told("z", values, 0, 0).numbers
    short = replace(values, weights=values.weights[:, :3], v=values.v[:3])
    story = told("z", short, 0, 0)
    assert r"\dots" not in story.numbers
    assert not [term for term in story.terms if term.key == "others"]
    generator = np.random.default_rng(0)
    n = MOST_TERMS + 7
    long = replace(values, weights=generator.dirichlet(np.ones(n), size=7), v=generator.normal(size=(n, E)))
    long = replace(long, z=long.weights @ long.v)
    lines, total = split_total(told("z", long, 3, 0).terms)
    assert [term.label for term in lines if term.key == "others"] == ["7"]
    assert sum(plain(term.numbers[-1]) for term in lines) == pytest.approx(plain(total.numbers[-1]), abs=ROUNDING)


def test_a_product_with_a_weight_of_zero_is_zero_without_a_sign() -> None:
    values = head_values(traced(), "decoder.0.self_attn", 0)
    for line in told("z", values, 0, 0).terms:
        assert f"{MINUS}0.000" not in line.numbers


def test_values_of_float32_tell_what_the_trace_holds() -> None:
    trace = trace_of(make_model(dtype=torch.float32))
    values = head_values(trace, "decoder.1.cross_attn", 2)
    assert told("weights", values, 6, 4).numbers.endswith(f" = {in_latex(values.weights[6, 4])}")


@pytest.mark.parametrize("head", range(H))
def test_the_strongest_key_has_the_largest_weight_of_its_row(head: int) -> None:
    values = head_values(traced(), "decoder.0.self_attn", head)
    assert strongest_key(values, 0) == 0  # the first row sees nothing else
    for i in range(len(values.weights)):
        assert values.weights[i, strongest_key(values, i)] == values.weights[i].max()
