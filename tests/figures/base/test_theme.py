"""The colours: complete in both modes, readable, told apart by colour-blind readers, the same in every file."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import fields
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from figures.base.theme import THEME_FILE, Mode, Theme, css_variables, theme
from tests.figures.colour import EYES, contrast, distance, lightness

ROOT = Path(__file__).resolve().parents[3]
MODES: tuple[Mode, ...] = ("light", "dark")
NAMES = tuple(field.name for field in fields(Theme))
# Colours that stand side by side in one picture, where only colour and place tell them apart at a glance.
MEANINGS = ("q", "k", "v", "source", "target", "negative", "positive", "selected", "opposite")
TOGETHER = list(combinations(MEANINGS, 2))  # the map shows them all
FAR = 12.0  # CIE 1976; 2 to 3 can just be told apart side by side
NEAR = 8.0


def test_contrast_and_distance_are_right_for_known_colours() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)  # the grey that just passes WCAG AA
    assert distance("#FFFFFF", "#000000") == pytest.approx(100, abs=0.01)
    assert distance("#FF0000", "#FF0000", "protanopia") == 0
    for eye in ("protanopia", "deuteranopia"):  # a red and a green that only the usual eye sees apart
        assert distance("#A06040", "#6C7840") > 3 * distance("#A06040", "#6C7840", eye)


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_has_every_colour_and_no_other(mode: Mode) -> None:
    assert set(json.loads(THEME_FILE.read_text(encoding="utf-8"))[mode]) == set(NAMES)
    for name in NAMES:
        value = getattr(theme(mode), name)
        for colour in value if name == "weights" else (value,):
            assert re.fullmatch(r"#[0-9A-F]{6}", colour), (name, colour)


def test_the_modes_are_light_and_dark() -> None:
    assert set(json.loads(THEME_FILE.read_text(encoding="utf-8"))) == set(MODES)
    assert theme("light") != theme("dark")
    assert theme("light").background == "#FFFFFF"


@pytest.mark.parametrize("mode", MODES)
def test_css_has_a_variable_for_every_single_colour(mode: Mode) -> None:
    declared = dict(re.findall(r"--gf-(\w+): (#\w{6});", css_variables(mode)))
    assert declared == {name: getattr(theme(mode), name) for name in NAMES if name != "weights"}


def test_the_components_use_no_colour_of_their_own() -> None:
    for file in sorted((ROOT / "assets/components").rglob("*.*")):
        if file.is_relative_to(ROOT / "assets/components/katex"):  # as its authors made it: it has the colour around it
            continue
        text = file.read_text(encoding="utf-8")
        assert not re.findall(r"#[0-9A-Fa-f]{3,8}\b|\brgba?\(|\bhsl", text), file.name
        for name in re.findall(r"var\(--gf-(\w+)", text):
            assert name in NAMES, (file.name, name)


@pytest.mark.parametrize("mode", MODES)
def test_streamlits_own_theme_has_the_same_colours(mode: Mode) -> None:
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"][mode]
    assert config["backgroundColor"] == theme(mode).background
    assert config["textColor"] == theme(mode).text
    assert config["primaryColor"] == theme(mode).positive


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["text", "muted", "source", "target", "special"])
def test_a_colour_of_words_can_be_read(mode: Mode, name: str) -> None:
    assert contrast(getattr(theme(mode), name), theme(mode).background) >= 4.5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["q", "k", "v", "positive", "negative", "opposite"])
def test_a_colour_of_values_stands_out(mode: Mode, name: str) -> None:
    assert contrast(getattr(theme(mode), name), theme(mode).background) >= 3


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("eye", EYES)
def test_colours_of_one_picture_are_told_apart(mode: Mode, eye: str) -> None:
    for pair in TOGETHER:
        one, other = (getattr(theme(mode), name) for name in pair)
        assert distance(one, other, eye) >= FAR, pair


@pytest.mark.parametrize("mode", MODES)
def test_no_two_meanings_share_a_colour(mode: Mode) -> None:
    meanings = ("q", "k", "v", "source", "target", "negative", "positive", "blocked", "selected", "opposite")
    for one, other in combinations(meanings, 2):
        assert distance(getattr(theme(mode), one), getattr(theme(mode), other)) >= NEAR, (one, other)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("eye", EYES)
def test_weights_grow_steadily_away_from_the_page(mode: Mode, eye: str) -> None:
    steps = [lightness(colour, eye) for colour in theme(mode).weights]
    assert theme(mode).weights[0] == theme(mode).background
    away = [abs(step - steps[0]) for step in steps]
    assert all(b - a >= 8 for a, b in pairwise(away)), away


@pytest.mark.parametrize("mode", MODES)
def test_scales_run_from_0_to_1_and_zero_is_in_the_middle(mode: Mode) -> None:
    colours = theme(mode)
    places = [place for place, _ in colours.sequential()]
    assert places == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert colours.diverging() == [(0.0, colours.negative), (0.5, colours.neutral), (1.0, colours.positive)]
    for name in ("q", "k", "v"):
        assert colours.diverging(name) == [
            (0.0, colours.opposite),
            (0.5, colours.neutral),
            (1.0, getattr(colours, name)),
        ]


@pytest.mark.parametrize("mode", MODES)
def test_a_blocked_cell_is_no_colour_of_a_weight_or_a_score(mode: Mode) -> None:
    colours = theme(mode)
    for other in (*colours.weights, colours.neutral, colours.negative, colours.positive):
        assert distance(colours.blocked, other) >= 5, other
