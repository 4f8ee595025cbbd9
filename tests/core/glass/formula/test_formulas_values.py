"""Every value of every model follows from its inputs, the whole and cell by cell; and the check can fail."""

import json
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.core.explained import (
    DOUBLE_PRECISION,
    SINGLE_PRECISION,
    check_cell,
    check_cells,
    check_sites,
    traces,
)
from tests.core.tiny import OTHER_OPTIONS, SHAPES, make_config, make_model, shape_name, trace_of
from transformer_core.glass.formula import operations
from transformer_core.glass.formula.sums import Average
from transformer_core.glass.formulas import all_formulas, difference, find_formula
from transformer_core.models.files import bundled_models, load_model

ROOT = Path(__file__).resolve().parents[4]
TEXTS = {
    "zh": ["汤姆昨天买了一本书。", "我有一只猫"],
    "en": ["She bought a new book yesterday.", "I am tired."],
    "st": ("Lily found a shiny key in the garden.",),
    "wo": ("Birds can [MASK], but fish cannot.",),
}

WITHOUT_TORCH = """
import json, sys
sys.modules["torch"] = None
from transformer_core import Trace, difference, find_formula
trace = Trace.load(sys.argv[1])
totals = {key: find_formula(trace.plan, key).terms(trace, [0] * trace[key].ndim).total for key in trace}
print(json.dumps([{key: difference(trace, key) for key in trace}, totals]))
"""


@pytest.mark.slow
@given(traces(), st.integers(0, 2**32))
def test_random_models_are_explained_in_double_precision(trace, seed):
    check_sites(trace, DOUBLE_PRECISION)
    check_cells(trace, DOUBLE_PRECISION, np.random.default_rng(seed), n_cells=1)
    assert max(difference(trace, key) for key in trace) <= DOUBLE_PRECISION


@pytest.mark.parametrize("options", [OTHER_OPTIONS, {}], ids=["others", "default"])
@pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
def test_cells_all_over_a_tiny_model_are_explained(shape, options):
    """Every fifth cell of each site, which meets each head, position and entry."""
    trace = trace_of(make_model(make_config(**shape, **options)))
    for key, formula in all_formulas(trace.plan).items():
        atol = DOUBLE_PRECISION * formula.scale(trace)
        for index in list(np.ndindex(trace[key].shape))[::5]:
            check_cell(trace, formula.terms(trace, index), atol)


@pytest.mark.parametrize("shape", SHAPES, ids=shape_name)
def test_tiny_models_are_explained_in_single_precision(shape):
    trace = trace_of(make_model(make_config(**shape, **OTHER_OPTIONS), dtype=torch.float32))
    check_sites(trace, SINGLE_PRECISION)
    check_cells(trace, SINGLE_PRECISION, np.random.default_rng(0))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "text"), [(name, text) for name in bundled_models() for text in TEXTS[name[:2]]])
def test_the_bundled_models_are_explained(name, text):
    trace = load_model(name).trace(text)
    check_sites(trace, SINGLE_PRECISION)
    check_cells(trace, SINGLE_PRECISION, np.random.default_rng(0))
    assert max(difference(trace, key) for key in trace) <= SINGLE_PRECISION


def test_a_padded_source_is_explained_by_its_ids():
    trace = trace_of(make_model(), source=[3, 16, 7, 0, 0])
    check_sites(trace, DOUBLE_PRECISION)
    cell = find_formula(trace.plan, "decoder.0.cross_attn.mask").terms(trace, (6, 3))
    assert (cell.value, cell.total) == (0, 0)
    assert [(single.key, single.index, single.values[0]) for single in cell.singles] == [
        ("src_embed.tokens", (3,), 0),
        ("", (), 0),
    ]


def test_values_after_an_edit_follow_from_the_edited_one():
    trace = trace_of(make_model(), edit=lambda key, x: x * 2 if key == "decoder.0.cross_attn.z" else x)
    differing = [key for key in trace if difference(trace, key) > DOUBLE_PRECISION]
    assert differing == list(trace.edited) == ["decoder.0.cross_attn.z"]


def test_a_fixed_id_or_mask_keeps_its_type():
    trace = trace_of(make_model())
    for key, dtype in (("src_embed.tokens", np.int64), ("decoder.0.self_attn.mask", bool), ("encoder.out", np.float64)):
        assert find_formula(trace.plan, key).recompute(trace).dtype == dtype


