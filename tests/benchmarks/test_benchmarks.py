"""The benchmark command: it runs, prints every row, and counts bytes and ratios rightly. No time is asserted."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from benchmarks import shapes
from benchmarks.results import Row, table
from benchmarks.timing import Timing, interleaved, summary
from transformer_core.glass.sites import all_sites
from transformer_core.glass.trace import Trace
from transformer_core.transformer.blocks import AttentionConfig, FeedForwardConfig
from transformer_core.transformer.config import TransformerConfig
from transformer_core.transformer.plans import transformer_plan

# What imports Hugging Face's library is imported where it is needed: that takes seconds.


def main(arguments: list[str]) -> None:
    from benchmarks.__main__ import main as command

    command(arguments)


TINY = shapes.Shape(n_layers=1, n_heads=2, d_model=8, vocab_size=37, max_length=40, n_tokens=5)


TINY_FAMILIES = {
    "gpt2": {"n_embd": 16, "n_layer": 1, "n_head": 2},
    "bert": {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32},
    "marian": {"d_model": 16, "encoder_layers": 1, "decoder_layers": 1}
    | {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 32, "decoder_ffn_dim": 32},
    "t5": {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_heads": 2},
    "llama": {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1}
    | {"intermediate_size": 32},
}
LOADING = ("load-", "first-", "anonymous-")


@pytest.fixture
def _tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure the smallest models that go through the same code."""
    from benchmarks.core import checkpoints, families

    for name in ("SMALL", "GPT2", "GPT2_LONG", "MARIAN"):
        monkeypatch.setattr(shapes, name, TINY)
    for name, family in checkpoints.FAMILIES.items():
        tiny = replace(family, fields=family.fields | TINY_FAMILIES[name])
        monkeypatch.setitem(checkpoints.FAMILIES, name, tiny)
    for name, number in (("N_TOKENS", 12), ("N_READ", 4), ("N_WORDS", 8)):
        monkeypatch.setattr(families, name, number)


@pytest.mark.peers
@pytest.mark.usefixtures("_tiny")
def test_the_command_prints_every_row(capsys: pytest.CaptureFixture[str]) -> None:
    from benchmarks.__main__ import KEYS

    keys = [key for key in KEYS if not key.startswith(LOADING)]
    main(["--rounds", "2", "--rows", *keys])
    printed = capsys.readouterr().out.splitlines()
    heading = next(i for i, line in enumerate(printed) if line.startswith("row "))
    rows = printed[heading + 1 :]
    assert [row.split()[0] for row in rows] == keys
    assert all(row.endswith(("ok", "short")) for row in rows)


@pytest.mark.peers
@pytest.mark.usefixtures("_tiny")
def test_an_opening_is_measured_in_a_process_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    keys = ["load-bert", "first-bert", "anonymous-bert"]
    main(["--rows", *keys, "--rounds", "1", "--json"])
    rows = json.loads(capsys.readouterr().out)
    assert [row["key"] for row in rows] == keys
    assert min(row["measured"]["middle"] for row in rows) > 0


@pytest.mark.peers
@pytest.mark.usefixtures("_tiny")
def test_rows_are_chosen_and_told_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--rows", "trace", "bytes", "--rounds", "1", "--json"])
    trace, held = json.loads(capsys.readouterr().out)
    assert (trace["key"], trace["goal"], trace["measured"]["n_rounds"]) == ("trace", 1.15, 1)
    assert held["key"] == "bytes"
    assert held["measured"]["middle"] >= 1


@pytest.mark.peers
@pytest.mark.parametrize("arguments", [["--rows", "speed"], ["--rounds", "0"], ["--rounds", "many"]])
def test_nonsense_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert arguments[1] in capsys.readouterr().err


def test_a_ratio_compares_within_a_round() -> None:
    ratio = Timing({"a": [1.0, 20.0, 3.0], "b": [2.0, 40.0, 2.0]}).ratio("a", "b")
    assert (ratio.middle, ratio.low, ratio.high, ratio.n_rounds) == (0.5, 0.5, 1.5, 3)


def test_every_side_is_measured_in_every_round() -> None:
    timing = interleaved({"a": lambda: sum(range(1000)), "b": lambda: sum(range(2000))}, rounds=3)
    assert {name: len(seconds) for name, seconds in timing.seconds.items()} == {"a": 3, "b": 3}
    assert min(min(seconds) for seconds in timing.seconds.values()) > 0


def test_the_table_says_what_falls_short() -> None:
    rows = [Row("fast", "a / b", 0.8, summary([0.7, 0.8, 0.9])), Row("slow", "c / d", 0.8, summary([0.81]))]
    fast, slow = table(rows).splitlines()[1:]
    assert fast.endswith("ok")
    assert slow.endswith("short")


@pytest.mark.peers
def test_held_bytes_count_a_storage_whole_and_a_shared_value_once() -> None:
    from benchmarks.core.memory import held_and_stored

    config = TransformerConfig(
        architecture="decoder-only",
        d_model=4,
        n_decoder_layers=1,
        target_vocab_size=3,
        attention=AttentionConfig(1),
        feed_forward=FeedForwardConfig(4),
    )
    plan = transformer_plan(config)
    shared, buffer = torch.zeros(2, 4), torch.zeros(100)
    values = {site.key: shared for site in all_sites(plan) if not site.derived} | {"head.logits": buffer[:6]}
    trace = Trace(plan, values, parameters={"decoder.0.self_attn.W_O": torch.zeros(4, 4)})
    assert held_and_stored(trace) == (4 * (8 + 100), 4 * (8 + 6))
