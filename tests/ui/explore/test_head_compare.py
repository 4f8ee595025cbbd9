"""Heads side by side as a session sees them: of one sentence, of two, of two models, and with and without edits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from tests.figures.base.heatmaps.unpacked_cells import unpacked_cells
from tests.ui.heads import CHINESE, opened, values, written
from tests.ui.opened import components, sound, warnings
from ui.frame.text import t
from ui.state.models import DEFAULT_MODEL, Asked, get_trace


def difference(found: dict[str, Any]) -> NDArray[np.float64]:
    both = found["difference"]
    return unpacked_cells({**both["cells"], "rows": len(both["rows"]), "columns": len(both["columns"])})


def test_two_heads_of_one_sentence_are_compared() -> None:
    at = opened(compare="head", beside="1.3", layer=2, head=0)
    found, trace = components(at)["heads_compare"], get_trace(Asked(DEFAULT_MODEL, CHINESE, ""))
    first, second = (trace[f"decoder.{layer}.cross_attn.weights"][head] for layer, head in ((2, 0), (1, 3)))
    assert_array_equal(difference(found), second - first)
    assert found["reach"] == max(first.max(), second.max())
    assert "beside" in components(at)["address"]["query"]
    sound(at.selectbox(key="choose_beside").set_value("2.0").run())
    assert not difference(components(at)["heads_compare"]).any()


def test_one_head_on_two_sentences_is_compared_where_they_have_the_same_cells() -> None:
    at = opened(compare="sentence", beside_source="我有一只狗", stack="encoder", block="self_attn", layer=1, head=1)
    one, other = (get_trace(Asked(DEFAULT_MODEL, source, "")) for source in (CHINESE, "我有一只狗"))
    key = "encoder.1.self_attn.weights"
    assert_array_equal(difference(components(at)["heads_compare"]), other[key][1] - one[key][1])
    assert any("猫 \\| 狗" in text.value for text in at.caption)
    sound(at.text_input(key="choose_beside_source").set_value("他每天喝茶。").run())
    assert components(at)["heads_compare"]["difference"] is None
    assert t("heads.no_difference", "en", first="6 × 6", second="7 × 7") in [text.value for text in at.caption]
    sound(at.text_input(key="choose_beside_source").set_value("猫" * 64).run())
    assert warnings(at) == [t("error.text_too_long", "en", n_tokens=64, limit=63)]
    assert "heads_compare" not in components(at)


@pytest.mark.slow
def test_another_model_writes_the_same_words() -> None:
    at = opened(compare="model", beside_model="zh-en-prenorm")
    found, own = components(at)["heads_compare"], get_trace(Asked(DEFAULT_MODEL, CHINESE, ""))
    twin = get_trace(Asked("zh-en-prenorm", CHINESE, written(CHINESE)))
    key = "decoder.2.cross_attn.weights"
    assert twin.written_tokens == own.written_tokens
    assert_array_equal(difference(found), twin[key][0] - own[key][0])
    assert "pre-norm" in found["titles"][1]


EDIT = "off:decoder.0.self_attn:1"


@pytest.mark.slow
def test_under_edits_it_shows_the_edited_run_the_original_or_their_difference() -> None:
    key = "decoder.2.cross_attn.weights"
    own = get_trace(Asked(DEFAULT_MODEL, CHINESE, ""))
    edited = get_trace(Asked(DEFAULT_MODEL, CHINESE, "", edits=EDIT))
    assert np.abs(edited[key] - own[key]).max() > 0.01
    at = opened(edits=EDIT, compare="original", layer=2, head=1)
    found = components(at)
    assert_array_equal(values(found["heads"])[2], edited[key])
    assert_array_equal(difference(found["heads_compare"]), edited[key][1] - own[key][1])
    found = components(opened(edits=EDIT, run="difference", scale="common", compare="original", layer=2, head=1))
    assert_array_equal(difference(found["heads_compare"]), edited[key][1] - own[key][1])
    assert found["heads_compare"]["reach"] == max(edited[key][1].max(), own[key][1].max())
    found = components(opened(edits=EDIT, run="difference"))["heads"]
    assert found["signed"] is True
    assert_array_equal(values(found)[2], edited[key] - own[key])
    assert_allclose(found["reach"][2], np.abs(edited[key] - own[key]).max(axis=(1, 2)), rtol=1e-6)
    found = components(opened(edits=EDIT, run="original"))["heads"]
    assert_array_equal(values(found)[2], own[key])
