"""Choices that stand on every page: language, model, example, layer and head; what each changes, and what it keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.translators import TRANSLATORS
from tests.ui.drawn import maps
from tests.ui.opened import (
    ATTENTION,
    PAGES,
    components,
    open_page,
    sound,
    warnings,
)
from ui.frame.text import dotted
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL

MODELS = TRANSLATORS
CHINESE = "我有一只猫"


@pytest.mark.slow
@pytest.mark.parametrize(("key", "value"), [("layer", 0), ("head", 1), ("attention", ("encoder", "self_attn"))])
def test_looking_elsewhere_changes_the_chart(key: str, value: Any) -> None:
    at = open_page(source=CHINESE, lang="en", layer=1, head=0)
    before = maps(at)["map0"]["cells"]
    sound(at.button_group(key=f"choose.{key}").set_value(value).run())
    assert not np.array_equal(maps(at)["map0"]["cells"], before)


def test_another_language_keeps_everything_but_the_words() -> None:
    at = open_page(source=CHINESE, lang="en", layer=0, head=3, stage="scores", cell="1,0")
    before, data = components(at)["address"]["query"], maps(at)["map0"]["cells"]
    sound(at.button_group(key="lang").set_value("zh").run())
    assert components(at)["address"]["query"] == {**before, "lang": "zh"}
    assert_array_equal(maps(at)["map0"]["cells"], data)
    assert at.subheader[0].value == dotted("value_name.scores", "zh")


def test_an_example_is_picked_and_clears_the_target() -> None:
    at = open_page(source=CHINESE, target="I have a dog.", lang="en")
    sound(at.menu_button(key="example").click(examples(DEFAULT_MODEL)[3]).run())
    assert at.text_input(key="source").value == examples(DEFAULT_MODEL)[3]
    assert at.text_input(key="target").value == ""


def test_another_model_keeps_what_was_typed() -> None:
    other = next(name for name in MODELS if name != DEFAULT_MODEL)
    at = open_page(source="bonjour <s>", model=DEFAULT_MODEL, lang="en", head=3)
    sound(at.selectbox(key="model").set_value(other).run())
    assert at.text_input(key="source").value == "bonjour <s>"
    assert components(at)["address"]["query"]["model"] == other


@pytest.mark.slow
def test_another_model_swaps_its_example() -> None:
    other = next(name for name in MODELS if examples(name) != examples(DEFAULT_MODEL))
    at = open_page(source=examples(DEFAULT_MODEL)[2], model=DEFAULT_MODEL, lang="en")
    sound(at.selectbox(key="model").set_value(other).run())
    assert at.text_input(key="source").value == examples(other)[0]
    assert warnings(at) == []


@pytest.mark.slow
def test_what_was_chosen_survives_a_change_of_page() -> None:
    at = open_page(source="猫 <s>", lang="zh", layer=0, head=1)
    for file in (*PAGES, ATTENTION):
        sound(at.switch_page(f"../pages/{file}").run())
        assert at.text_input(key="source").value == "猫 <s>"
        query = components(at)["address"]["query"]
        assert (query["lang"], query["layer"], query["head"]) == ("zh", "0", "1")
