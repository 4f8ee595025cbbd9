"""What the stop of counting shows: a map of counts, a sentence as a chain, and what adding k to every count does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import plotly.graph_objects as go
import streamlit as st

from figures.base.heatmaps.matrix import Axes, Matrix
from figures.base.labels import bare_label, number, percent
from figures.base.theme import Mode, theme
from figures.road.counts import (
    Factor,
    bits,
    counts_map,
    factors,
    followers,
    least_expected,
    mass,
    most_changed,
    smoothing_curves,
    table_of_counts,
    told_ids,
    wire_factors,
)
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import key_of
from transformer_core.glass.words import Word
from ui.frame.text import dotted, section, t
from ui.parts.charts import chart, heat
from ui.parts.focus import choose_cell
from ui.parts.maps import Map, map_of
from ui.parts.stepper import Extra
from ui.parts.wires import FollowersData
from ui.road.components import chain_of_factors, row_of_counts
from ui.road.guess import Guess, given_on, show_guess
from ui.road.reading import KS, choose_reading, most_words, reading_of
from ui.road.stop import show_end, show_failure, show_number
from ui.road.unseen import SETS, unseen, unseen_bits, unseen_counts
from ui.state.models import Asked, get_model, get_trace, language_of, word_of
from ui.state.options import Option, one_of
from ui.state.places import CHAIN
from ui.state.session import identify_run, mode
from ui.state.shared.kept import kept_with_run
from ui.state.values import find_value
from ui.state.view import View

PAGE, COUNT, UNSEEN = "counts", "count", "unseen"
KEPT = 64  # sentences
SET = Option("set", SETS[0], one_of(*SETS))
GIVEN = given_on(PAGE)
COUNTS_OPTIONS = (SET, GIVEN)
BEST = "kneser_ney"


def choose_counts(view: View, trace: Trace) -> None:
    """Draw the choice of how the tables are read."""
    choose_reading(view, PAGE)


def counts_pictures() -> Mapping[str, Extra]:
    """Return what the stops show in place of their maps."""
    return {COUNT: show_map, CHAIN: show_chain}


def counts_extras(view: View, trace: Trace) -> Mapping[str, Extra]:
    """Return the stop that shows no value."""
    return {UNSEEN: show_unseen}


def show_map(view: View, trace: Trace) -> None:
    """Draw the counts behind each place of the sentence, and the chosen row of them large."""
    lang, asked = view.lang, identify_run(view).edited
    row, column = _looked_at(view, asked, most_changed)
    shown = map_of(trace, find_value(trace.plan, key_of(table_of_counts(trace), COUNT)), 0, row, column)
    heat(
        _map(asked, shown.columns, lang, mode()),
        "counts_map",
        t("counts.map", lang),
        view,
        lambda row, column: choose_cell(shown, row, column),
    )
    _show_row(view, asked, row)
    config = get_model(reading_of(view).model).config
    if language_of(view.model) == "zh":
        st.caption(dotted("counts.by_character", lang))
    pairs = {"words": f"{config.vocab_size:,}", "seen": f"{config.rows[1]:,}"}
    st.markdown(dotted("counts.says", lang, share=percent(config.rows[1] / config.vocab_size**2), **pairs))


def show_chain(view: View, trace: Trace) -> None:
    """Draw the sentence as a product of factors, and the row of counts behind the chosen one."""
    lang, asked = view.lang, identify_run(view).edited
    chain, (row, _) = _chain(asked), _looked_at(view, asked, least_expected)
    shown = Map(find_value(trace.plan, key_of(table_of_counts(trace), "probs")))

    def choose(chosen: int) -> None:
        choose_cell(shown, chosen, chain[chosen].id)

    drawn = wire_factors(chain, word_of(asked.model), section("counts", lang)["times"])
    total = t("counts.total", lang, bits=number(bits(chain), 1), power=number(-bits(chain) / math.log2(10), 1))
    side = trace.plan.word_lists[0].name
    chain_of_factors("counts_chain", drawn, row, total, side, section("chain_words", lang), mode(), choose)
    _show_row(view, asked, row)
    never = sum(one.count == 0 for one in chain)
    st.markdown(dotted("counts.impossible" if never else "counts.possible", lang, never=never, n=len(chain)))


def _looked_at(view: View, asked: Asked, first: Callable[[Sequence[Factor]], int]) -> tuple[int, int]:
    """The chosen place and word; before one is chosen, the word of the sentence that tells most at this stop."""
    chain = _chain(asked)
    if view.row is None:
        row = first(chain)
        st.session_state.update(row=row, column=chain[row].id)
        return row, chain[row].id
    row = min(view.row, len(chain) - 1)
    return row, chain[row].id if view.column is None else view.column


def _show_row(view: View, asked: Asked, row: int) -> None:
    """The counts behind the words in front of one place."""
    lang, trace = view.lang, get_trace(asked)
    words = " ".join(word.text for word in _context(asked, row)) or t("counts.nothing", lang)
    title = t("counts.behind", lang, words=words, total=f"{_chain(asked)[row].total:,}")
    found = mass(trace, row)
    told = (("seen", found.seen, found.p_seen), ("never", found.never, found.p_never))
    shares = [
        {
            "name": t(f"counts.{name}", lang),
            "count": t("counts.words", lang, n=f"{n:,}"),
            "p": round(p, 6),
            "never": name == "never",
        }
        for name, n, p in told
    ]
    rows = followers(trace, row, word_of(asked.model))
    drawn: FollowersData = {"title": title, "rows": rows, "shares": shares, "words": section("followers_words", lang)}
    row_of_counts("counts_row", drawn, mode())


def counts_end(view: View, trace: Trace) -> None:
    """Draw what stands below every stop: one sentence, one number, what fails, one guess, where it lives on."""
    asked = identify_run(view).edited
    chain = _chain(asked)
    st.divider()
    show_number(view, bits(chain) / len(asked.source))
    show_failure(view, PAGE, _failure(view))
    words = [word_of(asked.model)(one.id).text for one in chain]
    surprises = [bits([one]) for one in chain]
    show_guess(view, Guess(PAGE, words, lambda: surprises, lambda x: number(x, 1)), GIVEN)
    show_end(view, PAGE)


def show_unseen(view: View, trace: Trace) -> None:
    """Draw what smoothing makes of unseen sentences: impossible at one end, a memory worse than none at the other."""
    lang, reading = view.lang, reading_of(view)
    st.segmented_control(
        t("counts.set", lang), SETS, format_func=lambda name: t(f"unseen.{name}", lang), required=True, **SET.widget()
    )
    name, n, language = SET.value, most_words(reading), language_of(reading.model)
    k = reading.k if reading.smoothing == "add_k" else None
    chart(_curves(reading.model, name, n, k, lang, mode()), "counts_curves", t("counts.curves", lang))
    st.caption(dotted(f"unseen_is.{name}_{language}", lang, n=len(unseen(language, name))))
    st.markdown(dotted("counts.both", lang, **_both_sets(reading.model)))


def _failure(view: View) -> str:
    """Return how many unseen sentences are impossible, and what adding 1 makes of a longer memory."""
    lang, tables, name = view.lang, reading_of(view).model, SET.value
    one, three = (unseen_counts(tables, name, order) for order in (1, 3))
    facts = {"one": one.bits_per_character(1.0), "three": three.bits_per_character(1.0)}
    least = min((three.bits_per_character(k), k) for k in KS)
    told = {which: number(value, 2) for which, value in facts.items()} | {"least": number(least[0], 2)}
    told |= {"lost": f"{100 * three.impossible:.0f}", "k": f"{least[1]:g}"}
    worse = "worse" if facts["three"] > facts["one"] else "better"
    return dotted(f"counts.{worse}", lang, n=len(unseen(language_of(tables), name)), **told)


def _both_sets(tables: str) -> dict[str, str]:
    """What three words counted together make of both unseen sets: what is new to them, and the least bits."""
    found: dict[str, str] = {}
    for name in SETS:
        told = unseen_counts(tables, name, 3)
        found |= {name: number(min(map(told.bits_per_character, KS)), 2), f"{name}_new": f"{100 * told.new:.0f}"}
    return found


@kept_with_run
def _chain(asked: Asked) -> list[Factor]:
    return factors(get_trace(asked))


@kept_with_run
def _map(asked: Asked, columns: tuple[int, ...], lang: str, mode: Mode) -> Matrix:
    trace, colours = get_trace(asked), theme(mode)
    places = range(len(told_ids(trace)))
    rows = [" ".join([*(bare_label(word, colours) for word in _context(asked, row)), "→"]) for row in places]
    titles = t("counts.rows", lang), t("counts.columns", lang), t("counts.times_value", lang)
    axes = Axes(rows, [bare_label(word, colours) for word in map(word_of(asked.model), columns)], *titles)
    return counts_map(trace, axes, columns, section("counts", lang)["cell"], t("counts.empty", lang), colours)


def _context(asked: Asked, row: int) -> list[Word]:
    """The words in front of a place that are counted together with it."""
    trace = get_trace(asked)
    width = table_of_counts(trace).layer or 0
    read = trace.words_of(trace.plan.word_lists[0].name).read[: row + 1]
    return [*[read[0]] * (width - len(read)), *(read[-width:] if width else ())]


@lru_cache(maxsize=KEPT)
def _curves(tables: str, name: str, n: int, k: float | None, lang: str, mode: Mode) -> go.Figure:
    found = {
        order: [unseen_counts(tables, name, order).bits_per_character(each) for each in KS] for order in range(1, n + 1)
    }
    best = unseen_bits(f"{tables}~{n}~{BEST}", name)
    return smoothing_curves(found, KS, k, best, section("counts_curve", lang), theme(mode))
