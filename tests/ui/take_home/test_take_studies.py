"""All pictures of heads, masks and what-ifs that can be taken home: their numbers are what their Python works out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

import transformer_core
from tests.ui.opened import components, open_page, sound
from tests.ui.take_home.test_take_picture import values_of
from transformer_core.glass.trace import Trace
from ui.state.models import DEFAULT_MODEL, Asked, get_model, get_trace
from ui.take_home.picture import Picture

pytestmark = pytest.mark.slow

SOURCE, TWO_EDITS = "我有一只猫", "off:decoder.1.cross_attn:0;temperature:decoder.2.cross_attn:1:2.5"
CROSS = {"stack": "decoder", "block": "cross_attn", "layer": 2, "head": 1}
SELF = {"stack": "decoder", "block": "self_attn", "layer": 1, "head": 2}
Taken = Callable[..., dict[str, Picture]]


def no_session() -> None:
    raise AssertionError("a file was made with a question to the reader's session")


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Taken:
    """A function that opens a page and returns what it offers, by the names of the files."""
    found: dict[str, Picture] = {}

    def keep(page: str, stage: str, trace: Trace, pictures: list[Picture]) -> None:
        found.update({picture.name: picture for picture in pictures})

    for module in ("explore.heads", "learn.masks.laboratory", "learn.studies"):
        monkeypatch.setattr(f"ui.{module}.take_pictures", keep)
    monkeypatch.setattr(transformer_core, "load_model", get_model, raising=False)

    def opened(page: str, **query: object) -> dict[str, Picture]:
        found.clear()
        open_page(page, **{"lang": "en", "source": SOURCE, **query})
        for module in (
            "take_home.heads",
            "take_home.masks",
            *(f"learn.{name}" for name in ("masks.laboratory", "patching", "importance", "what_if")),
        ):
            monkeypatch.setattr(f"ui.{module}.mode", no_session)  # files are made behind the page's back
        monkeypatch.setattr("streamlit.spinner", no_session)
        return dict(found)

    return opened


def check(pictures: dict[str, Picture]) -> dict[str, Any]:
    """Hold every picture against its code; return the numbers."""
    numbers = {}
    for name, picture in pictures.items():
        matrix = picture.matrix()
        numbers[name] = matrix.values
        assert_allclose(values_of(picture.snippet()), matrix.values, atol=1e-5, err_msg=name)
        n_rows, n_columns = matrix.values.shape
        assert (len(matrix.axes.rows), len(matrix.axes.columns) or n_columns) == (n_rows, n_columns)
    return numbers


HEADS = "explore/heads.py"


class TestHeads:
    @pytest.mark.parametrize(("run", "shown"), [("edited", "carried"), ("difference", "weight")])
    def test_the_open_head_and_all_measures_under_edits(self, taken: Taken, run: str, shown: str) -> None:
        found = check(taken(HEADS, edits=TWO_EDITS, run=run, shown=shown, **CROSS))
        measures, head = found.values()
        config = get_model(DEFAULT_MODEL).config
        assert len(measures) == config.n_decoder_layers * config.n_heads
        asked = Asked(DEFAULT_MODEL, SOURCE, "", TWO_EDITS)
        if run == "difference":
            key = "decoder.2.cross_attn.weights"
            assert np.abs(head).max() > 0.01
            assert_allclose(head, get_trace(asked)[key][1] - get_trace(asked.plain)[key][1], rtol=1e-6)

    def test_measures_over_all_examples(self, taken: Taken) -> None:
        pictures = taken(HEADS, over="set", **CROSS)
        assert "aligned.get(sentence)" in pictures["decoder.cross_attn-measures"].snippet()
        check(pictures)

    @pytest.mark.parametrize(
        ("query", "same"),
        [
            ({"compare": "head", "beside": "0.3"}, True),
            ({"compare": "sentence", "beside_source": "我有一只狗", "edits": TWO_EDITS}, True),
            ({"compare": "sentence", "beside_source": "猫"}, False),
            ({"compare": "model"}, True),
            ({"compare": "original", "edits": TWO_EDITS, "shown": "carried"}, True),
        ],
        ids=["head", "sentence", "shorter", "model", "original"],
    )
    def test_a_comparison_and_its_difference(self, taken: Taken, query: dict[str, str], same: bool) -> None:
        found = check(taken(HEADS, **CROSS, **query))
        names = [name.split("-")[1] for name in found if name.startswith("compared-")]
        assert names == ["first", "second", *(["difference"] if same else [])]
        if same:
            first, second, difference = list(found.values())[-3:]
            assert np.abs(difference).max() > 0
            assert_allclose(difference, second - first, rtol=1e-6)


class TestMasks:
    @pytest.mark.parametrize(
        ("value", "mask"),
        [
            ("weights", {}),
            ("weights", {"mask": "none", "mask_layers": "all"}),
            ("z", {"mask": "window-1"}),
            ("scores", {"mask": "own-7x7-gICg8ODA_w", "mask_layers": "all"}),
        ],
    )
    def test_the_mask_and_both_runs(self, taken: Taken, value: str, mask: dict[str, str]) -> None:
        pictures = taken("learn/masks.py", mask_value=value, **SELF, **mask)
        drawn, before, after, apart, words = check(pictures).values()
        assert words.shape == (len(drawn), 2)
        if value == "weights":
            assert_allclose(after[drawn == 0], 0)
        there = np.isfinite(before) & np.isfinite(after)
        assert_allclose(apart[there], after[there] - before[there], atol=1e-5)
        assert np.isnan(apart[~there]).all()
        assert bool(apart[there].any()) == bool(mask)


class TestStudies:
    PAGE = "learn/what_if.py"

    @pytest.mark.parametrize("query", [{}, {"target": "I have a dog .", "pair_quantity": "loss", "edits": TWO_EDITS}])
    def test_importance_and_both_sides_of_the_walk(self, taken: Taken, query: dict[str, str]) -> None:
        pictures = taken(self.PAGE, **query)
        spreads = ["spread-encoder", "spread-decoder"] if "edits" in query else []
        assert list(pictures) == [*spreads, "importance", "patching-source", "patching-target"]
        numbers = check(pictures)
        for name in spreads:  # the heads that are off stand in the decoder
            assert numbers[name].any() == (name == "spread-decoder")

    def test_the_examples_so_far(self, monkeypatch: pytest.MonkeyPatch, taken: Taken) -> None:
        monkeypatch.setattr("ui.learn.importance.examples", lambda model: ("他每天喝茶。", SOURCE, "请把门关上。"))
        monkeypatch.setattr("ui.learn.importance.in_parts", lambda *args, **more: 2)
        pictures = taken(self.PAGE, importance_on="set")
        assert list(pictures)[:2] == ["importance-mean", "importance-spread"]
        check({name: pictures[name] for name in list(pictures)[:2]})

    def test_without_a_picture_there_is_no_offer(self, taken: Taken) -> None:
        assert taken(self.PAGE, importance_on="set", pair_first="猫", pair_second="猫") == {}


def test_the_offer_follows_the_pictures() -> None:
    at = open_page(HEADS, lang="en", source=SOURCE, compare="head", **CROSS)
    at.session_state["heads.export"] = True
    sound(at.run())
    assert components(at)["pictures"]["part"] == ""
    at.session_state["heads.which"] = 4
    sound(at.run())
    told = components(at)["pictures"]
    assert (told["chart"], told["part"]) == ("st-key-two_heads", ".compared section:nth-of-type(3)")
    at.session_state["choose_compare"] = "none"
    at.session_state["option.compare"] = "none"
    sound(at.run())
    assert components(at)["pictures"]["chart"] == "st-key-all_heads"
