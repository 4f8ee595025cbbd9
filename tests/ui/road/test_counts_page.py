"""The stop of counting: what it draws is what the model says, its choices are models, and edits and links hold."""

from __future__ import annotations

import math

import pytest

from tests.ui.opened import components, notes, open_page, sound, type_source
from transformer_core.models.readings import Reading
from transformer_core.studies.road.surprise import bits_per_character, told_counts
from ui.frame.text import LANGUAGES, dotted, t
from ui.road.reading import KS
from ui.road.unseen import unseen
from ui.state.models import Asked, get_model, get_trace

PAGE = "road/counts.py"
SOURCE = "The little girl had a small brown dog."
LAPLACE = Reading("ngram-en", 3, "add_k", 1.0).name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_chain_is_the_models_own(lang: str) -> None:
    at = open_page(PAGE, lang=lang, source=SOURCE, model=LAPLACE, stage="chain")
    chain, glass = components(at)["chain"], get_model(LAPLACE)
    score = glass.score(SOURCE)
    assert [one["word"] for one in chain["factors"]] == list(score.tokens)
    trace = get_trace(Asked(LAPLACE, SOURCE, ""))
    told = [*glass.read_ids(SOURCE)[1:], glass.config.eos_id]
    never = [trace["order3.count"][row, i] == 0 for row, i in enumerate(told)]
    assert [one["never"] for one in chain["factors"]] == never
    assert any(never)
    bits = f"{-score.log_prob / math.log(2):.1f}"
    assert bits in chain["total"]
    metrics = [metric.value for metric in at.metric]
    assert metrics[0] == t("road.bits", lang, n=f"{score.bits_per_character:.2f}")
    assert components(at)["explain"]["place"].startswith("order3.probs[")
    shares = components(at)["followers"]["shares"]
    assert math.isclose(sum(one["p"] for one in shares), 1, abs_tol=1e-5)


def test_it_opens_on_a_count_that_smoothing_changes_most_and_the_chain_on_what_was_never_seen() -> None:
    trace, chain = get_trace(Asked(LAPLACE, SOURCE, "")), get_model(LAPLACE).score(SOURCE)
    told = [*get_model(LAPLACE).read_ids(SOURCE)[1:], get_model(LAPLACE).config.eos_id]
    jumps = {}
    for row, i in enumerate(told):
        count, total, p = (
            float(trace[f"order3.{name}"][row, at]) for name, at in (("count", i), ("total", 0), ("probs", i))
        )
        if count:
            jumps[row] = count / total / p
    row = max(jumps, key=jumps.__getitem__)
    at = components(open_page(PAGE, lang="en", source=SOURCE, model=LAPLACE))["explain"]["at"]
    assert at == [row, told[row]]
    at = components(open_page(PAGE, lang="en", source=SOURCE, model=LAPLACE, stage="chain"))["explain"]["at"]
    assert at[0] == int(chain.log_probs.argmin())


@pytest.mark.parametrize(("lang", "tables"), [("en", "ngram-en"), ("zh", "ngram-zh")])
def test_both_unseen_sets_stand_beside_each_other(lang: str, tables: str) -> None:
    at = open_page(PAGE, lang=lang, model=f"{tables}~3~add_k~1", stage="unseen")
    facts, new = {}, {}
    for name in ("near", "far"):
        texts, glass = unseen(lang, name), get_model(tables)
        told = told_counts(glass, texts, 3)
        bits = {k: bits_per_character(get_model(Reading(tables, 3, "add_k", k).name), texts) for k in (0.001, 1.0)}
        assert {k: told.bits_per_character(k) for k in bits} == pytest.approx(bits, rel=1e-4)
        new[name] = 100 * float((told.counts == 0).mean())
        facts |= {name: f"{min(map(told.bits_per_character, KS)):.2f}", f"{name}_new": f"{new[name]:.0f}"}
    assert new["near"] < new["far"]
    assert float(facts["near"]) < float(facts["far"])
    said = [text.value for text in at.markdown]
    assert dotted("counts.both", lang, **facts) in said
    shown = [metric.value for metric in at.metric][1:3]
    model = get_model(f"{tables}~3~add_k~1")
    assert shown == [
        t("road.bits", lang, n=f"{bits_per_character(model, unseen(lang, s)):.2f}") for s in ("near", "far")
    ]


