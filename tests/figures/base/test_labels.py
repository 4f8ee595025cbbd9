"""How numbers and tokens are written."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figures.base.labels import MAX_TICKS, MINUS, number, plain_row, plain_rows, tick_labels, visible_ticks
from figures.base.theme import theme
from tests.spelled import spelled

COLOURS = theme("light")


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0, "0.000"),
        (-0.0, "0.000"),
        (1.0, "1.000"),
        (1.23456, "1.235"),
        (-0.05, "−0.050"),
        (0.001, "0.001"),
        (0.00099, "9.90e−04"),
        (1.2e-7, "1.20e−07"),
        (-1.2e-7, "−1.20e−07"),
        (5e-324, "4.94e−324"),
        (99999.4, "99999.400"),
        (100000.0, "1.00e+05"),
        (-3.4e38, "−3.40e+38"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "NaN"),
    ],
)
def test_a_number_is_written_as_a_reader_would(x: float, text: str) -> None:
    assert number(x) == text


def test_the_digits_can_be_chosen() -> None:
    assert number(2 / 3, digits=2) == "0.67"
    assert number(0.004, digits=2) == "4.0e−03"


@given(st.floats(-1e300, 1e300))
def test_a_number_is_never_shown_as_zero_unless_it_is(x: float) -> None:
    shown = float(number(x).replace(MINUS, "-"))
    assert (shown == 0) == (x == 0)
    assert shown == pytest.approx(x, rel=0.006, abs=0.0005 if abs(x) >= 1e-3 else 0)
    assert "-" not in number(x)


def test_equal_tokens_keep_their_position() -> None:
    assert plain_rows(("the", "cat", "the")) == ["0 the", "1 cat", "2 the"]
    labels = tick_labels(spelled("the", "cat", "the"), COLOURS)
    assert labels == ["0 the", "1 cat", "2 the"]
    assert len(set(labels)) == 3


def test_a_decoder_row_says_what_it_reads_and_what_it_writes() -> None:
    read, written = ("<s>", "a", "cat"), ("a", "cat", "</s>")
    assert plain_rows(read, written) == ["0 <s> → a", "1 a → cat", "2 cat → </s>"]
    assert plain_row(1, read, written) == "1 a → cat"
    assert plain_row(2, read) == "2 cat"
    labels = tick_labels(spelled(*read), COLOURS, spelled(*written))
    assert labels[1] == "1 a → <b>cat</b>"
    assert labels[0].endswith("→ <b>a</b>")
    assert "&lt;/s&gt;" in labels[2]


@pytest.mark.parametrize(
    "rows", [plain_rows, lambda read, written: tick_labels(spelled(*read), COLOURS, spelled(*written))]
)
def test_as_many_words_are_written_as_read(rows: object) -> None:
    with pytest.raises(ValueError, match="zip"):
        rows(("a", "b"), ("b",))  # type: ignore[operator]


@pytest.mark.parametrize("token", ["<s>", "</s>", "<pad>"])
def test_a_special_token_looks_different_and_stays_visible(token: str) -> None:
    escaped = token.replace("<", "&lt;").replace(">", "&gt;")
    assert tick_labels(spelled(token), COLOURS) == [f'0 <i style="color:{COLOURS.special}">{escaped}</i>']


@pytest.mark.parametrize(
    ("token", "safe"),
    [
        ("<script>", "&lt;script&gt;"),
        ("<b>", "&lt;b&gt;"),
        ("&", "&amp;"),
        ("&lt;", "&amp;lt;"),
        ('"', '"'),
        ("<0xF0>", "&lt;0xF0&gt;"),
        ("$x$", "$x$"),
        ("{0}", "{0}"),
        ("ה", "ה"),
    ],
)
def test_a_token_is_text_to_plotly(token: str, safe: str) -> None:
    assert tick_labels(spelled(token), COLOURS) == [f"0 {safe}"]
    assert tick_labels(spelled("a"), COLOURS, spelled(token)) == [f"0 a → <b>{safe}</b>"]


def test_up_to_32_positions_each_has_a_tick() -> None:
    for n in range(1, MAX_TICKS + 1):
        assert visible_ticks(n) == list(range(n))
    assert visible_ticks(0) == []


@pytest.mark.parametrize("n", [33, 48, 64, 65, 128, 1000])
def test_beyond_them_every_kth_has(n: int) -> None:
    ticks = visible_ticks(n)
    steps = {b - a for a, b in itertools.pairwise(ticks)}
    assert ticks[0] == 0
    assert len(steps) == 1
    assert MAX_TICKS / 2 <= len(ticks) <= MAX_TICKS
    assert ticks[-1] < n <= ticks[-1] + steps.pop()
