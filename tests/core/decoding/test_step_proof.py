"""The proof on the spot: it finds nothing where nothing is, and what there is, where it is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.core.tiny import DECODER_SHAPES, SOURCE, SOURCE_IDS, TARGET_IDS, T, make_model, shape_name
from transformer_core.decoding import step_proof
from transformer_core.decoding.forcing import teacher_forcing
from transformer_core.decoding.records import Record
from transformer_core.decoding.step_proof import prove_steps
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.formulas import find_formula
from transformer_core.glass.sites import all_sites
from transformer_core.glass.trace import Trace
from transformer_core.transformer.model import Transformer


def record_of(model: Transformer) -> Record:
    source = SOURCE[:1] if model.config.has_encoder else None
    return teacher_forcing(model, source, [[*TARGET_IDS[1:], 2]])[0]


@pytest.mark.parametrize("shape", DECODER_SHAPES, ids=shape_name)
def test_every_value_of_a_parallel_pass_is_that_of_its_step(shape: dict[str, str]) -> None:
    model = make_model(**shape)
    proof = prove_steps(model, record_of(model))
    assert proof.difference <= 1e-12
    written = [site for site in all_sites(model.plan) if not site.derived and "target" in site.sides]
    assert (proof.n_sites, proof.n_steps) == (len(written), T)


@pytest.mark.parametrize(("key", "axis"), [("decoder.1.ffn.out", 0), ("decoder.0.self_attn.scores_raw", 2)])
def test_a_difference_is_found_where_it_is(monkeypatch: pytest.MonkeyPatch, key: str, axis: int) -> None:
    model = make_model()
    largest = find_formula(model.plan, key).scale(run_with_trace(model, SOURCE_IDS, TARGET_IDS))

    def leaking(model: Transformer, source: Any, target: Any) -> Trace:
        if len(target) != 4:
            return run_with_trace(model, source, target)
        trace = run_with_trace(model, source, target)
        changed = trace[key].copy()
        changed[(slice(None),) * axis + (-1,)] += 0.25
        trace._arrays[key] = changed
        return trace

    monkeypatch.setattr(step_proof, "run_with_trace", leaking)
    proof = prove_steps(model, record_of(model))
    assert (proof.key, proof.step) == (key, 3)
    assert proof.difference == pytest.approx(0.25 / largest)


def test_a_number_against_none_is_infinitely_far(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(model: Transformer, source: Any, target: Any) -> Trace:
        trace = run_with_trace(model, source, target)
        if len(target) == 2:
            trace._arrays["head.logits"] = trace["head.logits"] * float("nan")
        return trace

    model = make_model()
    monkeypatch.setattr(step_proof, "run_with_trace", nothing)
    proof = prove_steps(model, record_of(model))
    assert (proof.difference, proof.key, proof.step) == (float("inf"), "head.logits", 1)
