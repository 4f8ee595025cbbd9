"""What is in the files that are taken home: all the numbers as they were, with the right words."""

from __future__ import annotations

import csv
from functools import lru_cache
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from transformer_core import Trace, all_formulas, all_parameters, difference
from ui.state.examples import examples
from ui.state.models import Asked, get_model, get_trace, model_names
from ui.state.values import find_value
from ui.take_home.files import csv_file, file_name, head_part, npz_file, trace_file

CHINESE, ENGLISH = "我有一只猫", "I have a cat."
ASKED = Asked("zh-en", CHINESE, "")
LONG = Asked("zh-en", "猫" * 63, " ".join(["cat"] * 63))
WEIGHTS = "decoder.2.cross_attn.weights"
MANY = 10**5


@lru_cache
def kinds(model: str) -> tuple[str, ...]:
    """One site of every kind, and one parameter of every kind."""
    plan = get_model(model).plan
    sites = {formula.kind: key for key, formula in all_formulas(plan).items()}
    parameters = {found.name.rpartition(".")[2]: found.name for found in all_parameters(plan)}
    return (*sites.values(), *parameters.values())


def table(asked: Asked, key: str, head: int = 0) -> tuple[list[str], list[str], list[list[str]]]:
    """The head line, the first column and the numbers of a CSV file."""
    rows = list(csv.reader(StringIO(csv_file(asked, key, head).decode("utf-8-sig"), newline="")))
    return rows[0], [row[0] for row in rows[1:]], [row[1:] for row in rows[1:]]


def array(trace: Trace, key: str) -> Any:
    return trace[key] if key in trace else trace.parameters[key]


@pytest.mark.slow
@pytest.mark.parametrize("model", model_names())
def test_a_table_has_every_number_as_it_was(model: str) -> None:
    asked = Asked(model, examples(model)[0], "")
    trace = get_trace(asked)
    for key in kinds(model):
        cells = find_value(trace.plan, key).sheet(trace, 1)
        if cells.size > MANY:
            continue  # a table of a whole vocabulary has a test of its own
        _, _, numbers = table(asked, key, 1)
        if cells.dtype == bool:
            assert numbers == [[str(cell) for cell in row] for row in cells.tolist()]
        else:
            assert_array_equal(np.array(numbers).astype(cells.dtype), cells, err_msg=key)


def test_rows_and_columns_say_their_words() -> None:
    head, rows, _ = table(ASKED, WEIGHTS, 2)
    assert head == [f"{WEIGHTS}[2]", "0 我", "1 有", "2 一", "3 只", "4 猫", "5 </s>"]
    trace = get_trace(ASKED)
    pairs = zip(trace.target_tokens, trace.written_tokens, strict=True)
    assert rows == [f"{i} {read} → {written}" for i, (read, written) in enumerate(pairs)]
    head, rows, _ = table(ASKED, "encoder.0.ln1.mean")
    assert (head, rows[0]) == (["encoder.0.ln1.mean", "0"], "0 我")
    head, rows, _ = table(ASKED, "encoder.0.ln1.gamma")
    assert (head[1:3], rows) == (["0", "1"], ["0"])
    assert table(ASKED, "src_embed.tokens")[1] == ["0 我", "1 有", "2 一", "3 只", "4 猫", "5 </s>"]


def test_a_label_is_no_formula_for_a_table_program() -> None:
    for asked, key in ((Asked("zh-en", "=1+1 @a -b +c", "= 1"), WEIGHTS), (ASKED, "head.logits")):
        head, rows, _ = table(asked, key)
        assert [label for label in (*head[1:], *rows) if not label[0].isdigit()] == []


def test_a_table_begins_with_the_mark_that_table_programs_look_for() -> None:
    assert csv_file(ASKED, WEIGHTS, 0).startswith(b"\xef\xbb\xbf")


@pytest.mark.slow
def test_the_largest_value_has_all_its_columns() -> None:
    head, rows, numbers = table(LONG, "head.logits")
    config, tokenizer = get_model("zh-en").config, get_model("zh-en").target_tokenizer
    assert tokenizer is not None
    assert (len(head) - 1, len(rows)) == (config.target_vocab_size, 64)
    assert head[1001] == f"1000 {tokenizer.pieces([1000])[0]}"
    assert_array_equal(np.array(numbers, np.float32), get_trace(LONG)["head.logits"])


@pytest.mark.slow
@pytest.mark.parametrize("model", model_names())
def test_an_array_comes_whole_with_its_axes_and_words(model: str) -> None:
    asked = Asked(model, examples(model)[0], "")
    trace = get_trace(asked)
    for key in kinds(model):
        with np.load(BytesIO(npz_file(asked, key)), allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
        value = find_value(trace.plan, key)
        assert_array_equal(found["values"], array(trace, key), err_msg=key)
        assert found["values"].dtype == array(trace, key).dtype
        assert (str(found["key"]), str(found["axes"])) == (key, value.axes)
        assert [str(found[name]) for name in ("model", "source", "target")] == [model, asked.source, ""]
        tokens = trace.tokens_of(key) if key in trace else (None,) * len(value.axes)
        for letter, words in zip(value.axes, tokens, strict=True):
            if words is not None:
                assert tuple(found[f"tokens_{letter}"]) == words
            elif letter == "V":
                assert len(found["tokens_V"]) == found["values"].shape[value.axes.index("V")]
            else:
                assert f"tokens_{letter}" not in found


def test_a_decoder_row_has_the_word_that_it_writes() -> None:
    with np.load(BytesIO(npz_file(Asked("zh-en", CHINESE, ENGLISH), WEIGHTS))) as file:
        assert tuple(file["written_Q"]) == get_trace(Asked("zh-en", CHINESE, ENGLISH)).written_tokens
        assert "written_K" not in file.files
        assert str(file["target"]) == ENGLISH
    with np.load(BytesIO(npz_file(ASKED, "encoder.0.self_attn.weights"))) as file:
        assert "written_Q" not in file.files


@pytest.mark.slow
@pytest.mark.parametrize("asked", [ASKED, LONG, Asked("zh-en-prenorm", "猫", "")])
def test_the_whole_trace_comes_back(asked: Asked, tmp_path: Path) -> None:
    (tmp_path / "trace.npz").write_bytes(trace_file(get_trace(asked)))
    trace, found = get_trace(asked), Trace.load(tmp_path / "trace.npz")
    assert (found.plan, list(found), list(found.parameters)) == (trace.plan, list(trace), list(trace.parameters))
    assert (found.source_tokens, found.written_ids) == (trace.source_tokens, trace.written_ids)
    for key in trace:
        assert_array_equal(found[key], trace[key])
        assert difference(found, key) == difference(trace, key) < 1e-4  # a mean may be near 0, and its numbers far


def test_files_are_called_after_what_is_in_them() -> None:
    weights, logits = (find_value(get_model("zh-en").plan, key) for key in (WEIGHTS, "head.logits"))
    name = file_name("zh-en", WEIGHTS, head_part(weights, 0), kind="csv")
    assert name == "glassformer-zh-en-decoder.2.cross_attn.weights-head0.csv"
    assert file_name("en-fr", "head.logits", head_part(logits, 3), kind="npz") == "glassformer-en-fr-head.logits.npz"
