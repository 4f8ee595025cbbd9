"""Whatever a notebook hands to a public callable: it is read as Python's own, or refused by an error that names it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.core.conftest import ENGLISH_LINES
from tests.core.public_calls import Call, calls, same, small_glass
from tests.core.public_names import expected
from transformer_core.glass.errors import GlassformerError
from transformer_core.models.files import save_model

INTEGERS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
NAN = float("nan")
WRONG = {
    "None": None,
    "NaN": NAN,
    "infinity": float("inf"),
    "float": 2.5,
    "numpy float": np.float32(2.5),
    "negative": -1,
    "huge": 10**30,
    "large": 999_999,
    "bool": True,
    "numpy bool": np.bool_(True),
    "text": "no such thing",
    "empty text": "",
    "bytes": b"abc",
    "list": [1, 2],
    "mixed list": [1, "a", None],
    "nested list": [[1], [2, 3]],
    "large ids": [[5, 999_999, 2]],
    "negative ids": [[5, -1, 2]],
    "empty list": [],
    "tuple": (0.5, NAN),
    "set": {1, 2},
    "dict": {"a": 1},
    "array": np.array([0.5, 1.5]),
    "matrix": np.array([[5, 9], [7, 2]]),
    "object array": np.array([None, "a"], dtype=object),
    "tensor": torch.tensor([0.5, 1.5]),
    "bfloat16": torch.tensor([0.5, 1.5], dtype=torch.bfloat16),
    "grad": torch.tensor(1.5, requires_grad=True),
    "complex": 1j,
    "type": int,
    "object": object(),
    "range": range(3),
}
# What an argument is called in a message, where it goes by another name than in the signature.
CALLED = {
    "key": ("site", "not a", "axes"),
    "name": ("parameter", "not a site", "measure", "a bundled model", "config"),
    "config": ("config",),
    "block": ("attention block",),
    "side": ("source", "target"),
    "ids": ("source", "ids"),
    "index": ("cell",),
    "text": ("source", "[MASK]", "no edit", "words", "permutation"),
    "at_least": ("at least",),
    "at_most": ("at most",),
    "targets": ("target",),
    "prefixes": ("prefix",),
    "prefix": ("prefixes",),
    "permutation": ("permutation",),
    "values": ("config", "fields"),
    "alignment": ("alignment",),
    "alignments": ("alignment",),
    "head": ("head",),
    "path": ("saved trace", "tokenizer file", "cannot be read"),
    "lines": ("vocab_size",),
    "language": ("byte-pair",),
    "trace": ("trace",),
    "traces": ("trace",),
    "record": ("record",),
    "written_ids": ("labels",),
    "source_tokens": ("labels",),
    "target_tokens": ("labels",),
    "written_tokens": ("labels",),
    "target": ("labels", "ids", "predicts_next"),
    "source": ("labels", "rows"),
    "more": ("predicts_next",),
    "begin": ("target",),
    "rule": ("rules",),
    "rules": ("rows", "rule"),
    "edit": ("edits", "edit"),
    "max_length": ("vocab",),
}


@pytest.fixture(scope="module")
def table(chinese, english, tmp_path_factory) -> dict[str, Call]:
    folder = tmp_path_factory.mktemp("arguments")
    glass = small_glass(chinese, english)
    save_model(folder / "model", glass.model, chinese, english)
    return calls(glass, ENGLISH_LINES, folder)


NAMES = [name for name, _ in expected()]


def test_every_public_callable_and_every_argument_is_in_the_table(table):
    assert set(NAMES) - set(table) == set()
    for name, function in expected():
        parameters = set(inspect.signature(function).parameters) - {"self", "cls"}
        assert parameters == set(table[name].arguments), name


def forms(value: Any) -> list[Any]:
    """The notebook's other forms of a plain value."""
    if isinstance(value, bool):
        return [np.bool_(value), torch.tensor(value), np.array(value)]
    if isinstance(value, int):
        kinds = [kind for kind in INTEGERS if value <= np.iinfo(kind).max]
        return [np.array(value, kind)[()] for kind in kinds] + [torch.tensor(value), np.array(value)]
    if isinstance(value, float):
        kinds = (np.float16, np.float32, np.float64)
        return [kind(value) for kind in kinds] + [torch.tensor(value), torch.tensor(value, dtype=torch.bfloat16)]
    if isinstance(value, str):
        return [np.str_(value)]
    if isinstance(value, Path):
        return [str(value)]
    if isinstance(value, list) and value and isinstance(value[0], int | float | str | list):
        return [tuple(value), *_arrays(value)]
    return []


def _arrays(value: list[Any]) -> list[Any]:
    array = np.array(value)
    if array.dtype.kind == "f":
        return [array, array.astype(np.float32), torch.tensor(array), torch.tensor(array).requires_grad_()]
    if array.dtype.kind != "i":
        return [np.array(value)] if array.dtype.kind == "U" else []
    kinds = [kind for kind in INTEGERS if array.max() <= np.iinfo(kind).max]
    frozen = array.copy()
    frozen.flags.writeable = False
    rows = [[np.int64(i) for i in row] for row in value] if array.ndim == 2 else [np.int64(i) for i in value]
    tensors = [torch.tensor(array.astype(np.int64)).to(getattr(torch, kind)) for kind in kinds]
    return [array.astype(kind) for kind in kinds] + tensors + [rows, frozen, array.astype(">i4")]


# Every fourth of what is handed over is quick, from another one on for every callable.
PARTS = [(0,), (1, 2, 3)]
by_part = pytest.mark.parametrize("part", PARTS, ids=["a quarter", "the others"])
by_name = pytest.mark.parametrize(("number", "name"), [*enumerate([*NAMES, "Trace.get"])], ids=[*NAMES, "Trace.get"])


@by_part
@by_name
def test_other_forms_of_a_value_mean_the_same(number, name, part, table):
    call = table[name]
    plain = call()
    for argument, value in call.arguments.items():
        for form in in_part(forms(value), part, number):
            where = f"{name}({argument}={type(form).__name__} {getattr(form, 'dtype', '')})"
            assert same(call(**{argument: form}), plain), where


def in_part(cases: Iterable[Any], part: tuple[int, ...], number: int) -> list[Any]:
    return [case for i, case in enumerate(cases) if (i + number) % 4 in part]


@by_part
@by_name
def test_what_cannot_be_meant_is_refused_by_its_name(number, name, part, table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # a text is a path to what writes a file
    call, refused = table[name], 0
    for argument in call.arguments:
        for what, value in in_part(WRONG.items(), part, number):
            if callable(value) and callable(call.arguments[argument]):
                continue  # a listener of the reader's own may do what it likes
            where = f"{name}({argument}={what})"
            try:
                call(**{argument: value})
            except GlassformerError as error:
                refused += 1
                said = str(error)
                assert any(word in said for word in (argument, *CALLED.get(argument, ()))), f"{where}: {said}"
                assert len(said) < 1000, where
            except OSError:
                assert name.endswith("save"), where  # where nothing can be written, Python says so
            except Exception as error:
                pytest.fail(f"{where} raised {type(error).__name__}: {error}")
    assert refused or not call.arguments
