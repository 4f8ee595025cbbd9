"""The curves of gradients along a chain: every point says its word, and the axis as many as have room."""

from __future__ import annotations

import numpy as np
import pytest

from figures.base.theme import theme
from figures.road.gradients import TICKS, gradient_curves

WORDS = {"rnn": "RNN", "step": "step", "gradient": "gradient", "tell": "at {at}: {value}"}


@pytest.mark.parametrize("n", [1, TICKS, TICKS + 1, 60])
def test_no_more_words_stand_below_than_a_phone_has_room_for_and_every_point_says_its_own(n: int) -> None:
    ticks = [f"<{i}>" for i in range(n)]
    figure = gradient_curves({"rnn": [np.ones(n), np.full(n, 0.5)]}, ticks, WORDS, theme("light"), 1e-6)
    shown = figure.layout.xaxis.tickvals
    assert min(n, TICKS / 2) <= len(shown) <= TICKS
    assert list(figure.layout.xaxis.ticktext) == [f"&lt;{i}&gt;" for i in shown]
    for curve in figure.data:
        assert list(curve.hovertext) == [f"&lt;{i}&gt;" for i in range(n)]
        assert "at %{hovertext}" in curve.hovertemplate
