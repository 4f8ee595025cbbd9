"""The view and its link: what was chosen comes back, 0 is a choice, and nonsense is named and replaced."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.tiny import make_config
from transformer_core.glass.walks import attention_kinds
from transformer_core.transformer.plans import transformer_plan
from ui.frame.text import LANGUAGES
from ui.state.values import find_value
from ui.state.view import Problem, View, block_of, fit_to_cell, fit_to_model, from_query, to_query

MODELS = ("one", "two")
CONFIG = make_config(n_encoder_layers=1, n_decoder_layers=2)  # 3 heads
PLAN = transformer_plan(CONFIG)
BLOCKS = attention_kinds(PLAN)
START = View(model="one", source="a", layer=1)


def views() -> st.SearchStrategy[View]:
    index = st.integers(0, 999_999)
    cell = st.one_of(st.just((None, None)), st.tuples(index, st.none()), st.tuples(index, index))
    text = st.text(st.characters(exclude_categories=["Cs"]))  # a lone surrogate is no part of any URL
    fields = st.builds(
        dict,
        lang=st.sampled_from(LANGUAGES),
        model=st.sampled_from(MODELS),
        source=text,
        target=text,
        layer=st.none() | index,
        head=index,
        stage=text,
        site=text,
        trail=text,
        average=st.booleans(),
    )
    return st.builds(
        lambda fields, block, cell: View(stack=block[0], block=block[1], row=cell[0], column=cell[1], **fields),
        fields,
        st.sampled_from(BLOCKS),
        cell,
    )


def read(**query: Any) -> tuple[View, list[Problem]]:
    return from_query({name: str(value) for name, value in query.items()}, MODELS, "en")


def fitted(**query: str) -> tuple[View, list[Problem]]:
    """A link's view, fitted to the model that it names."""
    view, problems = read(**query)
    return fit_to_model(view, PLAN, problems, query), problems


@given(views())
def test_a_view_comes_back_from_its_link(view: View) -> None:
    link = urlencode(to_query(view))
    back, problems = from_query(dict(parse_qsl(link, keep_blank_values=True)), MODELS, "en")
    assert back == view
    assert problems == []


@given(views())
def test_another_readers_language_and_default_model_change_nothing(view: View) -> None:
    assert from_query(to_query(view), MODELS[::-1], "zh") == (view, [])


def test_an_empty_link_is_the_default_view() -> None:
    view, problems = from_query({}, MODELS, "zh")
    assert view == View(lang="zh", model="one")
    assert problems == []


def test_zero_and_false_survive() -> None:
    view = View(model="one", layer=0, head=0, row=0, column=0, average=False)
    query = to_query(view)
    assert (query["layer"], query["head"], query["cell"], query["average"]) == ("0", "0", "0,0", "0")
    assert from_query(query, MODELS, "en") == (view, [])


def test_what_was_not_chosen_is_left_out() -> None:
    query = to_query(View(model="one"))
    assert {"layer", "cell", "target", "row", "column"} & set(query) == set()


def test_a_sentence_that_was_cleared_stays_cleared() -> None:
    assert to_query(View(model="one", source=""))["source"] == ""


def test_a_row_without_a_column_survives() -> None:
    view = View(model="one", row=0)
    assert to_query(view)["cell"] == "0,"
    assert from_query(to_query(view), MODELS, "en") == (view, [])


@pytest.mark.parametrize("name", ["lang", "model", "stack", "block"])
def test_an_unknown_name_is_told_and_replaced_by_the_default(name: str) -> None:
    for value in ("", "nonsense", "ENCODER", "<b>", "0"):
        view, problems = fitted(**{name: value})
        assert view == View(model="one", layer=1), value
        assert problems == [Problem(name, value, getattr(view, name))]


@pytest.mark.parametrize("name", ["layer", "head", "step"])
def test_a_bad_index_is_told_and_replaced_by_the_default(name: str) -> None:
    for value in ("", "abc", "-1", "1.5", "1e3", "²", "٣", "9999999", " 1", "0x1", "None"):
        view, problems = read(**{name: value})
        assert view == View(model="one"), value
        assert problems == [Problem(name, value, "-")]


@pytest.mark.parametrize(
    ("cell", "bad"), [("", ["", ""]), ("a", ["a"]), ("a,b", ["a", "b"]), (",", [""]), (",3", [""]), ("1,2,3", ["2,3"])]
)
def test_a_bad_cell_is_told_and_not_chosen(cell: str, bad: list[str]) -> None:
    view, problems = read(cell=cell)
    assert view.column is None or view.row is None
    assert [problem.value for problem in problems] == bad[: len(problems)]
    assert {(problem.name, problem.used) for problem in problems} == {("cell", "-")}


