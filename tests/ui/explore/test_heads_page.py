"""The page of all heads as a session sees it: what its component is given, in every kind, and what a choice changes."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray
from PIL import Image

import figures.explore.heads
from figures.explore.heads import BLOCKED, SHADES
from tests.figures.base.heatmaps.unpacked_cells import unpacked_cells
from tests.ui.heads import CHINESE, HEADS, opened, values, written
from tests.ui.opened import ONE_LANGUAGE, components, notes, open_page, sound, warnings
from transformer_core.studies.heads.alignments import find_alignment, read_alignments
from transformer_core.studies.heads.attention_blocks import CROSS, transfer
from transformer_core.studies.heads.head_measures import MEASURES
from transformer_core.studies.heads.head_table import over
from ui.explore.heads import _finding, _open, _picture, _sorting, _take
from ui.frame.text import section, t
from ui.state.examples import EXAMPLES, examples
from ui.state.models import DEFAULT_MODEL, Asked, get_trace
from ui.state.view import View

LAYERS = range(3)
ALIGNED = read_alignments(EXAMPLES / "alignments.zh-en.txt")


def thumbnails(found: dict[str, Any]) -> NDArray[np.uint8]:
    image = Image.open(io.BytesIO(base64.b64decode(found["picture"].partition(",")[2])))
    height, width = found["tile"]
    tiles = np.array(image).reshape(found["n_layers"], height, found["n_heads"], width)
    return tiles.transpose(0, 2, 1, 3)


@pytest.mark.slow
@pytest.mark.parametrize("lang", ONE_LANGUAGE)
@pytest.mark.parametrize(
    ("kind", "sides"),
    [
        ("encoder.self_attn", ["source", "source"]),
        ("decoder.self_attn", ["target", "target"]),
        ("decoder.cross_attn", ["target", "source"]),
    ],
)
def test_every_number_is_the_models_own(kind: str, sides: list[str], lang: str) -> None:
    stack, _, block = kind.partition(".")
    found = components(opened(lang=lang, stack=stack, block=block))["heads"]
    trace = get_trace(Asked(DEFAULT_MODEL, CHINESE, ""))
    wanted = np.stack([trace[f"{stack}.{layer}.{block}.weights"] for layer in LAYERS])
    mask = trace[f"{stack}.0.{block}.mask"]
    assert_array_equal(values(found), np.where(mask, wanted, np.inf))
    tiles = np.rint(wanted / wanted.max(axis=(2, 3), keepdims=True) * (SHADES - 1))
    assert_array_equal(thumbnails(found), np.where(mask, tiles, BLOCKED))
    assert_allclose(found["reach"], wanted.max(axis=(2, 3)), rtol=1e-6)
    assert found["masked"] == (not mask.all())
    assert found["sides"] == sides
    assert [word["text"] for word in found["columns"]] == list(
        trace.source_tokens if sides[1] == "source" else trace.target_tokens
    )
    written = [row["writes"]["text"] for row in found["rows"] if "writes" in row]
    assert written == ([] if stack == "encoder" else list(trace.written_tokens))
    assert found["words"] == section("heads_words", lang)


def test_what_is_carried_is_the_weight_times_the_length_of_v_w_o() -> None:
    found = components(opened(shown="carried", scale="common"))["heads"]
    trace = get_trace(Asked(DEFAULT_MODEL, CHINESE, ""))
    wanted = np.stack([transfer(trace, f"decoder.{layer}.cross_attn") for layer in LAYERS])
    weights = np.stack([trace[f"decoder.{layer}.cross_attn.weights"] for layer in LAYERS])
    assert_array_equal(values(found, "carried"), wanted)
    assert_array_equal(values(found), weights)  # told beside it
    assert found["most"] == wanted.max()
    assert_array_equal(found["reach"], np.full((3, 4), wanted.max()))
    assert thumbnails(found).max() == SHADES - 1
    assert found["carried"] is True


def test_another_kind_scale_or_number_is_chosen_and_stands_in_the_link() -> None:
    at = opened()
    sound(at.button_group(key="choose.attention").set_value(("decoder", "self_attn")).run())
    sound(at.button_group(key="choose_shown").set_value("carried").run())
    sound(at.button_group(key="choose_scale").set_value("common").run())
    found, query = components(at)["heads"], components(at)["address"]["query"]
    assert found["keys"] == [f"decoder.{layer}.self_attn.weights" for layer in LAYERS]
    assert (found["scale"], found["carried"]) == ("common", True)
    assert {"block": "self_attn", "shown": "carried", "scale": "common"}.items() <= query.items()
    sound(at.button_group(key="choose_scale").set_value("head").run())
    assert "scale" not in components(at)["address"]["query"]


@pytest.mark.slow
def test_a_link_names_everything() -> None:
    link = {"layer": 0, "head": 3, "look": "lines", "over": "set", "sort": "-entropy", "find": "separator>=0.25"}
    at = opened(**link)
    assert components(at)["heads"]["start"] == link
    assert {name: str(value) for name, value in link.items()}.items() <= components(at)["address"]["query"].items()


@pytest.mark.slow
@pytest.mark.parametrize("query", [{"look": "<b>"}, {"sort": "size"}, {"find": "entropy"}, {"find": "height>=1"}])
def test_nonsense_in_a_link_is_told(query: dict[str, str]) -> None:
    at = open_page(HEADS, lang="en", source=CHINESE, **query)
    assert len(notes(at)) == 1
    assert f"{next(iter(query))} = " in notes(at)[0]


@pytest.mark.slow
def test_measures_stand_beside_each_head_here_and_over_the_examples() -> None:
    here = components(opened())["heads"]["measures"]
    assert here["set"] is None  # nobody asked
    found = components(opened(over="set"))["heads"]["measures"]
    names = [column["name"] for column in found["columns"]]
    assert names == [name for name, one in MEASURES.items() if CROSS in one.blocks]
    sources = examples(DEFAULT_MODEL)
    traces = [get_trace(Asked(DEFAULT_MODEL, source, "")) for source in sources]
    table = over(traces, [find_alignment(ALIGNED, source, written(source)) for source in sources])
    at = [i for i, head in enumerate(table.heads) if head.block.endswith("cross_attn")]
    for column, name in enumerate(names):
        assert_allclose([row[column] for row in found["set"]["mean"]], table.values[name][at], atol=1e-5)
        assert_allclose([row[column] for row in found["set"]["spread"]], table.spreads[name][at], atol=1e-5)
        assert [row[column] for row in found["set"]["n"]] == table.counts[name][at].tolist()
    assert found["here"] == here["here"]
    assert found["n_examples"] == len(sources)
    hits = names.index("aligned")
    assert sum(row[hits] for row in found["set"]["n"]) > 12 * 10  # most examples have an alignment
    # A head has a name exactly where a measure clears its bar, and the name brings the number.
    for which, numbers in (("here", found["here"]), ("set", found["set"]["mean"])):
        for label, row in zip(found["labels"][which], numbers, strict=True):
            picks = row[1] <= 0.25
            assert (t("head_label.focused", "en", value=f"{row[1]:.2f}") in label) == picks


def test_what_the_browser_chose_is_taken_over_and_nonsense_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _sorting("-entropy") == "-entropy"
    assert _sorting("size") is None
    assert _finding("previous>=0.5") == "previous>=0.5"
    assert [_finding(text) for text in ("previous>0.5", "height>=1", "entropy>=", "x" * 99)] == [None] * 4
    state = _State(vars(View(model=DEFAULT_MODEL, source=CHINESE, layer=2)))
    monkeypatch.setattr("streamlit.session_state", state)
    event = {"layer": 1, "head": 2, "look": "lines", "over": "here", "sort": "nonsense", "find": "same>=0.5"}
    _take(event)
    assert (state["layer"], state["head"]) == (1, 2)
    assert (state["option.look"], state["option.find"]) == ("lines", "same>=0.5")
    assert "option.sort" not in state
    _take({**event, "head": 99})
    assert state["head"] == 2
    _open({**event, "row": 3, "column": 99})
    assert "opened" not in state
    _open({**event, "row": 3, "column": 4})
    assert (state["opened"], state["row"], state["column"]) == ("attention", 3, 4)
    assert state["site"] == "decoder.1.cross_attn.weights"


@pytest.mark.parametrize(
    "query", [{}, {"shown": "carried"}, {"edits": "off:decoder.0.self_attn:1", "run": "difference"}]
)
def test_of_many_numbers_only_those_of_the_open_head_are_sent(
    query: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures.explore.heads, "AT_ONCE", 1)
    _picture.cache_clear()
    sent = components(opened(layer=1, head=2, **query))
    _picture.cache_clear()
    found, one = sent["heads"], sent["head_numbers"]["numbers"]
    assert found["numbers"] is None
    assert (one["of"], one["only"]) == (found["of"], [1, 2])
    runs = [get_trace(Asked(DEFAULT_MODEL, CHINESE, "", edits=query.get("edits", "")))]
    runs += [get_trace(Asked(DEFAULT_MODEL, CHINESE, ""))] if query.get("edits") else []
    path, size = "decoder.1.cross_attn", {"rows": len(found["rows"]), "columns": len(found["columns"])}
    weight, *less = (run[f"{path}.weights"][2] for run in runs)
    assert_array_equal(unpacked_cells({**one["weight"], **size}), weight - less[0] if less else weight)
    assert ("carried" in one) == (not less)
    if not less:
        assert_array_equal(unpacked_cells({**one["carried"], **size}), transfer(runs[0], path, 2))


@pytest.mark.slow
def test_too_large_a_picture_is_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures.explore.heads, "BUDGET", 100)
    _picture.cache_clear()
    at = open_page(HEADS, lang="zh", source=CHINESE)
    assert "heads" not in components(at)
    assert len(warnings(at)) == 1
    assert t("error.picture_too_large", "zh", n_tokens=6, megabytes="0.0", limit="0")[:8] in warnings(at)[0]
    _picture.cache_clear()


@pytest.mark.slow
def test_agreement_with_an_alignment_is_told_where_somebody_has_made_one() -> None:
    hits = [name for name, one in MEASURES.items() if CROSS in one.blocks].index("aligned")
    told = components(opened(source="汤姆昨天买了一本书。"))["heads"]["measures"]["here"]
    assert all(row[hits] is not None for row in told)
    untold = components(opened(source="猫猫猫"))["heads"]["measures"]["here"]
    assert all(row[hits] is None for row in untold)


class _State(dict[str, Any]):
    """A session's state in a dict."""

    def __getattr__(self, name: str) -> Any:
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value
