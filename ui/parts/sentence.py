"""One number in plain words, with the reader's own words in them."""

from __future__ import annotations

import math

from figures.base.labels import number, percent
from figures.base.wire import answers
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import key_of
from ui.frame.text import t, texts
from ui.parts.focus import Focus
from ui.state.models import reader
from ui.state.values import Value

VECTOR, ALONE = "vector", "alone"  # the sentences for what has none of its own: a row of numbers, one number a word


def sentence(model: str, trace: Trace, focus: Focus, lang: str) -> str:
    """Return what a cell says; "" for a parameter, which says nothing of a sentence.

    Args:
        model: its name.
        trace: the run.
        focus: the cell.
        lang: the reader's language.
    """
    value = focus.value
    if value.is_parameter:
        return ""
    found = float(trace.array(value.key)[focus.index])
    last = len(value.axes) - 1
    names = [_name(model, trace, value, axis, focus.index) for axis in (max(0, last - 1), last)]
    row, column = names if last else (names[0], "")
    counted = value.block.role == "table" and found.is_integer()
    said = f"{found:.0f}" if value.kind == "ids" else f"{found:,.0f}" if counted else number(found)
    told = {"row": row, "column": column, "value": said, "percent": percent(found)}
    return t(f"sentence.{_which(value, found)}", lang, **told)


def _which(value: Value, found: float) -> str:
    """The name of the sentence."""
    if value.told == "seen":
        return "seen_once" if found else "seen_never"
    if value.kind == "mask":
        return "mask_open" if found else "mask_shut"
    shut = f"{value.name}_shut" if math.isinf(found) else value.told
    for known in (shut, value.told, value.name):
        if f"sentence.{known}" in texts("en"):
            return known
    return ALONE if value.axes[-1] in "1L" else VECTOR


def _name(model: str, trace: Trace, value: Value, axis: int, index: tuple[int, ...]) -> str:
    """What a position is called by its word, and anything else by its number.

    Who asks in another text asks for the word that is written there; in its own text a row reads one and writes one.
    """
    letter, side, i = value.axes[axis], value.sides[axis], index[axis]
    if letter == "V":
        return reader(model, value.block.words)(i).text
    if letter == "N" and value.inner:
        word = trace[key_of(value.block, "window")][index[:2]]
        return reader(model, value.block.words)(int(word)).text
    if side is None:
        return str(i)
    read = trace.words_of(side).read[i].text
    if value.block.role == "embedding":  # the number and the vector of a word that is read
        return read
    said = answers(trace, side)[i] if letter in "LQ" and answers(trace, side) else None
    if said is None:
        return read
    crosses = value.block.role == "attention" and value.block.memory not in ("", value.block.words)
    return said.text if crosses else f"{read} → {said.text}"
