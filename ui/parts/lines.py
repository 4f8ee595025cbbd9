"""Attention weights as lines between words, beside the same as a map."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from figures.base.wire import answers
from transformer_core.glass.words import Word
from ui.frame.text import section
from ui.state.kept import kept_with_run
from ui.state.models import Asked, get_trace
from ui.state.options import Option, one_of
from ui.state.places import find_value

LOOK = Option("look", "grid", one_of("grid", "lines"))


@kept_with_run
def word_lines_of(asked: Asked, site: str, lang: str) -> Mapping[str, Any] | None:
    """Return the words between which a map of one head's weights can be drawn as lines; None if a site has no such.

    Returns:
        rows, columns: words, each with 1 for a special token, else 0, and a row that says another one with that; sides:
        the names of their lists; words: the texts of the section "lines_words".
    """
    trace = get_trace(asked)
    value = find_value(trace.plan, site)
    if value.kind != "weights" or value.block.role != "attention":
        return None
    query, key = value.sides[-2:]
    assert query is not None
    assert key is not None
    read, said = trace.words_of(query).read, answers(trace, query)
    rows = [[*_pair(word), *([] if one is None else _pair(one))] for word, one in zip_longest(read, said)]
    columns = [_pair(word) for word in trace.words_of(key).read]
    return {"rows": rows, "columns": columns, "sides": [query, key], "words": section("lines_words", lang)}


def _pair(word: Word) -> list[str | int]:
    return [word.text, int(word.special)]
