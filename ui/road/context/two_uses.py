"""The word in both sentences: what every layer makes of it, and how far apart that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import streamlit as st

from figures.base.labels import number, percent
from figures.road.two_uses import HALVES, largest_apart, layer_rows
from transformer_core.glass.errors import GlassformerError
from transformer_core.glass.trace import Trace
from transformer_core.studies.road.word_uses import vectors_at, word_place
from ui.frame.text import dotted, escape, say_error, section, t
from ui.parts import hearing
from ui.parts.modules import Hear
from ui.parts.wires import TwoUsesData
from ui.road.components import two_uses
from ui.road.context.pairs import SHARED, Pair, choose_pair, pair_of
from ui.state.models import get_model, get_trace
from ui.state.session import identify_run, mode
from ui.state.view import View

SHARES = "mix.shares"
GOES_ON = "##"  # a piece that goes on with a word


def n_layers(trace: Trace) -> int:
    """Return how many layers each chain has."""
    return len(trace[SHARES]) - 1


def keys_of(n: int) -> list[tuple[str, str]]:
    """Return the sites of both halves of the table, of n layers, and of the mix."""
    layers = [tuple(f"{half}.{j}.h" for half in HALVES) for j in range(n)]
    return [("embed.out", "embed.out"), *layers, ("mix.forward_out", "mix.backward_out")]  # type: ignore[list-item]


def show_two_uses(view: View, trace: Trace) -> None:
    """Draw both sentences, and the vectors of the word in each."""
    lang, pair = view.lang, pair_of(view)
    if not pair.word:
        st.info(t("two_uses.nothing", lang), icon=":material/edit:")
        return
    glass, asked = get_model(view.model), identify_run(view).edited
    try:
        other = get_trace(replace(asked.plain, source=pair.second))
    except GlassformerError as error:
        st.warning(say_error(error, lang), icon=":material/edit:")
        return
    places = [word_place(glass, sentence, pair.word) for sentence in (pair.first, pair.second)]
    first, second = (vectors_at(run, *place) for run, place in zip((trace, other), places, strict=True))
    keys = keys_of(n_layers(trace))
    rows = layer_rows(first, second, keys)
    at = {"ahead": places[0][1], "back": places[0][0]}
    _look_at_largest(first, second, keys, at)
    state = st.session_state
    shares = trace[SHARES]
    for j, row in enumerate(rows):
        mixed = j == len(rows) - 1
        row["name"] = t("two_uses.mix" if mixed else "two_uses.layer" if j else "two_uses.table", lang, n=j - 1)
        row["share"] = "" if mixed else percent(float(shares[j]))
        row["told"] = number(row["apart"], 2)
        row["same"] = row["most"] == 0
    names = (trace.plan.word_lists[0].name, "")
    data = {
        "sentences": [
            {"list": name, "read": _read(run), "first": place[0], "last": place[1]}
            for name, run, place in zip(names, (trace, other), places, strict=True)
        ],
        "shared": {str(word_place(glass, pair.first, word)[0]): word for word in pair.shared},
        "rows": rows,
        "selected": {"key": state.site, "row": state.row or 0, "column": state.column or 0},
        "at": at,
        "gamma": number(float(trace.parameters["mix.gamma"][0]), 2),
        "words": section("two_uses_words", lang),
    }
    two_uses("two_uses", cast(TwoUsesData, data), mode(), **_handlers(view, trace, pair, keys, at))
    far = max(rows[1:-1], key=lambda row: row["apart"])
    facts = {"word": escape(pair.word), "most": f"{rows[0]['most']:.2g}", "layer": far["name"], "apart": far["told"]}
    pieces = [_pieces(run, *place) for run, place in zip((trace, other), places, strict=True)]
    told = "told" if rows[0]["same"] else "told_changed" if pieces[0] == pieces[1] else "told_capital"
    st.markdown(dotted(f"two_uses.{told}", lang, **facts))


def _pieces(run: Trace, first: int, last: int) -> list[int]:
    return [int(i) for i in run[run.plan.word_lists[0].tokens][first : last + 1]]


def _read(run: Trace) -> list[dict[str, Any]]:
    words = run.words_of(run.plan.word_lists[0].name)
    return [
        {"text": word.text.removeprefix(GOES_ON), "special": word.special, "goes_on": word.text.startswith(GOES_ON)}
        for word in words.read
    ]


def _look_at_largest(first: Any, second: Any, keys: list[tuple[str, str]], at: Mapping[str, int]) -> None:
    """Begin with the number of the last layer that differs most between the uses."""
    state = st.session_state
    if state.row is None:
        half, column = largest_apart(first[-2], second[-2])
        state.update(site=keys[-2][half], row=at[HALVES[half]], column=column)


def _handlers(
    view: View, trace: Trace, pair: Pair, keys: list[tuple[str, str]], at: Mapping[str, int]
) -> Mapping[str, Hear]:
    state, width = st.session_state, trace.shape("embed.out")[-1]

    def look(sent: Any) -> None:
        key, half = hearing.word(sent, "key"), hearing.whole(sent, "half", below=2)
        if key == SHARES:
            state.update(site=key, row=0, column=hearing.whole(sent, "column", below=len(trace[SHARES])), trail="")
        elif any(both[half] == key for both in keys):
            column = hearing.whole(sent, "column", below=width)
            state.update(site=key, row=at[HALVES[half]], column=column, trail="")

    def word(sent: Any) -> None:
        if (chosen := hearing.word(sent, "word")) in pair.shared:
            SHARED.choose(chosen)
            state.update(site="", row=None, column=None, trail="")

    def swap(sent: Any) -> None:
        choose_pair(view, pair.second, pair.first)

    return {"look": look, "word": word, "swap": swap}
