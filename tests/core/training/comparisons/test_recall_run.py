"""Who remembers: sizes that compare, attention learns what is near at once, and the command tells it line by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from transformer_core.glass.errors import ConfigError
from transformer_core.training.__main__ import main
from transformer_core.training.comparisons.recall_run import KNOWS, RecallSetting, recall_run, size_of
from transformer_core.training.comparisons.recall_task import KEPT_BY, Chain, draw


def test_the_learners_have_the_same_size_and_some_learn() -> None:
    start, *points, end = recall_run(RecallSetting(distances=(1,), seconds=1, evaluate_every=50, held_out=128))
    sizes = start["parameters"].values()
    assert max(sizes) < 1.03 * min(sizes)
    assert size_of(Chain("lstm")) == start["parameters"]["lstm"]
    assert end == {"kind": "end"}
    last = {}
    for way in start["parameters"]:
        first, second, *rest = (point for point in points if point["way"] == way)
        assert (first["step"], second["step"], first["seconds"]) == (0, 50, 0)
        assert abs(first["right"] - start["chance"]) < 0.15
        last[way] = [second, *rest][-1]
        assert last[way]["right"] >= KNOWS or last[way]["seconds"] >= 1
    assert last["attention"]["right"] >= 0.9
    with pytest.raises(ConfigError, match="seconds must be at least 1"):
        RecallSetting(seconds=0)


def test_the_bias_opens_the_gate_that_keeps() -> None:
    torch.manual_seed(0)
    plain = Chain("gru")
    torch.manual_seed(0)
    opened = Chain("gru", bias=2.5)
    for name, parameter in plain.named_parameters():
        apart = opened.get_parameter(name) - parameter
        assert torch.allclose(apart, torch.full_like(apart, 2.5 if name == f"cell.b_{KEPT_BY['gru']}" else 0.0))
    assert draw(3, 4, torch.Generator().manual_seed(0)).shape == (3, 5)


def test_the_command_tells_it_line_by_line(tmp_path: Path) -> None:
    out = tmp_path / "recall.jsonl"
    asked = ["--seconds", "1", "--evaluate-every", "1", "--batch", "2", "--held-out", "8", "--limit", "0", "--out"]
    assert main(["compare-recall", *asked, str(out)]) == 0
    start, *_, end = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    assert (start["distances"], start["seconds"], end) == ([10, 20, 40, 100], 1, {"kind": "end", "reason": "limit"})
    assert {"date", "torch", "parameters"} <= set(start)
