"""Every stop of the road opens for a sentence of each language, and keeps what was typed."""

from __future__ import annotations

import pytest

from tests.ui.drawn import drawn
from tests.ui.opened import ROAD, components, notes, open_page, sound, type_source, warnings, words
from transformer_core.models.files import road_models
from ui.frame.text import LANGUAGES, t
from ui.road.context.pairs import ready_pairs
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL, first_model, model_names
from ui.state.road import page_of_model

CHINESE = "我有一只猫"
ENGLISH = examples("ngram-en")[0]
COUNTS, TABLE, LAPLACE = "road/counts.py", "road/table.py", "~3~add_k~1"
NAMES = [page.removeprefix("road/").removesuffix(".py") for page in ROAD]


@pytest.mark.every_case
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("file", ROAD)
def test_a_stop_opens_with_its_own_model(file: str, lang: str) -> None:
    at = open_page(file, lang=lang, model=DEFAULT_MODEL, source=ENGLISH)
    name = file.removeprefix("road/").removesuffix(".py")
    assert (warnings(at), notes(at), at.error.len) == ([], [], 0)
    assert at.selectbox(key="model").value == first_model(name)
    assert next(word.lower() for word in words(at)[0] if word != "<s>") == "the"
    query = components(at)["address"]["query"]
    assert (query["model"], query["source"]) == (first_model(name), ENGLISH)
    assert components(open_page(file, **query))["address"]["query"] == query
    sound(at.switch_page("../pages/explore/heads.py").run())
    assert at.selectbox(key="model").value == DEFAULT_MODEL
    assert at.text_input(key="source").value == ENGLISH  # it travels


@pytest.mark.parametrize(
    ("file", "choices"),
    [
        ("road/vectors.py", {"stage": "analogy"}),
        ("road/chain.py", {"site": "cell.f", "cell": "2,3"}),
        ("road/context.py", {"layer": "0", "site": "ahead.0.f", "cell": "2,3"}),
        (COUNTS, {"layer": "2", "site": "order3.total", "cell": "1,0"}),
    ],
)
def test_a_link_that_names_no_model_says_where_to_look(file: str, choices: dict[str, str]) -> None:
    name = file.removeprefix("road/").removesuffix(".py")
    at, same = (
        open_page(file, lang="en", source=ENGLISH, **choices, **model) for model in ({}, {"model": first_model(name)})
    )
    assert (notes(at), warnings(at)) == (notes(same), warnings(same))
    query = components(at)["address"]["query"]
    assert query == components(same)["address"]["query"]
    assert choices.items() <= query.items()


def test_a_stop_is_the_page_s_whatever_model_the_link_names() -> None:
    at = open_page("road/vectors.py", lang="en", source=ENGLISH, model=DEFAULT_MODEL, stage="map", layer=1)
    query = components(at)["address"]["query"]
    assert (notes(at), query["model"], query["stage"], query["layer"]) == ([], first_model("vectors"), "map", "0")


@pytest.mark.every_case
@pytest.mark.parametrize("name", NAMES)
def test_a_guess_and_its_answer_come_back_by_the_link(name: str) -> None:
    file, bars = f"road/{name}.py", f"guess_bars_{name}"
    at = open_page(file, lang="zh", source=ready_pairs("en")["left"][0] if name == "context" else ENGLISH)
    assert bars not in drawn(at)
    sound(at.button_group(key=f"guess.{name}").set_value(1).run())
    query = components(at)["address"]["query"]
    assert query["guess"] == "1"
    again = open_page(file, **query)
    assert (notes(again), components(again)["address"]["query"]) == ([], query)
    assert drawn(again)[bars] == drawn(at)[bars]


@pytest.mark.every_case
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_in_another_language_is_kept_for_pages_that_read_it(lang: str) -> None:
    told = t("road.stands_in", lang, own=t("foreign.en", lang), typed=CHINESE)
    at = open_page(TABLE, lang=lang, model=DEFAULT_MODEL, source=CHINESE)
    assert at.text_input(key="source").value == ENGLISH
    assert "explain" in components(at)
    assert any(told in caption.value for caption in at.caption)
    sound(at.switch_page(f"../pages/{COUNTS}").run())  # a stop that has counts in both languages
    assert (at.text_input(key="source").value, at.selectbox(key="model").value) == (CHINESE, f"ngram-zh{LAPLACE}")
    assert not any(told in caption.value for caption in at.caption)
    type_source(at, "Tom had a boat.")
    assert at.selectbox(key="model").value == f"ngram-en{LAPLACE}"
    sound(at.selectbox(key="model").select("ngram-zh").run())
    assert at.text_input(key="source").value == examples("ngram-zh")[0]
    sound(at.switch_page("../pages/explore/heads.py").run())
    assert at.text_input(key="source").value == "Tom had a boat."


def test_edits_and_places_stay_with_their_models() -> None:
    edit = "off:decoder.2.cross_attn:0"
    at = open_page("explore/attention.py", model=DEFAULT_MODEL, source=ENGLISH, edits=edit, head=2, lang="en")
    before = components(at)["address"]["query"]
    sound(at.switch_page(f"../pages/{ROAD[0]}").run())
    assert "edits" not in components(at)["address"]["query"]
    sound(at.switch_page("../pages/explore/attention.py").run())
    assert components(at)["address"]["query"] == before


def test_each_model_has_its_pages() -> None:
    assert set(model_names()) & set(road_models()) == set()
    for name in NAMES:
        assert model_names(name)
        assert {page_of_model(model) for model in model_names(name)} == {name}


def test_a_link_to_tables_that_this_reading_leaves_alone_is_said() -> None:
    at = open_page(COUNTS, lang="en", source=ENGLISH, model=f"ngram-en{LAPLACE}", layer=1)
    assert notes(at) == [t("link.bad", "en", name="layer", value="1", used="2")]
    assert components(at)["address"]["query"]["layer"] == "2"


@pytest.mark.parametrize("asked", ["ngram-en~9~add_k~1", "ngram-en~3~add_k", "ngram-en~3~magic", "zh-en~3~add_k~1"])
def test_a_reading_that_makes_no_sense_is_said(asked: str) -> None:
    at = open_page(ROAD[0], model=asked, source=ENGLISH, lang="en")
    assert len(notes(at)) == 1
    assert at.selectbox(key="model").value == first_model(NAMES[0])
