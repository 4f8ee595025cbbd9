"""What components take is written down in Python and in JavaScript: both name the same fields."""

from __future__ import annotations

import inspect
import re
from typing import Any, NotRequired, get_origin, get_type_hints, is_typeddict

import pytest

import ui.parts.wires as wires
from figures.base.styles import COMPONENTS
from tests.ui.opened import components, open_page

_TYPEDEF = re.compile(r"/\*\*\n \* @typedef \{object\} (\w+Data)\b.*?\*/", re.DOTALL)
_FIELD = re.compile(r"^ \* @property \{.*\} (\[?)(\w+)", re.MULTILINE)
TOLD_ALL = {"mode"}


def in_python() -> dict[str, dict[str, bool]]:
    """The fields of every component's data, and whether each has to be there."""
    found = {name: get_type_hints(one, include_extras=True) for name, one in inspect.getmembers(wires, is_typeddict)}
    return {
        name: {field: get_origin(kind) is not NotRequired for field, kind in hints.items()}
        for name, hints in found.items()
    }


def in_javascript() -> dict[str, dict[str, bool]]:
    texts = [file.read_text(encoding="utf-8") for file in COMPONENTS.rglob("*.js")]
    return {
        found[1]: {name: not bracket for bracket, name in _FIELD.findall(found[0])}
        for text in texts
        for found in _TYPEDEF.finditer(text)
    }


def test_both_sides_name_the_same_fields() -> None:
    assert in_python() == in_javascript()
    assert len(in_python()) > 10


def unlike(name: str, data: dict[str, Any]) -> set[str]:
    """The fields of a message that are not written down, and those that are missing."""
    fields = in_python()["".join(word.title() for word in name.split("_")) + "Data"]
    needed = {field for field, required in fields.items() if required}
    return (set(data) - TOLD_ALL - set(fields)) | (needed - set(data))


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("explore/attention.py", {"edits": "off:decoder.2.cross_attn:1"}),
        ("explore/architecture.py", {}),
        ("explore/heads.py", {"compare": "head", "beside": "0.1"}),
        ("decode/unfold.py", {}),
        ("explore/output.py", {}),
        ("learn/masks.py", {}),
        ("decode/forcing.py", {}),
        ("decode/search.py", {}),
        ("explore/embedding.py", {}),
        ("decode/fill.py", {"model": "words-en", "source": "I [MASK] a [MASK]."}),
    ],
)
def test_what_is_sent_is_what_is_written_down(page: str, query: dict[str, str]) -> None:
    found = components(open_page(page, **{"source": "我有一只猫", **query}))
    known = {
        name: data
        for name, data in found.items()
        if "".join(word.title() for word in name.split("_")) + "Data" in in_python()
    }
    assert len(known) > 2
    assert {name: unlike(name, data) for name, data in known.items()} == {name: set() for name in known}
