"""The choice of a mask: what each preset opens, what a link says of it, and what was drawn for another length."""

from __future__ import annotations

import numpy as np
import pytest

from tests.core.tiny import make_model, trace_of
from ui.learn.masks.choice import MaskChoice, as_rows, blocked_row, cells, mask_of, natural_preset, read, write

CAUSAL = np.tri(4, dtype=bool)
ALL = np.ones((3, 5), dtype=bool)
DRAWN = ("1000", "0100", "1110", "0001")


@pytest.mark.parametrize(
    ("choice", "natural", "rows"),
    [
        (MaskChoice(), CAUSAL, ("1000", "1100", "1110", "1111")),
        (MaskChoice(), ALL, ("11111",) * 3),
        (MaskChoice("causal"), ALL, ("10000", "11000", "11100")),
        (MaskChoice("none"), CAUSAL, ("1111",) * 4),
        (MaskChoice("padding"), CAUSAL, ("1111",) * 4),
        (MaskChoice("window", 1), CAUSAL, ("1000", "1100", "0110", "0011")),
        (MaskChoice("window", 1), ALL, ("11000", "11100", "01110")),
        (MaskChoice("window", 0), ALL, ("10000", "01000", "00100")),
        (MaskChoice("own", drawn=DRAWN), CAUSAL, DRAWN),
    ],
)
def test_a_preset_opens_what_it_says(choice: MaskChoice, natural: np.ndarray, rows: tuple[str, ...]) -> None:
    assert as_rows(mask_of(choice, natural)) == rows


def test_what_was_drawn_for_another_length_covers_what_both_have() -> None:
    longer = np.tri(5, dtype=bool)
    assert as_rows(mask_of(MaskChoice("own", drawn=DRAWN), longer)) == (*(f"{row}0" for row in DRAWN), "11111")
    shorter = np.tri(3, dtype=bool)
    assert as_rows(mask_of(MaskChoice("own", drawn=("0001", "0100", "1110", "0001")), shorter)) == ("100", "010", "111")


def test_a_row_that_sees_nothing_is_found() -> None:
    assert blocked_row(mask_of(MaskChoice("window", 1), np.ones((7, 4), dtype=bool))) == 5
    assert blocked_row(CAUSAL) is None


@pytest.mark.parametrize(
    "choice",
    [
        MaskChoice("causal"),
        MaskChoice("none"),
        MaskChoice("window", 0),
        MaskChoice("window", 12),
        MaskChoice("own", drawn=DRAWN),
        MaskChoice("own", drawn=("0" * 63 + "1",) * 64),
    ],
)
def test_a_link_brings_it_back(choice: MaskChoice) -> None:
    assert read(write(choice)) == choice
    assert set(write(choice)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def test_a_link_with_the_longest_mask_stays_short() -> None:
    assert len(write(MaskChoice("own", drawn=("01" * 32,) * 64))) < 700


@pytest.mark.parametrize(
    "text",
    [
        *("", "all", "<b>", "window-", "window-64", "window--1", "own", "own-2x2-", "own-2x2-!!", "own-2x2-AAAA"),
        *("own-0x0-AA", "own-2x2-gA", "own-999x999-AAAA", "own-2x2-A", "own-2x2-AA=="),
    ],
)
def test_a_text_that_is_no_mask_is_none(text: str) -> None:
    assert read(text) is None


def test_every_block_has_a_preset_of_its_own() -> None:
    trace = trace_of(make_model())
    found = [
        natural_preset(trace.site(f"{path}.mask").block)
        for path in ("encoder.0.self_attn", "decoder.1.self_attn", "decoder.1.cross_attn")
    ]
    assert found == ["padding", "causal", "padding"]


def test_no_rows_are_no_mask() -> None:
    assert cells(()).shape == (0, 0)