@pytest.mark.parametrize("value", ["2", "", "yes", "-1"])
def test_a_bad_flag_is_told_and_replaced(value: str) -> None:
    view, problems = read(average=value)
    assert view.average
    assert problems == [Problem("average", value, "1")]


def test_an_encoder_has_no_cross_attention() -> None:
    assert fitted(stack="encoder") == (View(model="one", stack="encoder", block="self_attn", layer=0), [])
    view, problems = fitted(stack="encoder", block="cross_attn")
    assert view.block == "self_attn"
    assert problems == [Problem("block", "cross_attn", "self_attn")]


@given(st.dictionaries(st.sampled_from([*vars(START), "cell", "other"]), st.text(max_size=9)))
def test_no_link_is_ever_an_error(query: dict[str, str]) -> None:
    problems: list[Problem] = []
    view, more = from_query(query, MODELS, "en")
    fitted = fit_to_cell(fit_to_model(view, PLAN, problems, query), 3, 5, problems)
    assert fitted.lang in LANGUAGES
    assert fitted.model in MODELS
    assert (fitted.stack, fitted.block) in BLOCKS
    assert fitted.site == "" or find_value(PLAN, fitted.site)
    assert fitted.layer in range(CONFIG.n_encoder_layers if fitted.stack == "encoder" else CONFIG.n_decoder_layers)
    assert fitted.head in range(CONFIG.n_heads)
    assert fitted.row is None or fitted.row in range(3)
    assert fitted.column is None or fitted.column in range(5)
    assert {problem.name for problem in [*problems, *more]} <= set(query)


@pytest.mark.parametrize(("stack", "last"), [("encoder", 0), ("decoder", 1)])
def test_without_a_layer_it_is_the_last(stack: str, last: int) -> None:
    problems: list[Problem] = []
    fitted = fit_to_model(replace(START, stack=stack, layer=None), PLAN, problems)
    assert fitted.layer == last
    assert problems == []


def test_what_the_model_has_stays_as_it_is() -> None:
    problems: list[Problem] = []
    for layer, head in ((0, 0), (1, 2)):
        view = replace(START, layer=layer, head=head)
        assert fit_to_model(view, PLAN, problems) == view
    assert problems == []


def test_what_the_model_lacks_is_told_and_replaced() -> None:
    problems: list[Problem] = []
    fitted = fit_to_model(replace(START, layer=2, head=3), PLAN, problems)
    assert (fitted.layer, fitted.head) == (1, 0)
    assert problems == [Problem("layer", "2", "1"), Problem("head", "3", "0")]


@pytest.mark.parametrize("site", ["decoder.1.cross_attn.q", "decoder.1.cross_attn.W_Q", "head.probs", "src_embed.W_E"])
def test_a_value_that_the_model_has_stays(site: str) -> None:
    problems: list[Problem] = []
    view = replace(START, site=site, row=0, column=1, trail="head.probs[0,1]")
    assert fit_to_model(view, PLAN, problems) == view
    assert problems == []


@pytest.mark.parametrize("site", ["weights", "decoder.9.cross_attn.q", "decoder.1.cross_attn.W_X", "<b>", "..", "W"])
def test_a_value_that_the_model_lacks_is_told_and_not_chosen(site: str) -> None:
    problems: list[Problem] = []
    fitted = fit_to_model(replace(START, site=site, row=0, column=1, trail="head.probs[0,1]"), PLAN, problems)
    assert (fitted.site, fitted.row, fitted.column, fitted.trail) == ("", None, None, "")
    assert problems == [Problem("site", site, "-")]


@pytest.mark.parametrize(("row", "column"), [(None, None), (0, None), (0, 0), (2, 4)])
def test_a_cell_of_the_matrix_stays(row: int | None, column: int | None) -> None:
    problems: list[Problem] = []
    view = replace(START, row=row, column=column)
    assert fit_to_cell(view, 3, 5, problems) == view
    assert problems == []


@pytest.mark.parametrize(
    ("cell", "kept", "used"), [((3, 0), (None, None), "-"), ((9, None), (None, None), "-"), ((2, 5), (2, None), "2")]
)
def test_a_cell_outside_is_told(cell: tuple[int, int | None], kept: tuple[int | None, None], used: str) -> None:
    problems: list[Problem] = []
    fitted = fit_to_cell(replace(START, row=cell[0], column=cell[1]), 3, 5, problems)
    assert (fitted.row, fitted.column) == kept
    assert [(problem.name, problem.used) for problem in problems] == [("cell", used)]
    assert "None" not in problems[0].value


def test_the_path_names_the_block() -> None:
    assert block_of(PLAN, replace(START, layer=0)).path == "decoder.0.cross_attn"
