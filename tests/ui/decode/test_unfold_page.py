"""The player with the model's own words, as a session sees it: rules, picks, reasons, and the cache."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from figures.decode.unfold import unfold
from figures.decode.unfold_run import run_facts
from tests.figures.unpacked import seen, unpacked
from tests.spelled import word_of
from tests.translators import TRANSLATORS
from tests.ui.opened import ONE_LANGUAGE, components, notes, open_page, sound, warnings, words
from transformer_core.decoding.decode import cache_difference
from transformer_core.decoding.rules import GREEDY, Beam, Rule, Sampling
from ui.decode.unfold import _run
from ui.frame.text import t
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL, Asked, get_model

PLAYER = "decode/unfold.py"
CHINESE = "我有一只猫"
Ids = tuple[int, ...]


def opened(**query: object) -> AppTest:
    at = open_page(PLAYER, **{"lang": "en", "source": CHINESE, **query})
    assert (warnings(at), notes(at)) == ([], [])
    return at


def shown(at: AppTest) -> Any:
    """Return what the player got of the run."""
    return unpacked(components(at)["player"])


def expect_run(at: AppTest, rule: Rule, model: str = DEFAULT_MODEL, prefix: Ids = (), picked: Ids = ()) -> None:
    glass = get_model(model)
    source = at.session_state.source
    record = glass.decode(source, rule, prefix=prefix)
    tokenizer, found = glass.target_tokenizer, shown(at)
    assert tokenizer is not None
    facts = run_facts(record, glass.config, picked, cache_difference(glass.model, record))
    assert found["run"] == {**facts, "model": model}
    layer = glass.config.n_decoder_layers - 1
    told = unfold(glass.trace_record(record), layer, None, word_of(glass))
    assert found["steps"] == seen(told)["steps"]
    assert words(at)[1] == list(tokenizer.pieces(record.ids))  # the page says one thing everywhere
    for step, wanted in zip(found["steps"], record.steps, strict=True):
        assert step["entropy"] == pytest.approx(wanted.entropy, abs=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("model", TRANSLATORS)
def test_each_rule_is_the_source_of_the_words(model: str) -> None:
    at = opened(model=model, source=examples(model)[0])
    expect_run(at, GREEDY, model)
    assert 0 <= shown(at)["run"]["difference"] < 1e-3
    sound(at.button_group(key="choose_rule").set_value("sampling").run())
    expect_run(at, Sampling(temperature=1.5, top_k=10, top_p=0.9, seed=0), model)
    sound(at.number_input(key="choose_seed").set_value(5).run())
    sound(at.number_input(key="choose_top_k").set_value(0).run())
    sound(at.slider(key="choose_temperature").set_value(1.7).run())
    expect_run(at, Sampling(temperature=1.7, top_k=None, top_p=0.9, seed=5), model)
    sound(at.button_group(key="choose_rule").set_value("beam").run())
    sound(at.button_group(key="choose_width").set_value(3).run())
    expect_run(at, Beam(width=3, length_penalty=1.0), model)


def test_a_picked_word_is_written_and_another_rule_forgets_it() -> None:
    at = opened()
    own = shown(at)["steps"]
    other = own[2]["candidates"][4]["id"]
    at.session_state["option.picks"] = ((2, other),)
    sound(at.run())
    prefix = (*(step["chosen"]["id"] for step in own[:2]), other)
    expect_run(at, GREEDY, prefix=prefix, picked=(2,))
    reasons = [step["reason"] for step in shown(at)["run"]["steps"]]
    assert reasons[:4] == ["kept", "kept", "picked", "most_probable"]
    sound(at.button_group(key="choose.layer").set_value(0).run())
    assert shown(at)["run"]["picked"] == [2]
    sound(at.button_group(key="choose_rule").set_value("beam").run())
    assert shown(at)["run"]["picked"] == []


@pytest.mark.slow
def test_given_words_have_no_rule() -> None:
    at = opened(target="I have a cat.")
    assert shown(at)["run"] is None
    assert [group.key for group in at.button_group if group.key == "choose_rule"] == []


def test_a_word_picked_at_the_last_possible_step_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    config = get_model(DEFAULT_MODEL).config
    prefix = (5,) * config.max_length
    monkeypatch.setattr("ui.decode.unfold._prefix", lambda *_: prefix)
    trace, facts = _run(Asked(DEFAULT_MODEL, CHINESE, ""), GREEDY, ((config.max_length - 1, 5),))
    assert trace.written_ids == prefix
    assert facts["steps"][-1]["reason"] == "picked"


@pytest.mark.slow
@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_a_run_is_told_in_both_languages(lang: str) -> None:
    at = opened(lang=lang)
    assert shown(at)["words"]["undo"] == t("player.undo", lang)
    assert at.button_group(key="choose_rule").options == [
        t(f"rule_name.{r}", lang) for r in ("greedy", "sampling", "beam")
    ]


@pytest.mark.slow
def test_a_link_restores_rule_numbers_and_picks_and_they_stand_in_the_next_link() -> None:
    first = opened(rule="sampling", temperature="0.7", top_k=0, seed=3)
    second = shown(first)["steps"][1]["candidates"][2]["id"]
    at = opened(rule="sampling", temperature="0.7", top_k=0, seed=3, picks=f"1.{second}")
    rule = Sampling(temperature=0.7, top_k=None, top_p=0.9, seed=3)
    first_word = get_model(DEFAULT_MODEL).decode(CHINESE, rule).ids[0]
    expect_run(at, rule, prefix=(first_word, second), picked=(1,))
    query = components(at)["address"]["query"]
    wanted = {"rule": "sampling", "temperature": "0.7", "top_k": "0", "seed": "3", "picks": f"1.{second}"}
    assert wanted.items() <= query.items()
    assert "top_p" not in query


@pytest.mark.slow
@pytest.mark.parametrize("picks", ["60.5", "0.99999", "1.5_1.6", "2.5_1.5", "x", "1", "0.2_1.5"])
def test_picks_that_do_not_fit_are_told_and_left_out(picks: str) -> None:
    at = open_page(PLAYER, lang="en", source=CHINESE, picks=picks)
    (note,) = notes(at)
    assert note.startswith(t("link.bad", "en", name="picks", value="", used="").split("picks")[0] + "picks")
    expect_run(at, GREEDY)
    assert "picks" not in components(at)["address"]["query"]
