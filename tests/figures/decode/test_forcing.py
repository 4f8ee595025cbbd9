"""Both runs as rows: every number is one of the comparison, and losses stand beside each other once the inputs part."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache

import pytest
import torch

from figures.decode.forcing import DIGITS, two_runs
from tests.core.tiny import SOURCE_IDS, make_model
from transformer_core.decoding.decode import greedy
from transformer_core.decoding.forcing import Comparison, compare
from transformer_core.glass.capture import run_with_trace
from transformer_core.glass.words import Word

HALF = 0.5 * 10**-DIGITS + 1e-6
END = 2


def word(i: int) -> Word:
    signs = {1: "<s>", END: "</s>"}
    return Word(signs.get(i, f"word {i}"), special=i in signs)


def pieces(ids: Iterable[int]) -> list[str]:
    return [word(i).text for i in ids]


@lru_cache
def own_words() -> tuple[int, ...]:
    return tuple(greedy(make_model(), torch.tensor([SOURCE_IDS]), max_length=18)[0])


def compared(target: Sequence[int]) -> Comparison:
    return compare(make_model(), SOURCE_IDS, target)


def another(word: int) -> int:
    return 3 + (word - 2) % 10


def loss(read: Sequence[int], right: int) -> float:
    """Worked out anew: what the model says behind `read`, of the right word."""
    logits = run_with_trace(make_model(), SOURCE_IDS, list(read))["head.logits"][-1]
    return -float(torch.log_softmax(torch.tensor(logits), dim=0)[right])


def parted() -> tuple[list[int], int]:
    """A reference of 6 words whose second is not the model's."""
    right = [own_words()[0], another(own_words()[1]), 5, 7, 9, END]
    return right, 1


def test_the_rows_of_teacher_forcing_read_the_right_words() -> None:
    right, _ = parted()
    rows = two_runs(compared(right), word)["forced"]
    assert [row["read"]["text"] for row in rows] == pieces([1, *right[:-1]])
    assert [row["right"]["text"] for row in rows] == pieces(right)
    assert [row["right"]["special"] for row in rows] == [False] * 5 + [True]
    for t, row in enumerate(rows):
        assert row["loss"] == pytest.approx(loss([1, *right[:t]], right[t]), abs=HALF)
        assert -torch.log(torch.tensor(max(row["p"], 1e-12))).item() == pytest.approx(row["loss"], rel=0.2)
        assert (row["rank"] == 1) == (row["best"] == row["right"])


def test_the_rows_of_the_own_words_read_them_and_have_a_second_loss_once_the_inputs_part() -> None:
    right, parts = parted()
    told = two_runs(compared(right), word)
    own = own_words()
    rows = told["own"]
    assert [row["written"]["text"] for row in rows][: len(own)] == pieces(own)[: len(rows)]
    assert [row["read"]["text"] for row in rows] == ["<s>", *(row["written"]["text"] for row in rows[:-1])]
    assert (told["words_part"], told["inputs_part"]) == (parts, parts + 1)
    for t, row in enumerate(rows):
        if parts < t < len(right):
            assert row["loss"] == pytest.approx(loss([1, *own[:t]], right[t]), abs=HALF)
        else:
            assert row["loss"] is None


def test_the_means_are_over_the_positions_that_both_have() -> None:
    right, parts = parted()
    told = two_runs(compared(right), word)
    both = told["both"]
    there = range(parts + 1, min(len(told["own"]), len(right)))
    assert both["n"] == len(there)
    for side in ("forced", "own"):
        assert both[side] == pytest.approx(sum(told[side][t]["loss"] for t in there) / len(there), abs=2 * HALF)


def test_on_its_own_translation_the_two_never_part() -> None:
    told = two_runs(compared(own_words()), word)
    assert (told["words_part"], told["inputs_part"], told["both"]) == (None, None, None)
    assert [row["right"] for row in told["forced"]] == [row["written"] for row in told["own"]][: len(own_words())]
    assert all(row["loss"] is None for row in told["own"])
    assert {row["rank"] for row in told["forced"]} == {1}


def test_a_reference_that_ends_where_it_parts_has_no_second_loss() -> None:
    told = two_runs(compared([own_words()[0], END]), word)
    assert (told["words_part"], told["inputs_part"], told["both"]) == (1, None, None)
    assert all(row["loss"] is None for row in told["own"])


def test_the_payload_is_plain_json() -> None:
    told = two_runs(compared(parted()[0]), word)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
