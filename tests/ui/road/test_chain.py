"""The stop of chains, as a session sees it: every strip, word and curve is that of a run of the models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.drawn import drawn, numbers, told
from tests.ui.opened import ONE_LANGUAGE, components, open_page, sound, warnings
from transformer_core.edits.parse import parse_edits
from transformer_core.studies.road.chain_gradients import gradient_back, untrained_gradient
from ui.frame.text import LANGUAGES, t
from ui.live.training import recorded
from ui.road.chain.memory import TRAINING
from ui.state.models import get_model, model_names

MODEL, TEXT = "lstm-en", "The little girl had a small brown dog."


def opened(**query: object) -> AppTest:
    at = open_page("road/chain.py", **{"lang": "en", "model": MODEL, "source": TEXT, **query})
    assert warnings(at) == []
    return at


def lane(at: AppTest, model: str) -> dict[str, Any]:
    return next(one for one in components(at)["lanes"]["lanes"] if one["model"] == model)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_strip_is_a_value_of_its_model(lang: str) -> None:
    at = opened(lang=lang)
    found = components(at)["lanes"]
    assert {one["model"] for one in found["lanes"]} == set(model_names("chain"))
    for one in found["lanes"]:
        glass = get_model(one["model"])
        trace = glass.trace(TEXT)
        for block in one["blocks"]:
            value = trace[block["key"]]
            np.testing.assert_allclose(block["values"], value[:, one["units"]], atol=6e-4)
            np.testing.assert_allclose(block["means"], value.mean(axis=1), atol=6e-4)
            assert block["gate"] == (block["letter"] in "rzfio")
            assert (block["closed"], block["opened"]) == ([], [])
        last = trace["head.probs"][-1]
        assert one["next"][0]["p"] == pytest.approx(float(last.max()), abs=1e-4)
        assert float(one["bits"]) == pytest.approx(glass.score(TEXT).bits_per_character, abs=6e-3)
        assert one["here"] == (one["model"] == MODEL)
    assert found["selected"]["key"] == "cell.h"
    assert found["selected"]["column"] in lane(at, MODEL)["units"]


def test_a_gate_that_is_closed_or_opened_is_marked_and_what_follows_is_another_run() -> None:
    at = opened(cell="3,0", site="cell.f")
    sound(at.button(key="close_f").click().run())
    assert at.session_state.edits == "zero:cell.f:3"
    block = next(one for one in lane(at, MODEL)["blocks"] if one["letter"] == "f")
    assert block["closed"] == [3]
    assert block["values"][3] == [0.0] * len(lane(at, MODEL)["units"])
    glass = get_model(MODEL)
    edited = glass.trace(TEXT, edits=parse_edits("zero:cell.f:3", glass.plan))
    state = next(one for one in lane(at, MODEL)["blocks"] if one["letter"] == "h")
    np.testing.assert_allclose(state["values"], edited["cell.h"][:, lane(at, MODEL)["units"]], atol=6e-4)
    other = next(name for name in model_names("chain") if name != MODEL)
    assert all(one["closed"] == [] for one in lane(at, other)["blocks"])  # it has no such gate
    sound(at.button(key="open_f").click().run())
    assert at.session_state.edits == "one:cell.f:3"  # in place of the closed one
    block = next(one for one in lane(at, MODEL)["blocks"] if one["letter"] == "f")
    assert (block["closed"], block["opened"]) == ([], [3])
    assert block["values"][3] == [1.0] * len(lane(at, MODEL)["units"])


def test_the_gradients_are_those_of_the_study_on_one_scale() -> None:
    at = opened(stage="gradient", bias="3")
    sound(at.selectbox(key="gradient.at").set_value(6).run())
    charts, glass = drawn(at), get_model(MODEL)
    own, fresh = charts["gradient_own"], charts["gradient_fresh"]
    assert own["layout"]["yaxis"]["range"] == fresh["layout"]["yaxis"]["range"]
    trace = glass.trace(TEXT)
    wanted = gradient_back(glass, trace["embed.tokens"].astype(int).tolist(), 6, int(trace.written_ids[6]))
    curve = next(one for one in own["data"] if one["name"] == "LSTM")
    np.testing.assert_allclose(numbers(curve["y"]), wanted, rtol=1e-5)
    curve = next(one for one in fresh["data"] if one["name"] == "GRU")
    np.testing.assert_allclose(numbers(curve["y"]), untrained_gradient("gru", 40, bias=3.0), rtol=1e-5)


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_the_race_is_recorded_until_somebody_starts_it(lang: str) -> None:
    at = opened(lang=lang, stage="memory")
    start, *points, end = recorded(TRAINING.record)
    assert end == {"kind": "end", "reason": "done"}
    assert t("recall.recorded", lang, **start) in told(at)
    charts = drawn(at)
    for distance in start["distances"]:
        its = [one for one in points if one["distance"] == distance and one["way"] == "attention"]
        curve = next(
            one for one in charts[f"recall_{distance}"]["data"] if one["name"] == t("recall_words.attention", lang)
        )
        assert numbers(curve["y"]).tolist() == [one["right"] for one in its]
    assert at.button(key="recall_start").label == t("live_training.start", lang)


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_steps_and_times_stand_beside_each_other(lang: str) -> None:
    at = opened(lang=lang, stage="speed")
    steps, seconds = (drawn(at)[f"speed_{name}"]["data"] for name in ("steps", "seconds"))
    assert [numbers(one["y"]).tolist() for one in steps] == [[16, 64, 256, 1024], [1, 1, 1, 1]]
    assert all((numbers(one["y"]) > 0).all() for one in seconds)


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_the_guess_is_answered_by_the_run(lang: str) -> None:
    at = opened(lang=lang)
    assert "guess_bars_chain" not in drawn(at)
    sound(at.button_group(key="guess.chain").set_value(0).run())
    assert "guess_bars_chain" in drawn(at)
