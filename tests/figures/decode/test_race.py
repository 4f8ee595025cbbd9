"""The curves of the race: one per way, told apart without colour."""

from __future__ import annotations

from figures.base.theme import theme
from figures.decode.race import WAYS, race_curves


def test_there_is_one_curve_per_way_with_its_numbers() -> None:
    times = {way: [1.0 + n, 2.0 + n] for n, way in enumerate(WAYS)}
    words = {name: name for name in (*WAYS, "words", "milliseconds")}
    figure = race_curves([8, 64], times, words, theme("light"))
    assert [curve.name for curve in figure.data] == list(WAYS)
    for curve in figure.data:
        assert list(curve.x) == [8, 64]
        assert list(curve.y) == times[curve.name]
    looks = {(curve.line.dash, curve.marker.symbol) for curve in figure.data}
    assert len(looks) == len(WAYS)
