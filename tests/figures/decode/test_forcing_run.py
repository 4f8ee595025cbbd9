"""The curves of both ways to train, and what is told about them."""

from __future__ import annotations

from typing import Any

import pytest

from figures.base.theme import theme
from figures.decode.forcing_run import findings, learning_curve
from ui.frame.text import section

# way, step, seconds, loss, right
ROWS = [
    ("forced", 0, 0.0, 3.0, 0.0),
    ("own", 0, 0.0, 3.0, 0.0),
    ("forced", 10, 1.0, 2.0, 0.4),
    ("own", 10, 2.5, 2.5, 0.3),
    ("forced", 20, 2.0, 2.1, 0.6),
    ("own", 20, 5.0, 2.2, 0.5),
    ("forced", 30, 3.0, 1.0, 0.9),
]
POINTS: list[dict[str, Any]] = [
    dict(zip(("way", "step", "seconds", "loss", "right"), row, strict=True)) for row in ROWS
]


@pytest.mark.parametrize("over", ["seconds", "step"])
def test_each_way_has_a_curve_of_its_own_points(over: Any) -> None:
    words = section("training_words", "en")
    figure = learning_curve(POINTS, over, words, theme("light"))
    forced, own = figure.data
    its = [point for point in POINTS if point["way"] == "forced"]
    assert (forced.name, own.name) == (words["forced"], words["own"])
    assert list(forced.x) == [point[over] for point in its]
    assert list(forced.y) == [point["loss"] for point in its]
    assert list(forced.customdata) == [0, 40, 60, 90]
    assert len(own.x) == 3
    assert forced.line.dash != own.line.dash  # not by colour alone
    assert figure.layout.xaxis.title.text == words[over]
    assert "{" not in forced.hovertemplate.replace("%{", "")


def test_what_is_told_compares_at_the_same_update_and_at_the_same_second() -> None:
    found = findings(POINTS)
    assert found is not None
    assert found["step"] == 20  # the own way has not come further
    assert [found["at_step"][way]["right"] for way in ("forced", "own")] == [0.6, 0.5]
    assert found["seconds"] == 3.0
    assert [found["in_time"][way]["step"] for way in ("forced", "own")] == [30, 10]
    assert found["per_update"] == pytest.approx({"forced": 0.1, "own": 0.25})
    assert found["reached"] == {0.5: {"forced": 20, "own": 20}, 0.9: {"forced": 30, "own": None}}


def test_nothing_is_told_before_both_have_learned() -> None:
    assert findings(POINTS[:3]) is None
    assert findings([]) is None
