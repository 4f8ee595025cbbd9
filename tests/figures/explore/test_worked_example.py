"""The worked example of the literature: its numbers come out of the core's own functions."""

from __future__ import annotations

import math

import pytest

from figures.explore.worked_example import worked_example


def test_112_and_96_become_14_and_12_and_then_88_and_12_percent() -> None:
    example = worked_example()
    assert (example.scores, example.d_k) == ((112, 96), 64)
    assert example.scaled == (14, 12)
    assert example.weights == pytest.approx((1 / (1 + math.exp(-2)), 1 / (1 + math.exp(2))))
    assert [f"{weight:.2f}" for weight in example.weights] == ["0.88", "0.12"]
    assert example.unscaled[1] == pytest.approx(math.exp(-16) / (1 + math.exp(-16)))


def test_the_steps_are_written_with_their_numbers() -> None:
    root, divided, shares = worked_example().steps()
    assert root == r"\sqrt{d_k} = \sqrt{64} = 8"
    assert divided == r"\frac{112}{8} = 14 \qquad \frac{96}{8} = 12"
    assert shares == r"\frac{e^{14}}{e^{14} + e^{12}} = 0.88 \qquad \frac{e^{12}}{e^{14} + e^{12}} = 0.12"
    assert worked_example().unscaled_least() == "1.13e−07"


def test_other_numbers_have_other_results() -> None:
    example = worked_example((6.0, 6.0, 6.0), 9)
    assert example.scaled == (2, 2, 2)
    assert example.weights == pytest.approx((1 / 3,) * 3)
