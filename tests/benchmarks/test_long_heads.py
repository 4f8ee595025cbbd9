"""The benchmark of long texts: the model has the heads and the text the tokens that the rows say."""

from __future__ import annotations

from pathlib import Path

from benchmarks.long_heads import ONE, ROWS, goal_rows, save_long_model, text
from benchmarks.shapes import GPT2_LONG
from benchmarks.startup import CELL, FLOOR, HEAD, Clicks
from transformer_core.glass.walks import attention_facts, with_role
from transformer_core.models.files import load_model


def test_the_model_has_gpt2s_heads_and_reads_the_whole_text(tmp_path: Path) -> None:
    save_long_model(tmp_path)
    glass = load_model(tmp_path / "long")
    assert len(glass.read_ids(text())) == GPT2_LONG.n_tokens == 512
    heads = [attention_facts(block).heads for block in with_role(glass.plan, "attention")]
    assert heads == [GPT2_LONG.n_heads] * GPT2_LONG.n_layers == [12] * 12


def test_each_round_is_compared_with_its_own_floor() -> None:
    clicks = {
        FLOOR: Clicks(painted=[10.0, 20.0]),
        HEAD: Clicks(painted=[20.0, 40.0]),
        ONE: Clicks(painted=[30.0, 80.0]),
        CELL: Clicks(painted=[25.0, 50.0]),
    }
    rows = goal_rows(clicks)
    assert [(row.key, row.measured.middle, row.goal, row.ok) for row in rows] == [
        ("long-heads", 2.0, 2.5, True),
        ("long-head", 3.5, 2.5, False),
        ("long-cell", 2.5, 2.0, False),
    ]
    assert list(ROWS) == [HEAD, ONE, CELL]
