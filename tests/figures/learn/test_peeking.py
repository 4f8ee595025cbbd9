"""The curves of the two models: each its losses, and the line of chance."""

from __future__ import annotations

from figures.base.theme import theme
from figures.learn.peeking import CURVES, peeking_curves

WORDS = {name: name.upper() for name in (*CURVES, "steps", "loss", "chance")}


def test_every_curve_has_its_losses_and_chance_its_line() -> None:
    losses = {name: [3.0, 2.0 + n] for n, name in enumerate(CURVES)}
    figure = peeking_curves([0, 10], losses, 2.08, WORDS, theme("dark"))
    assert [(curve.name, list(curve.x), list(curve.y)) for curve in figure.data] == [
        (name.upper(), [0, 10], losses[name]) for name in CURVES
    ]
    assert len({curve.line.color for curve in figure.data}) == len(CURVES)
    assert (figure.layout.shapes[0].y0, figure.layout.shapes[0].y1) == (2.08, 2.08)
    assert figure.layout.annotations[0].text == "CHANCE"
