"""The stop with the table: one-hot strips read rows of it, one step moves them, and edits and links hold."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from tests.ui.drawn import maps
from tests.ui.opened import components, notes, open_page, sound
from transformer_core.studies.road.one_step import one_step
from ui.frame.text import LANGUAGES, t
from ui.state.models import Asked, get_model, get_trace

PAGE, MODEL = "road/table.py", "nnlm-en"
SOURCE = "The little girl had a small brown dog."


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_strip_reads_its_row(lang: str) -> None:
    at = open_page(PAGE, lang=lang, model=MODEL, source=SOURCE, cell="8,70")
    shown, trace = components(at)["one_hot"], get_trace(Asked(MODEL, SOURCE, ""))
    window = trace["embed.window"][8].tolist()
    width = trace.plan.size("D")
    assert [slot["id"] for slot in shown["slots"]] == window
    assert (shown["chosen"], shown["column"]) == divmod(70, width)
    table = trace.parameters["embed.W_E"]
    lit = next(i for i, row in enumerate(shown["rows"]) if row["lit"])
    rows = np.frombuffer(base64.b64decode(shown["values"]), "<f4").reshape(-1, width)
    assert (rows[lit] == table[window[shown["chosen"]]]).all()
    assert (rows == table[[row["id"] for row in shown["rows"]]]).all()
    assert components(at)["explain"]["place"] == f"embed.out[8,{70 // width},{70 % width}]"
    step = one_step(get_model(MODEL), SOURCE)
    moved, still = int((step.table > 0).sum()), int((step.table == 0).sum())
    assert any(f"**{moved}**" in text.value and f"**{still:,}**" in text.value for text in at.markdown)
    assert moved + still == len(table)


def test_as_one_hot_words_all_are_equally_far() -> None:
    drawn = maps(open_page(PAGE, lang="en", source=SOURCE))
    one_hot, learnt = (drawn[f"table.{kind}"]["cells"] for kind in ("one_hot", "table"))
    assert (one_hot == np.eye(len(one_hot))).all()
    table = get_model(MODEL).model.parameters_by_name()["embed.W_E"].numpy()
    ids = list(dict.fromkeys(get_model(MODEL).read_ids(SOURCE)))
    rows = table[ids] / np.linalg.norm(table[ids], axis=1, keepdims=True)
    assert np.allclose(learnt, rows @ rows.T, atol=1e-4)


def test_an_edit_and_a_link() -> None:
    at = open_page(PAGE, lang="zh", model=MODEL, source=SOURCE, edits="zero:embed.out:8", stage="hidden", cell="8,3")
    assert notes(at) == []
    query = components(at)["address"]["query"]
    assert components(at)["explain"]["place"] == "hidden.act[8,3]"
    assert components(at)["explain"]["compared"]
    d = get_model(MODEL).model.parameters_by_name()["hidden.d"].numpy()
    trace = get_trace(Asked(MODEL, SOURCE, "", "zero:embed.out:8"))
    assert np.allclose(trace["hidden.act"][8], np.tanh(d), atol=1e-6)
    assert components(open_page(PAGE, **query))["address"]["query"] == query


def test_a_row_of_the_table_is_replaced_by_another_words() -> None:
    at = open_page(PAGE, lang="en", model=MODEL, source=SOURCE, cell="8,64")
    glass = get_model(MODEL)
    (cat,), width = glass.target_tokenizer.encode("cat"), glass.plan.size("D")
    slot = 64 // width
    word = int(get_trace(Asked(MODEL, SOURCE, ""))["embed.window"][8, slot])
    sound(at.text_input(key="other_row").set_value("zzyzx").run())
    assert notes(at) == [t("table.no_row", "en", word="zzyzx")]
    assert at.text_input(key="other_row").value == "zzyzx"
    sound(at.text_input(key="other_row").set_value("cat").run())
    assert at.session_state.edits == f"row:embed.out:{word}:{cat}"
    assert notes(at) == []
    query = components(at)["address"]["query"]
    for page in (at, open_page(PAGE, **query)):
        shown, panel = components(page)["one_hot"], components(page)["explain"]
        lit = next(i for i, row in enumerate(shown["rows"]) if row["lit"])
        rows = np.frombuffer(base64.b64decode(shown["values"]), "<f4").reshape(-1, width)
        table = glass.model.parameters_by_name()["embed.W_E"].numpy()
        assert (rows[lit] == table[cat]).all()
        assert panel["edited"]
        chip = components(page)["edits"]["chips"][0]["text"]
        assert chip == t("edit_said.row", "en", site="embed.out", word=shown["slots"][slot]["word"], other="cat")


def test_without_the_table_there_are_more_numbers() -> None:
    at = open_page(PAGE, lang="en", source=SOURCE)
    sizes = dict(get_model(MODEL).plan.axes)
    words, hidden = get_model(MODEL).config.vocab_size, sizes["N"] * sizes["F"]
    assert at.metric[-1].value == f"{words * sizes['D'] + sizes['D'] * hidden:,}"
    sound(at.toggle(key="choose_bare").set_value(True).run())
    assert at.metric[-1].value == f"{words * hidden:,}"
    assert components(at)["address"]["query"]["bare"] == "1"
    assert t("table.bare", "en") == at.toggle(key="choose_bare").label
