"""One sentence through every cell, word by word: gates and states as strips, edits of them, and what each says next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

import numpy as np
import streamlit as st

from figures.base.labels import number
from figures.base.theme import theme
from figures.road.lanes import GATES, blocks_of_lane, busiest_units, cell_path
from transformer_core.edits.values import FIXED, Fill, How
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import probs_key
from ui.frame.text import section, t
from ui.parts import hearing
from ui.parts.modules import Hear
from ui.parts.wires import LanesData
from ui.road.components import lanes
from ui.state.edit_list import added, in_effect
from ui.state.models import Asked, edits_of, get_model, get_trace, model_names, word_of
from ui.state.places import CELL
from ui.state.road import family_of
from ui.state.session import identify_run, mode
from ui.state.shared.kept import kept_with_run
from ui.state.view import View

PAGE = "chain"


def cells_on_road(view: View) -> dict[str, str]:
    """Return a model for each kind of cell: the one that is looked at, or the first."""
    names = [view.model, *model_names(PAGE)]
    kinds = dict.fromkeys(("rnn", "gru", "lstm"))
    return {kind: name for kind in kinds if (name := next((n for n in names if family_of(n) == kind), ""))}


def asked_of(view: View, model: str) -> Asked:
    """Return the run of another cell on the same sentence, under those of the edits that it can bear."""
    mine = identify_run(view).edited
    if model == mine.model:
        return mine
    plain = Asked(model, mine.source, "")
    return replace(plain, edits=in_effect(plain, view.edits).text) if mine.edits else plain


def show_lanes(view: View, trace: Trace) -> None:
    """Draw all cells side by side."""
    lang, state = view.lang, st.session_state
    models = cells_on_road(view)
    asked = {kind: asked_of(view, model) for kind, model in models.items()}
    traces = {kind: get_trace(one) for kind, one in asked.items()}
    units = {kind: _units(one.plain) for kind, one in asked.items()}
    words = trace.words_of(trace.plan.word_lists[0].name)
    if state.row is None:
        _look_at_last(trace, units[trace.plan.kind])
    names = {letter: t(f"lane_name.{letter}", lang) for letter in f"{GATES}hc"}
    row = [
        {
            "model": models[kind],
            "title": t(f"cell.{kind}", lang),
            "here": models[kind] == view.model,
            "units": list(units[kind]),
            "blocks": blocks_of_lane(traces[kind], units[kind], names, _by_hand(one)),
            "next": _next(one),
            "bits": number(bits_of(one.plain), 2),
        }
        for kind, one in asked.items()
    ]
    data = {
        "read": [{"text": word.text, "special": word.special} for word in words.read],
        "list": trace.plan.word_lists[0].name,
        "lanes": row,
        "palette": list(theme(mode()).weights),
        "selected": {"key": state.site, "row": state.row or 0, "column": state.column or 0},
        "words": section("lanes_words", lang),
    }
    lanes(
        "lanes", cast(LanesData, data), mode(), **_handlers(view, {models[kind]: one for kind, one in traces.items()})
    )


def _look_at_last(trace: Trace, units: tuple[int, ...]) -> None:
    """Begin with the last state: of those that are drawn, its largest number."""
    key = f"{cell_path(trace)}.h"
    last = np.abs(trace[key][-1, list(units)])
    st.session_state.update(site=key, row=len(trace[key]) - 1, column=units[int(last.argmax())])


@kept_with_run
def _units(plain: Asked) -> tuple[int, ...]:
    return busiest_units(get_trace(plain))


def _by_hand(asked: Asked) -> dict[str, dict[int, float]]:
    """The rows at which edits set a gate or a state to 0 or 1, each with that number, by key."""
    found: dict[str, dict[int, float]] = {}
    for edit in edits_of(asked):
        if isinstance(edit, Fill) and edit.how in FIXED:
            rows = edit.positions or range(len(get_trace(asked)[edit.site]))
            found.setdefault(edit.site, {}).update(dict.fromkeys(rows, FIXED[edit.how]))
    return found


@kept_with_run
def _next(asked: Asked) -> list[dict[str, Any]]:
    """The most probable word behind the sentence."""
    trace = get_trace(asked)
    row = trace[probs_key(trace.plan)][-1]
    best = int(row.argmax())
    return [{"text": word_of(asked.model)(best).text, "p": round(float(row[best]), 4)}]


@kept_with_run
def bits_of(plain: Asked) -> float:
    """Return how surprised a cell is by the sentence, in bits a character."""
    return get_model(plain.model).score(plain.source).bits_per_character


def _handlers(view: View, traces: Mapping[str, Trace]) -> Mapping[str, Hear]:
    """What a click does; `traces` are the runs by their models' names."""
    state = st.session_state

    def go(sent: Any) -> None:
        if (model := hearing.word(sent, "model")) in traces:
            state.update(model=model, stage=CELL, site="", row=None, column=None, trail="", opened=PAGE)

    def look(sent: Any) -> None:
        model, key = hearing.word(sent, "model"), hearing.word(sent, "key")
        if model not in traces or key not in traces[model]:
            return
        rows, columns = traces[model].shape(key)
        row, column = hearing.whole(sent, "row", below=rows), hearing.whole(sent, "column", below=columns)
        if model != view.model:
            go(sent)
        state.update(site=key, row=row, column=column, trail="")

    return {"go": go, "look": look}


def choose_edits(view: View, trace: Trace) -> None:
    """Draw the buttons that close a gate or open it, or empty a state, at the word that is looked at."""
    if view.stage not in ("", CELL):
        return
    lang, path = view.lang, cell_path(trace)
    words = trace.words_of(trace.plan.word_lists[0].name).read
    row = min(st.session_state.row or 0, len(words) - 1)
    gates, state = [letter for letter in GATES if f"{path}.{letter}" in trace], "c" if f"{path}.c" in trace else "h"
    st.caption(t("lanes.by_hand" if gates else "lanes.empty_at", lang, word=words[row].text))
    for acts in ([("close", letter) for letter in gates] + [("empty", state)], [("open", letter) for letter in gates]):
        with st.container(horizontal=True, gap="small"):
            for act, letter in acts:
                add = partial(_add, view, f"{path}.{letter}", row, "one" if act == "open" else "zero")
                st.button(t(f"lanes.{act}", lang, letter=letter), key=f"{act}_{letter}", on_click=add)


def _add(view: View, key: str, row: int, how: How) -> None:
    others = [Fill(key, (row,), other) for other in FIXED if other != how]
    edits = added(view.edits, Fill(key, (row,), how), others)
    st.session_state.update(edits=edits, run="edited", opened=PAGE)
