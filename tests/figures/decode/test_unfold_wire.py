"""What travels to the player is all that it shows, and little more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from figures.decode.unfold import unfold
from figures.decode.unfold_run import run_facts
from figures.decode.unfold_wire import packed, raw_bytes
from tests.figures.unpacked import seen, unpacked
from ui.state.models import DEFAULT_MODEL, get_model, word_of

SOURCE = "我昨天晚上在图书馆看了一本很有意思的书，今天早上没有按时起床"
STEPS = 40


@pytest.fixture(scope="module")
def shown() -> tuple[dict[str, Any], dict[str, Any]]:
    glass = get_model(DEFAULT_MODEL)
    words = [5 + 7 * i for i in range(STEPS)]
    record = glass.decode(SOURCE, prefix=words, max_length=STEPS)
    told = unfold(glass.trace_record(record), 1, 0, word_of(DEFAULT_MODEL))
    return told, run_facts(record, glass.config, [], 1e-6)


def test_nothing_is_lost_on_the_way(shown: tuple[dict[str, Any], dict[str, Any]]) -> None:
    told, run = shown
    found = unpacked(json.loads(json.dumps(packed(told, run))))
    assert seen(told).items() <= found.items()
    assert found["run"] == run
    assert packed(told, None)["run"] is None


def test_it_is_at_most_three_times_the_raw_bytes_of_what_is_shown(shown: tuple[dict[str, Any], dict[str, Any]]) -> None:
    told, run = shown
    assert len(told["steps"]) == STEPS
    assert len(json.dumps(packed(told, run)).encode()) <= 3 * raw_bytes(told, run)


def test_raw_bytes_are_counted_by_hand() -> None:
    word = {"text": "cat", "special": False}
    step = {
        "own": [1.0, 0.0],
        "cross": [0.5, 0.5],
        "mask": [True, False],
        "candidates": [{"id": 5, "word": "é", "p": 1}],
    }
    step |= {"entropy": 0.0, "chosen": {"id": 5, "rank": 1, "p": 1.0}}
    told = {"source": [word, word], "read": [word, word], "written": [word, word], "steps": [step, step]}
    columns = {"reason": "kept", "reused": 0, "length": 1, "cached": 2, "uncached": 3}
    # 3 own weights, 4 cross, 4 mask cells, 2 shares; rank, share and entropy twice; 5 columns twice; cat and é
    assert raw_bytes(told, {"steps": [columns, columns]}) == 3 + 4 + 4 + 2 + 6 + 10 + 3 + 2
