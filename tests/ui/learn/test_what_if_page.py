"""The page of edits: experiments, the workbench for every kind of edit, and what the edits do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from figures.learn.what_if import effect, road_keys, spread
from tests.translators import TRANSLATORS
from tests.ui.drawn import maps, told
from tests.ui.opened import ONE_LANGUAGE, charts, components, open_page, sound, warnings, words
from transformer_core.edits.parse import parse_edits
from ui.bar.compose import KINDS
from ui.frame.experiments import NAMES, experiment, patched_pair
from ui.frame.text import dotted
from ui.state.edit_list import in_effect
from ui.state.models import Asked, get_model, get_trace

PAGE = "learn/what_if.py"
SOURCE = "我有一只猫"
RESIDUAL = "no_residual:encoder.0.add1"


def opened(**query: Any) -> Any:
    return open_page(PAGE, **({"lang": "en", "source": SOURCE} | query))


def button(at: Any) -> Any:
    return at.button(key="compose.add")


@pytest.mark.slow
@pytest.mark.parametrize("model", TRANSLATORS)
def test_every_experiment_can_be_made_and_does_something(model: str) -> None:
    pair = patched_pair(model)
    assert pair is not None
    plain = Asked(model, pair[0], "")
    for name in NAMES:
        found = in_effect(plain, experiment(name, model))
        assert (found.problems, found.refused) == ({}, None), name
        trace = get_trace(Asked(model, pair[0], "", found.text))
        assert all(trace.changed), name
        assert trace.breaks_causality == (name == "future")
        same = np.array_equal(trace["head.logits"], get_trace(plain)["head.logits"])
        assert same == (name == "freeze"), name


@pytest.mark.parametrize("model", TRANSLATORS)
def test_the_two_sentences_of_a_patch_differ_in_one_word(model: str) -> None:
    pair = patched_pair(model)
    assert pair is not None
    one, other = (get_model(model).source_ids(text) for text in pair[:2])
    assert [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b] == [pair[2]]


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_without_edits_an_experiment_is_shown_and_nothing_is_changed(lang: str) -> None:
    at = opened(lang=lang)
    assert dotted("what_if.none", lang, name=dotted("experiment.block", lang)) in [text.value for text in at.caption]
    assert charts(at)
    assert "what_if_encoder" in maps(at)
    assert at.session_state.edits == ""
    assert "edits" not in components(at)


@pytest.mark.slow
def test_an_experiment_is_begun_by_a_click_and_ended_by_another() -> None:
    at = opened()
    sound(at.button_group(key="ready_experiment").set_value("patch").run())
    assert at.session_state.edits == "patch:encoder.out:4:我有一只狗"
    assert dotted("experiment_look.patch", "en", sentence=SOURCE, other="我有一只狗") in told(at)
    assert "dog" in words(at)[2]
    sound(at.button_group(key="ready_experiment").set_value(None).run())
    assert at.session_state.edits == ""
    assert "edits" not in components(at)


@pytest.mark.slow
def test_what_it_shows_is_what_the_two_runs_say() -> None:
    at = opened(edits=RESIDUAL)
    original, edited = get_trace(Asked("zh-en", SOURCE, "")), get_trace(Asked("zh-en", SOURCE, "", RESIDUAL))
    found = effect(original, edited)
    assert f"{found.loss_before:.4f} nats before, {found.loss_after:.4f} after" in told(at)
    for stack in ("encoder", "decoder"):
        keys = road_keys(edited, stack)
        drawn = maps(at)[f"what_if_{stack}"]
        assert drawn["row_labels"] == list(keys)
        np.testing.assert_allclose(drawn["cells"], spread(original, edited, keys), rtol=1e-6)
    assert maps(at)["what_if_encoder"]["high"] == maps(at)["what_if_decoder"]["high"]


CHOICES: dict[str, dict[str, Any]] = {
    "off": {"heads": [1, 2]},
    "keep": {"heads": [0]},
    "patch": {"other": "我有一只狗"},
    "drop": {"dropped": [1]},
    "row": {"row": "狗"},
}


@pytest.mark.slow
def test_every_kind_of_edit_can_be_put_together() -> None:
    at = opened()
    for kind in KINDS:
        at.session_state.edits = ""
        at.selectbox(key="compose.kind").set_value(kind)
        sound(at.run())
        choices = CHOICES.get(kind, {})
        assert button(at).disabled == (kind in ("off", "patch", "drop", "row")), kind  # "keep" finds the heads of "off"
        for name, value in choices.items():
            key = f"compose.{name}.zh-en.6.6"
            (at.text_input if isinstance(value, str) else at.multiselect)(key=key).set_value(value)
        sound(button(sound(at.run())).click().run())
        (edit,) = parse_edits(at.session_state.edits, get_model("zh-en").plan)
        assert edit.to_text().startswith(kind)
        assert len(components(at)["edits"]["chips"]) == 1


@pytest.mark.slow
def test_a_word_is_read_by_the_row_of_one_that_is_typed() -> None:
    at = opened()
    at.selectbox(key="compose.kind").set_value("row")
    sound(at.run())
    tokenizer = get_model("zh-en").source_tokenizer
    assert tokenizer is not None
    for typed in ("小狗", "一只狗"):  # no single character: there is no such row
        at.text_input(key="compose.row.zh-en.6.6").set_value(typed)
        sound(at.run())
        assert button(at).disabled
        assert dotted("compose.no_row", "en", word=typed) in told(at)
    at.selectbox(key="compose.word.zh-en.6.6").set_value(4)
    at.text_input(key="compose.row.zh-en.6.6").set_value("狗")
    sound(button(sound(at.run())).click().run())
    cat, dog = tokenizer.encode("猫狗")
    assert at.session_state.edits == f"row:src_embed.lookup:{cat}:{dog}"
    assert "dog" in words(at)[2]


@pytest.mark.slow
def test_what_cannot_be_is_said_at_the_bench() -> None:
    at = opened()
    at.selectbox(key="compose.kind").set_value("patch")
    sound(at.run())
    at.text_input(key="compose.other.zh-en.6.6").set_value("我" * 80)
    sound(at.run())
    assert button(at).disabled
    assert dotted("error.text_too_long", "en", n_tokens=80, limit=63) in told(at)
    assert warnings(at) == []
