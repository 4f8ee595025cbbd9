"""What the player tells of a run besides its trace: reasons, cache, and cost."""

from __future__ import annotations

import pytest
import torch

from figures.decode.unfold_run import run_facts
from tests.core.tiny import SOURCE_IDS, S, make_model
from transformer_core.decoding.cost import step_costs
from transformer_core.decoding.decode import decode
from transformer_core.decoding.rules import GREEDY, Beam, Rule, Sampling

REASONS: list[tuple[Rule, str]] = [
    (GREEDY, "most_probable"),
    (Sampling(seed=3), "drawn"),
    (Beam(width=3), "best_branch"),
]


@pytest.mark.parametrize(("rule", "reason"), REASONS, ids=[reason for _, reason in REASONS])
def test_each_step_finds_the_rows_of_those_before_it(rule: Rule, reason: str) -> None:
    model = make_model()
    record = decode(model, torch.tensor([SOURCE_IDS]), rule)[0]
    told = run_facts(record, model.config, (), 0.0)
    assert len(told["steps"]) == len(record.ids) > 1
    for t, step in enumerate(told["steps"]):
        assert (step["reason"], step["reused"], step["length"]) == (reason, t, t + 1)
        costs = step_costs(model.config, reused=t, length=t + 1, source=S)
        assert (step["cached"], step["uncached"]) == costs


def test_a_picked_word_and_those_before_it_are_told_apart() -> None:
    model = make_model()
    record = decode(model, torch.tensor([SOURCE_IDS]), GREEDY, prefixes=[[5, 7, 4]])[0]
    told = run_facts(record, model.config, (2,), 1e-7)
    assert [step["reason"] for step in told["steps"]][:4] == ["kept", "kept", "picked", "most_probable"]
    assert {step["length"] for step in told["steps"][:3]} == {record.held[0][1]}
    assert (told["picked"], told["difference"]) == ([2], 1e-7)
