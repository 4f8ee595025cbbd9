"""The panel's data: the terms add up, the largest come first, and every number names the cell it was taken from."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from figures.base.explain import MOST_TERMS, exact, explain, mathml
from figures.base.labels import MINUS
from tests.core.tiny import VARIANTS, make_model, trace_of
from transformer_core.glass.formula.operations import SUM
from transformer_core.glass.formulas import all_formulas, find_formula
from transformer_core.glass.trace import Trace
from transformer_core.transformer.config import TransformerConfig

MODEL = make_model(norm_position="pre")
PLAN = MODEL.plan


def number_of(text: str) -> float:
    return float(text.replace(MINUS, "-").replace("∞", "inf"))


def label(letter: str, i: int) -> str:
    return f"{letter}{i}"


@pytest.fixture(scope="module")
def trace() -> Trace:
    return trace_of(MODEL)


def cells(trace: Trace) -> list[tuple[str, tuple[int, ...]]]:
    """One cell of every site: its strongest."""
    return [
        (key, np.unravel_index(int(np.abs(np.nan_to_num(trace[key] * 1.0, neginf=0)).argmax()), trace[key].shape))
        for key in trace
    ]  # type: ignore[misc]


@pytest.mark.parametrize("config", [MODEL.config, *VARIANTS.values()], ids=["pre-norm", *VARIANTS])
def test_every_site_can_be_explained_and_every_formula_is_drawn(config: TransformerConfig) -> None:
    trace = trace_of(make_model(config))
    for key, index in cells(trace):
        formula = all_formulas(trace.plan)[key]
        told = explain(formula.terms(trace, index), formula.latex, label)
        for name in ("symbols", "numbers"):
            drawn = mathml(told[name])
            assert ElementTree.fromstring(drawn).tag.endswith("math"), key
            assert "\\" not in drawn, key  # a command that nobody knows would stand there as it is
        assert number_of(told["value"]) == pytest.approx(float(trace[key][index]), rel=2e-3, abs=1e-3), key
        assert all(len(row["numbers"]) == len(told["columns"]) + 1 for row in told["rows"]), key


def test_the_lines_of_a_sum_add_up_to_its_total(trace: Trace) -> None:
    summed = 0
    for key, index in cells(trace):
        cell = find_formula(PLAN, key).terms(trace, index)
        if cell.operation is not SUM:
            continue
        told = explain(cell, "x", label)
        lines = [number_of(row["numbers"][-1]["text"]) for row in told["rows"] if row["bar"] is not None]
        assert sum(lines) == pytest.approx(float(trace[key][index]), abs=1e-3 * len(lines)), key
        summed += 1
    assert summed > 30


def test_the_largest_terms_come_first_and_the_others_are_one_line(trace: Trace) -> None:
    cell = find_formula(PLAN, "decoder.1.cross_attn.q").terms(trace, (2, 3, 1))
    rows = explain(cell, "x", label)["rows"]
    terms = [abs(number_of(row["numbers"][-1]["text"])) for row in rows if "label" in row]
    assert terms == sorted(terms, reverse=True)
    assert len(terms) == MOST_TERMS < len(cell.values)
    assert [row["others"] for row in rows if "others" in row] == [len(cell.values) - MOST_TERMS]
    assert max(abs(row["bar"]) for row in rows if row["bar"] is not None) == 1


@pytest.mark.slow
def test_every_linked_number_is_that_cell_of_that_value(trace: Trace) -> None:
    linked = 0
    for key, index in cells(trace):
        cell = find_formula(PLAN, key).terms(trace, index)
        for row in explain(cell, "x", label)["rows"]:
            for source in row["numbers"]:
                if "key" in source:
                    array = trace[source["key"]] if source["key"] in trace else trace.parameters[source["key"]]
                    assert number_of(source["text"]) == pytest.approx(float(array[source["index"]]), rel=6e-3, abs=1e-3)
                    linked += 1
    assert linked > 200


def test_the_cell_of_a_softmax_is_marked_however_small_it_is(trace: Trace) -> None:
    row = trace["head.probs"][0]
    for v in (int(row.argmax()), int(row.argmin())):
        cell = find_formula(PLAN, "head.probs").terms(trace, (0, v))
        marked = [row for row in explain(cell, "x", label)["rows"] if row.get("mark")]
        assert [row["label"] for row in marked] == [f"V{v}"]


@given(st.floats(-1e300, 1e300) | st.integers(-(10**5), 10**5).map(float))
def test_a_number_is_written_so_that_it_can_be_read_back(x: float) -> None:
    text = exact(x)
    assert number_of(text) == pytest.approx(x, rel=6e-3, abs=5e-4)
    assert re.fullmatch(r"-?\d+", text.replace(MINUS, "-")) or not (x == int(x) if abs(x) < 1e6 else False)


def test_a_formula_is_drawn_once() -> None:
    assert mathml("x^2") is mathml("x^2")
