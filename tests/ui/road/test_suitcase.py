"""The stop of the suitcase, as a session sees it: every map, curve and line is that of a run of the models."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from figures.base.labels import number
from tests.ui.drawn import TOLD, drawn, maps, numbers, told
from tests.ui.opened import ONE_LANGUAGE, components, open_page, sound, warnings
from transformer_core.edits.parse import parse_edits
from transformer_core.studies.road.copying import by_length, copied
from ui.frame.text import LANGUAGES, t
from ui.road.suitcase.stop import score_of
from ui.road.word_map import ROAD
from ui.state.models import first_model, get_model, model_names, model_title

PAGE = "road/suitcase.py"
TEXTS = {"en": "The little girl had a small brown dog.", "zh": "我有一只猫"}
LOOKING, SMALL = "copy-attention-32", "copy-32"
ATTENTION = "decoder.cross_attn"


def opened(**query: object) -> AppTest:
    at = open_page(PAGE, **{"lang": "en", "model": LOOKING, "source": TEXTS["en"], **query})
    assert warnings(at) == []
    return at


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_stranger_sees_his_sentence_carried_by_a_model_that_reads_it(lang: str) -> None:
    at = open_page(PAGE, lang=lang, source=TEXTS[lang])
    model = first_model("suitcase", TEXTS[lang])
    assert at.selectbox(key="model").value == model == {"en": SMALL, "zh": "seq2seq-zh-en"}[lang]
    trace, shown = get_model(model).trace(TEXTS[lang]), maps(at)
    for key, name in (("map0", "encoder.cell.h"), ("map1", "decoder.suitcase.out")):
        np.testing.assert_allclose(shown[key]["cells"], trace[name], atol=np.abs(trace[name]).max() * TOLD)
    assert (shown["map1"]["cells"] == shown["map1"]["cells"][0]).all()  # the same at every step
    mates = [name for name in model_names("suitcase") if name.startswith(model.split("-")[0])]
    for name in mates:
        written = get_model(name).translate(TEXTS[lang]).text
        assert written in re.sub(r"\\(.)", r"\1", told(at))
    others = [] if lang == "en" else ["zh-en"]
    scores = {one.label: float(re.findall(r"[\d.]+", one.value)[0]) for one in at.metric}
    assert scores == {model_title(name, lang): score_of(name) for name in [*mates, *others]}


def test_what_looks_back_is_told_another_mixture_at_every_step() -> None:
    at, trace = opened(), get_model(LOOKING).trace(TEXTS["en"])
    z = trace[f"{ATTENTION}.z"][0]
    np.testing.assert_allclose(maps(at)["map1"]["cells"], z, atol=np.abs(z).max() * TOLD)
    assert len({row.tobytes() for row in z}) == len(z)
    sound(at.button_group(key="choose.side").set_value("encoder").run())
    assert components(at)["explain"]["place"].startswith("encoder.cell.h[")


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_every_point_is_a_set_that_opens(lang: str) -> None:
    at = opened(lang=lang, stage="copies")
    sentences = Path(ROAD / "copying.en.txt").read_text(encoding="utf-8").splitlines()
    curves = {curve["name"]: numbers(curve["y"]) for curve in drawn(at)["copies"]["data"]}
    for name in (SMALL, LOOKING):
        found = by_length(copied(get_model(name), sentences))
        shares = [np.mean([one.right for one in its]) for its in found.values()]
        np.testing.assert_allclose(curves[model_title(name, lang)], shares)
    sound(at.button_group(key="choose_writer").set_value(SMALL).run())
    sound(at.button_group(key="choose_length").set_value(10).run())
    its = by_length(copied(get_model(SMALL), sentences))[10]
    assert t("copies.right", lang, right=sum(one.right for one in its), n=len(its)) in told(at)
    query = components(at)["address"]["query"]
    assert (query["length"], query["writer"]) == ("10", SMALL)
    assert components(open_page(PAGE, **query))["address"]["query"] == query


@pytest.mark.parametrize("lang", LANGUAGES)
def test_three_lines_stand_beside_those_of_the_transformer(lang: str) -> None:
    model, other = {"en": (LOOKING, "en-fr"), "zh": ("seq2seq-attention-zh-en", "zh-en")}[lang]
    at = opened(lang=lang, model=model, source=TEXTS[lang], stage="look_back", at=1)
    lines = [line.value.strip("$\n").rpartition("= ")[2] for line in at.get("latex")]
    assert len(lines) == 6
    trace = get_model(model).trace(TEXTS[lang])
    scores, weights = (trace[f"{ATTENTION}.{name}"][0, 1] for name in ("scores", "weights"))
    best = int(weights.argmax())
    assert lines[0] == number(float(scores[best]), 2)
    assert lines[1] == number(float(weights[best]), 2)
    shown = maps(at)
    np.testing.assert_allclose(shown["looks_chain"]["cells"], trace[f"{ATTENTION}.weights"][0], atol=TOLD)
    sound(at.button(key="look_there").click().run())
    assert at.selectbox(key="model").value == other
    state = at.session_state
    path = f"decoder.{state.layer}.cross_attn.weights"
    assert components(at)["explain"]["place"] == f"{path}[{state.head},{state.row},{state.column}]"
    its = get_model(other).trace(TEXTS[lang])[path][state.head]
    np.testing.assert_allclose(shown["looks_transformer"]["cells"], its, atol=TOLD)
    assert lines[4] == number(float(its[state.row].max()), 2)


@pytest.mark.parametrize("lang", ONE_LANGUAGE)
def test_the_guess_is_answered_by_the_run(lang: str) -> None:
    at = opened(lang=lang)
    assert "guess_bars_suitcase" not in drawn(at)
    sound(at.button_group(key="guess.suitcase").set_value(7).run())
    weights = numbers(drawn(at)["guess_bars_suitcase"]["data"][0]["x"])
    assert weights.sum() <= 1 + 1e-6
    assert weights.argmax() == 7  # a copy looks at the word that it writes, the last one


def test_an_edit_tells_the_writer_nothing_and_stands_in_the_link() -> None:
    at = opened(model=SMALL)
    sound(at.button(key="empty_told").click().run())
    assert at.session_state.edits == "zero:decoder.suitcase.out:0"
    glass = get_model(SMALL)
    edited = glass.trace(TEXTS["en"], edits=parse_edits(at.session_state.edits, glass.plan))
    assert not edited["decoder.suitcase.out"][0].any()
    assert not maps(at)["map1"]["cells"][0].any()
    query = components(at)["address"]["query"]
    assert components(open_page(PAGE, **query))["address"]["query"] == query
