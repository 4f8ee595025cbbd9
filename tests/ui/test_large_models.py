"""What is shown of a model whose scores are spared, and how little a click works out where the vocabulary is large."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from figures.base.heatmaps.value_map import top_columns
from figures.base.spread import ALL
from tests.ui.opened import components, open_page
from transformer_core.glass.plan import Plan
from transformer_core.glass.trace import Trace
from ui.frame.text import LANGUAGES, t
from ui.parts import explain, maps
from ui.parts.maps import map_of
from ui.state.models import Asked, get_model, get_trace
from ui.state.values import find_value

MODEL, SOURCE = "en-fr", "The cats were reading a small book."
SCORES = ("scores_raw", "scores_scaled", "scores")
BLOCK = {"model": MODEL, "source": SOURCE, "stack": "decoder", "block": "self_attn", "layer": 1, "head": 2}
PATH = "decoder.1.self_attn"
RECOMPUTED = t("explain.recomputed_exactly", "en").partition(" is ")[0]  # exactly or not


def sparing(plan: Plan) -> Plan:
    """The same plan as that of a large model."""
    blocks = (
        replace(block, values=tuple(replace(value, spared=value.name in SCORES) for value in block.values))
        for block in plan.blocks
    )
    return replace(plan, blocks=tuple(blocks))


@pytest.fixture
def _spared(monkeypatch: pytest.MonkeyPatch) -> None:
    model = get_model(MODEL).model
    monkeypatch.setattr(model, "plan", sparing(model.plan))


def panel(**query: object) -> dict[str, Any]:
    found: dict[str, Any] = components(open_page(**{"lang": "en", **BLOCK, **query}))["explain"]
    return found


@pytest.mark.usefixtures("_spared")
class TestSpared:
    @pytest.mark.slow
    @pytest.mark.parametrize("name", SCORES)
    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_the_badge_says_derived_and_no_difference(self, lang: str, name: str) -> None:
        trace = get_trace(Asked(MODEL, SOURCE, ""))
        assert trace.derives(f"{PATH}.{name}")
        found = panel(stage=name, site=f"{PATH}.{name}", cell="3,1", lang=lang)
        assert found["badge"] == t("explain.derived", lang)
        assert found["place"] == f"{PATH}.{name}[2,3,1]"

    def test_what_is_made_of_it_is_recomputed(self) -> None:
        found = panel(stage="weights", site=f"{PATH}.weights", cell="3,1")
        assert found["badge"].startswith(RECOMPUTED)

    @pytest.mark.slow
    def test_an_edited_one_is_said_to_be_edited(self) -> None:
        edit = f"temperature:{PATH}:2:2"
        found = panel(stage="scores_scaled", site=f"{PATH}.scores_scaled", cell="3,1", edits=edit)
        assert found["badge"] == t("explain.edited", "en")
        found = panel(stage="scores", site=f"{PATH}.scores", cell="3,1", edits=edit)
        assert found["badge"] == t("explain.derived", "en")


@pytest.mark.slow
def test_in_a_small_model_they_are_recomputed() -> None:
    found = panel(stage="scores", site=f"{PATH}.scores", cell="3,1", source="I have a cat.")
    assert found["badge"].startswith(RECOMPUTED)


@pytest.mark.slow
@pytest.mark.parametrize(("page", "stage", "key"), [("explore/output.py", "probs", "head.probs")])
def test_what_no_pass_shows_is_derived(page: str, stage: str, key: str) -> None:
    found = components(open_page(page, lang="en", model=MODEL, source=SOURCE, stage=stage, site=key, cell="2,5"))
    assert found["explain"]["badge"] == t("explain.derived", "en")


def test_a_difference_is_worked_out_once_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    trace, calls = get_trace(Asked(MODEL, "I have a cat.", "")), []

    def counted(*arguments: Any) -> float:
        calls.append(arguments[1:])
        return 1e-7

    monkeypatch.setattr(explain, "row_difference", counted)
    badges = {explain._badge(trace, "encoder.2.ffn.out", (1, column), "en") for column in range(5)}
    assert badges == {t("explain.recomputed", "en", difference="1e-07")}
    assert len(calls) == 1
    explain._badge(trace, "encoder.2.ffn.out", (2, 0), "en")
    assert len(calls) == 2
    monkeypatch.setattr(explain, "MANY_COLUMNS", 100)
    badges = {explain._badge(trace, "encoder.2.ffn.pre", (1, column), "en") for column in (0, 1, 1)}
    assert badges == {t("explain.recomputed_cell", "en", difference="1e-07")}
    assert len(calls) == 4


def test_the_words_of_a_map_are_found_once_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    trace, calls = get_trace(Asked(MODEL, "I have a small cat.", "")), []

    def counted(scores: np.ndarray) -> tuple[int, ...]:
        calls.append(scores.shape)
        return top_columns(scores)

    monkeypatch.setattr(maps, "top_columns", counted)
    for column in (None, 7, 5000):
        shown = map_of(trace, find_value(trace.plan, "head.logits"), 0, 1, column)
        others = [*trace.written_ids, *([] if column is None else [column])]
        assert shown.columns == top_columns(trace["head.logits"], *others)
    assert calls == [trace["head.logits"].shape]


def test_every_bundled_vocabulary_is_sent_whole() -> None:
    for model in ("en-fr", "zh-en"):
        assert get_model(model).config.vocab_size <= ALL


def test_a_trace_that_nobody_holds_is_let_go() -> None:
    own = get_trace(Asked(MODEL, "I have a cat.", ""))
    trace = Trace(own.plan, own, parameters=own.parameters)
    explain._badge(trace, "encoder.2.ffn.out", (1, 0), "en")
    n = len(explain._DIFFERENCES)
    del trace
    assert len(explain._DIFFERENCES) == n - 1