def test_a_click_on_a_factor_explains_it() -> None:
    at = open_page(PAGE, lang="en", source=SOURCE, model=LAPLACE, stage="chain", cell="2,627")
    panel = components(at)["explain"]
    assert panel["at"] == [2, 627]
    trace = get_trace(Asked(LAPLACE, SOURCE, ""))
    count, total = (int(trace[f"order3.{name}"][2, i]) for name, i in (("count", 627), ("total", 0)))
    assert f"{count}" in panel["numbers"]
    assert f"{total}" in panel["numbers"]
    assert components(at)["followers"]["title"].count(f"{total:,}") == 1


def test_every_choice_is_a_model_and_a_link() -> None:
    at = open_page(PAGE, lang="en", source=SOURCE)
    assert components(at)["address"]["query"]["model"] == LAPLACE
    sound(at.select_slider(key="reading.k").set_value(KS[3]).run())
    assert components(at)["address"]["query"]["model"] == "ngram-en~3~add_k~0.001"
    sound(at.button_group(key="reading.order").set_value(2).run())
    assert components(at)["address"]["query"]["model"] == "ngram-en~2~add_k~0.001"
    sound(at.button_group(key="reading.way").set_value("kneser_ney").run())
    query = components(at)["address"]["query"]
    assert query["model"] == "ngram-en~2~kneser_ney"
    sound(at.button_group(key="reading.table").set_value(0).run())
    assert components(at)["explain"]["place"].startswith("order1.count[")
    again = open_page(PAGE, **{**components(at)["address"]["query"], "set": "far"})
    assert notes(again) == []
    assert components(again)["explain"]["place"].startswith("order1.count[")
    assert at.selectbox(key="model").value == "ngram-en~2~kneser_ney"


def test_an_edit_changes_the_chain() -> None:
    plain = components(open_page(PAGE, lang="en", source=SOURCE, model=LAPLACE, stage="chain"))["chain"]["factors"]
    edits = "zero:order3.count:2"
    at = open_page(PAGE, lang="en", source=SOURCE, model=LAPLACE, stage="chain", edits=edits)
    assert notes(at) == []
    edited = components(at)["chain"]["factors"]
    assert [i for i, (one, other) in enumerate(zip(plain, edited, strict=True)) if one != other] == [2]
    assert edited[2]["never"]


def test_a_guess_is_answered_by_the_run_alone() -> None:
    at = open_page(PAGE, lang="en", source=SOURCE, model=LAPLACE)
    score = get_model(LAPLACE).score(SOURCE)
    hardest = score.tokens[int(score.log_probs.argmin())]
    said = [text.value for text in at.markdown]
    assert not any(f"“{hardest}” costs" in text for text in said)
    sound(at.button_group(key="guess.counts").set_value(0).run())
    said = [text.value for text in at.markdown]
    bits = f"{-score.log_probs.min() / math.log(2):.1f}"
    assert any(f"“{hardest}” costs more: {bits}" in text for text in said)
    assert components(at)["address"]["query"]["guess"] == "0"
    type_source(at, "Tom had a boat.")  # another question
    assert "guess" not in components(at)["address"]["query"]
    assert at.button_group(key="guess.counts").value is None
    type_source(at, SOURCE)
    assert components(at)["address"]["query"]["guess"] == "0"
    assert any(f"“{hardest}” costs more: {bits}" in text.value for text in at.markdown)


def test_a_guess_that_is_none_of_the_words_is_said() -> None:
    at = open_page(PAGE, lang="en", source=SOURCE, model=LAPLACE, guess=99)
    assert notes(at) == [t("link.bad", "en", name="guess", value="99", used=t("link.default", "en"))]
    assert at.button_group(key="guess.counts").value is None


def test_the_unseen_sentences_are_many_and_short() -> None:
    for language, least in (("en", 20), ("zh", 10)):
        for name in ("near", "far"):
            assert len(unseen(language, name)) >= 15
            assert all(least < len(text) < 140 for text in unseen(language, name))
