"""Links to pages: what each restores, what is said of nonsense in one, and that none is ever lost."""

from __future__ import annotations

import pytest

from tests.ui.opened import (
    EVERY_PAGE,
    components,
    notes,
    open_page,
    sound,
    type_source,
    warnings,
)
from ui.frame.text import escape, t
from ui.state.models import DEFAULT_MODEL

CHINESE = "我有一只猫"

# A link that somebody kept opens the same page for good: none of these ever goes or changes.
ADDRESSES = {
    "architecture", "embedding", "attention", "heads", "layer", "output", "unfold", "forcing", "search", "fill",
    "masks", "what_if", "models", "credits", "counts", "table", "vectors", "chain",
}  # fmt: skip


def test_the_addresses_of_the_pages_stay() -> None:
    assert {file.rpartition("/")[2].removesuffix(".py") for file in EVERY_PAGE} >= ADDRESSES


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
