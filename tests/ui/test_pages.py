"""Every page, from the frame down, as a session sees it: languages, models, links, choices."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from tests.translators import TRANSLATORS
from tests.ui.drawn import maps
from tests.ui.opened import (
    ATTENTION,
    BLOCKS,
    EVERY_PAGE,
    PAGES,
    components,
    notes,
    open_page,
    sound,
    type_source,
    warnings,
    words,
)
from transformer_core.models.files import bundled_models, load_model
from ui.decode.forcing import telling_pair
from ui.frame.text import LANGUAGES, dotted, escape, t
from ui.state.examples import examples
from ui.state.models import DEFAULT_MODEL

MODELS = TRANSLATORS
CHINESE = "我有一只猫"


OTHERS = [model for model in MODELS if model != DEFAULT_MODEL]


# A link that somebody kept opens the same page for good: none of these ever goes or changes.
ADDRESSES = {
    "architecture", "embedding", "attention", "heads", "layer", "output", "unfold", "forcing", "search", "fill",
    "masks", "what_if", "credits",
}  # fmt: skip


def test_the_addresses_of_the_pages_stay() -> None:
    assert {file.rpartition("/")[2].removesuffix(".py") for file in EVERY_PAGE} >= ADDRESSES


# The default model in every language, quick in one of them in turn; and the other models in turn.
@pytest.mark.every_case
@pytest.mark.parametrize(
    ("file", "model", "lang"),
    [
        *((file, DEFAULT_MODEL, LANGUAGES[i % len(LANGUAGES)]) for i, file in enumerate(PAGES)),
        *(
            pytest.param(file, DEFAULT_MODEL, lang, marks=pytest.mark.slow)
            for i, file in enumerate(PAGES)
            for lang in LANGUAGES
            if lang != LANGUAGES[i % len(LANGUAGES)]
        ),
        *(pytest.param(file, OTHERS[i % len(OTHERS)], "zh", marks=pytest.mark.slow) for i, file in enumerate(PAGES)),
    ],
)
def test_a_page_opens(file: str, lang: str, model: str) -> None:
    at = open_page(file, lang=lang, model=model, source=examples(model)[0])
    assert warnings(at) == []
    assert notes(at) == []
    assert at.error.len == 0
    assert words(at)[0][-1] == "</s>"
    assert at.text_input(key="source").label == t("bar.source", lang)
    assert at.selectbox(key="model").value == model


@pytest.mark.slow
@pytest.mark.parametrize("model", sorted(set(bundled_models()) - set(TRANSLATORS)))
@pytest.mark.parametrize("file", PAGES)
def test_a_page_opens_for_a_model_of_one_text(file: str, model: str) -> None:
    at = open_page(file, lang="en", model=model, source=examples(model)[0])
    assert at.error.len == 0
    assert at.text_input(key="source").value == examples(model)[0]
    assert at.selectbox(key="model").value == model
    assert warnings(at) == []
    said = [box.value for box in at.info]  # where only a model that writes can help
    assert bool(said) == (file.startswith("decode/") and "writes" not in load_model(model).abilities)
    assert all("→" in one for one in said)


@pytest.mark.slow
@pytest.mark.parametrize("file", PAGES)
def test_a_page_opens_without_a_link(file: str) -> None:
    at = open_page(file)
    assert (warnings(at), notes(at)) == ([], [])
    model = "en-fr"  # the translator for a reader of English, as AppTest is
    assert at.selectbox(key="model").value == model
    pair = telling_pair(model) if file == "decode/forcing.py" else (examples(model)[0], "")
    assert (at.text_input(key="source").value, at.text_input(key="target").value) == pair
    assert at.button_group(key="lang").value in LANGUAGES


@pytest.mark.slow
@pytest.mark.parametrize(("file", "text"), [*((file, "") for file in PAGES), (PAGES[0], "   \t ")])
def test_without_a_word_the_reader_is_asked_for_one(file: str, text: str) -> None:
    at = open_page(file, lang="zh", source=text)
    assert warnings(at) == [t("error.empty_text", "zh")]
    assert maps(at) == {}
    assert words(type_source(at, CHINESE))[0] == [*CHINESE, "</s>"]


@pytest.mark.slow
@pytest.mark.parametrize(("stack", "block"), BLOCKS, ids=".".join)
def test_a_chart_has_a_row_and_a_column_per_position(stack: str, block: str) -> None:
    at = open_page(source=CHINESE, stack=stack, block=block, stage="weights", lang="en")
    source, written = words(at)
    n_rows = len(source if stack == "encoder" else written)
    n_columns = len(written if (stack, block) == ("decoder", "self_attn") else source)
    heat = maps(at)["map0"]
    assert heat["cells"].shape == (n_rows, n_columns)
    assert (heat["low"], heat["high"]) == (0, 1)
    assert np.isinf(heat["cells"]).any() == ((stack, block) == ("decoder", "self_attn"))
    assert heat["column_labels"][0].startswith("0 ")
    assert ("→" in heat["row_labels"][0]) == (stack == "decoder")


def test_a_link_restores_the_whole_view() -> None:
    query = {
        "lang": "zh",
        "model": DEFAULT_MODEL,
        "source": "他 是 一个 <学生>",
        "target": "He is",
        "stack": "encoder",
        "block": "self_attn",
        "layer": "0",
        "head": "0",
        "stage": "scores_raw",
        "site": "encoder.0.self_attn.scores_raw",
        "cell": "0,0",
        "average": "0",
    }
    at = open_page(**query)
    assert notes(at) == []
    assert components(at)["address"]["query"] == query
    assert components(at)["explain"]["at"] == [0, 0]
    assert at.button_group(key="choose.layer").value == 0


@pytest.mark.slow
def test_the_address_is_the_same_for_another_reader() -> None:
    first = components(open_page(source=CHINESE, layer=1, head=2, cell="3,0"))["address"]["query"]
    assert components(open_page(**first))["address"]["query"] == first


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({"layer": "99"}, {"layer": "2"}),
        ({"layer": "abc"}, {"layer": "2"}),
        ({"head": "-1"}, {"head": "0"}),
        ({"head": "4000"}, {"head": "0"}),
        ({"site": "<b>x</b>"}, {"site": "decoder.2.cross_attn.q"}),
        ({"stage": "<b>x</b>"}, {"stage": "q"}),
        ({"model": "../../etc"}, {"model": DEFAULT_MODEL}),
        ({"stack": "middle"}, {"stack": "decoder"}),
        ({"block": "$x$"}, {"block": "cross_attn"}),
        ({"lang": "xx"}, {}),
        ({"cell": "99,0"}, {}),
        ({"cell": "0,99"}, {"cell": "0,"}),
        ({"cell": "a,b"}, {}),
        ({"stack": "encoder", "block": "cross_attn"}, {"block": "self_attn"}),
    ],
    ids=str,
)
def test_nonsense_in_a_link_is_said_plainly_and_replaced(query: dict[str, str], kept: dict[str, str]) -> None:
    at = open_page(source=CHINESE, **{"lang": "en", **query})
    assert notes(at)
    name, value = next(iter(query.items())) if "block" not in query else ("block", query["block"])
    lang = at.button_group(key="lang").value
    key = "link.no_model" if name == "model" else "link.bad"
    said = t(key, lang, name=name, value="VALUE", used="USED").split("VALUE")[0]
    assert all(note.startswith(said) for note in notes(at))
    assert any(escape(value) in note for note in notes(at)) or name == "cell"
    address = components(at)["address"]["query"]
    assert all(address[key].startswith(text) for key, text in kept.items())
    assert warnings(at) == []
    assert notes(sound(at.run())) == []  # said once, until the next choice


def test_every_part_of_a_link_may_be_nonsense_at_once() -> None:
    at = open_page(**dict.fromkeys(("lang", "model", "stack", "block", "layer", "head", "site", "cell", "step"), "?"))
    assert len(notes(at)) >= 8


@pytest.mark.slow
def test_a_shorter_sentence_after_a_late_row_is_no_bad_link() -> None:
    at = open_page(source="我有一只猫和一只狗", cell="7,8", lang="en", stack="encoder", block="self_attn")
    assert components(at)["explain"]["at"] == [7, 8]
    type_source(at, "猫")
    assert notes(at) == []
    assert components(at)["explain"]["at"][0] in (0, 1)


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
