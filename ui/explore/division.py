"""What the stop of the division shows below its map: what softmax would make of the same scores without it."""

from __future__ import annotations

import streamlit as st

from figures.base.labels import number, plain_rows
from figures.explore.division import Division, division, most_telling
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_facts, block_at
from ui.frame.text import dotted, escape, t
from ui.parts.charts import heading, told_row
from ui.state.both_runs import tell
from ui.state.models import Asked, get_trace
from ui.state.session import identify_run, path_of
from ui.state.view import View

VALUES = ("scores_raw", "scores_scaled")
SHOWN = 8  # keys in the table, those with the largest scores


def show_division(view: View, trace: Trace) -> None:
    """Draw the scores of the row that tells most, divided and not, and the weights that follow from both."""
    lang, path, asked = view.lang, path_of(view), identify_run(view).edited
    here = get_trace(asked)
    raw, scaled = (here[f"{path}.{name}"][view.head] for name in VALUES)
    row = most_telling(raw, scaled, here[f"{path}.mask"])
    block = block_at(trace.plan, view.stack, view.layer, view.block)
    assert block is not None
    width = attention_facts(block).d_head
    st.divider()
    found = _found(asked, view, row)
    word = told_row(trace, view.stack, row)
    largest = number(found.raw[0], 1)
    look = dotted("division.look", lang, row=word, largest=largest, d_head=width, root=number(width**0.5))
    heading(t("division.title", lang), look)
    st.markdown(_table(trace, view, found, lang))
    tell(view, lambda run: _told(_found(run, view, row), lang))


def _found(asked: Asked, view: View, row: int) -> Division:
    trace, path = get_trace(asked), path_of(view)
    raw, scaled = (trace[f"{path}.{name}"][view.head, row] for name in VALUES)
    return division(raw, scaled, trace[f"{path}.mask"][row])


def _table(trace: Trace, view: View, found: Division, lang: str) -> str:
    _, side = trace.site(f"{path_of(view)}.scores_scaled").sides[-2:]
    words = plain_rows(trace.words_of(side or "").read)
    columns = [t(f"division.{name}", lang) for name in ("key", "raw", "without", "scaled", "weights")]
    rows = zip(found.keys, found.raw, found.without, found.scaled, found.weights, strict=True)
    lines = [
        [escape(words[key]), number(raw, 2), _percent(without), number(scaled, 2), f"**{_percent(weight)}**"]
        for key, raw, without, scaled, weight in list(rows)[:SHOWN]
    ]
    ruler = ["---", *["---:"] * (len(columns) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (columns, ruler, *lines))


def _told(found: Division, lang: str) -> str:
    before, after = (number(n, 2) for n in found.as_open_as)
    return dotted("division.told", lang, before=before, after=after)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