@pytest.mark.slow
def test_a_loaded_trace_is_explained_where_torch_cannot_be_imported(tmp_path):
    trace = trace_of(make_model(activation="gelu", dtype=torch.float32))
    trace.save(tmp_path / "trace.npz")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_TORCH, tmp_path / "trace.npz"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    differences, totals = json.loads(done.stdout)
    assert differences == pytest.approx({key: difference(trace, key) for key in trace}, rel=0, abs=1e-12)
    assert max(differences.values()) <= SINGLE_PRECISION
    formulas = all_formulas(trace.plan)
    wanted = {key: formulas[key].terms(trace, [0] * trace[key].ndim).total for key in trace}
    assert totals == pytest.approx(wanted, rel=1e-12, abs=1e-12)


def test_a_cell_is_explained_in_less_than_five_milliseconds():
    """The fastest of a few calls, in CPU time: other work on the machine does not count."""
    trace = load_model("zh-en").trace("汤姆昨天买了一本书。")
    for key, formula in all_formulas(trace.plan).items():
        middle = tuple(n // 2 for n in trace[key].shape)
        seconds = []
        for _ in range(3):
            start = time.thread_time()
            formula.terms(trace, middle)
            seconds.append(time.thread_time() - start)
        assert min(seconds) < 0.005, key


class TestTheCheckCanFail:
    @pytest.fixture
    def trace(self):
        return trace_of(make_model())

    def both_fail(self, trace, key):
        with pytest.raises(AssertionError, match=re.escape(key)):
            check_sites(trace, DOUBLE_PRECISION)
        with pytest.raises(AssertionError, match=re.escape(key)):
            check_cells(trace, DOUBLE_PRECISION, np.random.default_rng(0))
        assert difference(trace, key) > 10 * SINGLE_PRECISION  # it would be found in a model of either precision

    @pytest.mark.parametrize(
        ("key", "change"),
        [
            ("encoder.0.self_attn.q", lambda f: {"bias": None}),
            (
                "decoder.0.cross_attn.v",
                lambda f: {"factors": (f.factors[0], replace(f.factors[1], name=f.key[:-1] + "W_K"))},
            ),
            ("decoder.0.self_attn.scores_scaled", lambda f: {"arguments": (f.arguments[0], ("d", 4.0))}),
            ("decoder.0.add1", lambda f: {"arguments": (f.arguments[0], f.arguments[0])}),
            ("encoder.0.ln1.normalized", lambda f: {"arguments": (*f.arguments[:3], ("eps", 0.1))}),
            ("decoder.1.self_attn.weights", lambda f: {"inputs": ("decoder.1.self_attn.scores_raw",)}),
        ],
        ids=["bias", "another map", "not the root", "not the residual", "eps", "unmasked"],
    )
    def test_a_formula_with_a_fault(self, trace, monkeypatch, key, change):
        formulas = all_formulas(trace.plan)
        monkeypatch.setitem(formulas, key, replace(formulas[key], **change(formulas[key])))
        self.both_fail(trace, key)

    def test_the_unbiased_variance(self, trace, monkeypatch):
        def summands(x, mean=None):
            return x / x.shape[-1] if mean is None else (x - mean) ** 2 / (x.shape[-1] - 1)

        monkeypatch.setattr(Average, "_summands", staticmethod(summands))
        self.both_fail(trace, "encoder.0.ln1.var")

    def test_another_activation(self, trace, monkeypatch):
        formulas, key = all_formulas(trace.plan), "encoder.0.ffn.act"
        monkeypatch.setitem(formulas, key, replace(formulas[key], operation=operations.GELU))
        self.both_fail(trace, key)

    def test_an_input_that_is_said_to_stand_elsewhere(self, trace):
        cell = find_formula(trace.plan, "encoder.0.add1").terms(trace, (2, 3))
        check_cell(trace, cell, 1e-12)
        moved = replace(cell, singles=(replace(cell.singles[0], index=(2, 4)), cell.singles[1]))
        with pytest.raises(AssertionError):
            check_cell(trace, moved, 1e-12)

    def test_a_term_too_few(self, trace):
        cell = find_formula(trace.plan, "encoder.0.ffn.pre").terms(trace, (2, 3))
        check_cell(trace, cell, 1e-12)
        with pytest.raises(AssertionError):
            check_cell(trace, replace(cell, values=cell.values[:-1]), 1e-12)
