"""How alike two positions are: two maps of cosines, and the sum that makes the one that the reader chose."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from figures.base.explain import explain
from figures.base.heatmaps.heatmap import heatmap
from figures.base.heatmaps.matrix import Axes, Matrix
from figures.base.labels import number, plain_rows
from figures.base.theme import Mode, theme
from figures.explore.positions import cosine_cell, cosine_similarity, similarity_matrix
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import embedding_facts, embedding_of, key_of
from transformer_core.snippets.picture import picture_snippet
from ui.frame.text import SEPARATOR, dotted, section, t
from ui.parts.charts import side_ticks
from ui.parts.components import explain_panel, heat_map
from ui.parts.explain import cell_told, crumb_name, say_compared, told_terms
from ui.parts.focus import crumbs, follow_picture, go_back
from ui.parts.hearing import whole
from ui.parts.wires import ExplainData
from ui.state.both_runs import of_runs, say_look, tell
from ui.state.models import Asked, get_trace
from ui.state.options import Option
from ui.state.session import identify_run, mode
from ui.state.shared.kept import kept_with_run
from ui.state.view import View
from ui.take_home.picture import Picture, take_pictures

Array = NDArray[Any]
PAGE = "embedding"
NAMES = ("pos", "out")
COSINE = r"\cos(x, y) = \frac{\sum_d x_d\, y_d}{|x|\,|y|}"
_PAIR = re.compile(r"(pos|out):(\d{1,4}),(\d{1,4})")
Pair = tuple[str, int, int]


def _read(text: str) -> Pair | None:
    found = _PAIR.fullmatch(text)
    return found and (found[1], int(found[2]), int(found[3]))


ALIKE: Option[Pair] = Option("alike", ("pos", 0, 1), _read, lambda pair: f"{pair[0]}:{pair[1]},{pair[2]}")


def show_similarity(view: View, trace: Trace) -> None:
    """Draw how alike the positions of the sentence are, and how alike the words that stand there."""
    learned = embedding_facts(embedding_of(trace.plan, view.stack)).positions == "learned"
    st.markdown(f"#### {t('similar.title', view.lang)}")
    st.markdown(dotted("similar.look_learned" if learned else "similar.look", view.lang))
    picture, panel = st.columns([7, 5], gap="large")
    with picture:
        for name in NAMES:
            title, key = t(f"similar.{name}", view.lang), _key(trace, view, name)
            st.markdown(f"**{title}**")
            matrix = _matrix(identify_run(view), key, view.lang, mode())
            say_look(view, matrix)
            words = section("heatmap_words", view.lang)
            heat_map(f"alike_{name}", heatmap(matrix), key, f"{title}: {key}", words, mode())
        key = _key(trace, view, "pos")
        if len(trace[key]) > 1:
            tell(view, lambda run: _facts(get_trace(run)[key], view.lang))
    with panel:
        _explain(view, trace)
    take_pictures(PAGE, "similar", trace, _pictures(trace, view))


def _facts(positions: Array, lang: str) -> str:
    """How alike neighbours are, and the first and the last; what follows for a word that occurs twice."""
    similarity = cosine_similarity(positions)
    near, far = (number(float(x), 2) for x in (similarity.diagonal(1).mean(), similarity[0, -1]))
    told = [t("similar.facts", lang, near=near, far=far, last=len(similarity) - 1)]
    if len(np.unique(positions, axis=0)) == len(positions):
        told.append(t("similar.twice", lang))
    if not positions.any(axis=1).all():
        told.append(t("similar.no_length", lang))
    return "\n\n".join(told)


def _explain(view: View, trace: Trace) -> None:
    """Draw the panel of the chosen pair; a click on one of its numbers leads to that entry."""
    name, *pair = ALIKE.value
    n = len(trace[_key(trace, view, name)])
    row, column = (min(place, n - 1) for place in pair)

    def cell(event: Any) -> None:
        shown = NAMES[whole(event, "map", below=len(NAMES))]
        ALIKE.choose((shown, whole(event, "row"), whole(event, "column")))

    def typed(event: Any) -> None:
        ALIKE.choose((name, whole(event, "row"), whole(event, "column")))

    def opened(event: Any) -> None:
        follow_picture(trace, PAGE, *cell_told(trace, event))

    def back(event: Any) -> None:
        go_back(trace.plan, whole(event, "number", below=len(crumbs(view.trail))))

    handlers = {"cell": cell, "typed": typed, "open": opened, "back": back}
    explain_panel(f"{PAGE}.explain", alike_data(view, trace, name, row, column), mode(), handlers)


def alike_data(view: View, trace: Trace, name: str, row: int, column: int) -> ExplainData:
    """Return what the panel shows of a cosine: the two rows it is made of, entry by entry."""
    lang, key = view.lang, _key(trace, view, name)
    rows = trace[key]
    cell = cosine_cell(rows, key, row, column)
    words = plain_rows(trace.tokens_of(key)[0] or ())

    def entry(_: str, i: int) -> str:
        return t("axis_name.D", lang, i=i)

    x, y = (number(float(np.linalg.norm(rows[i].astype(np.float64)))) for i in (row, column))
    dot = number(float(rows[row].astype(np.float64) @ rows[column].astype(np.float64)))
    numbers = rf"= \frac{{{dot}}}{{{x} \cdot {y}}} = {number(cell.value)}"
    defined = rows[[row, column]].any(axis=1).all()
    told = {
        **explain(cell, COSINE, entry),
        "sentence": t("similar.sentence", lang, row=words[row], column=words[column], value=number(cell.value)),
        "numbers": numbers.replace("\N{MINUS SIGN}", "-") if defined else r"|x|\,|y| = 0",
        "last": r"\frac{x_d\, y_d}{|x|\,|y|}",
        "told": told_terms(cell, entry, lang),
        "badge": t("similar.badge" if defined else "similar.no_length", lang),
        "edited": False,
        "compared": _compared(identify_run(view), key, row, column, lang),
        "place": f"cos({key}[{row}], {key}[{column}])",
        "where": SEPARATOR.join((words[row], words[column])),
        "crumbs": [crumb_name(crumb, lang) for crumb in crumbs(view.trail)],
        "limits": [len(rows), len(rows)],
        "at": [row, column],
        "selected": {"map": NAMES.index(name), "row": row, "column": column},
        "maps": [f"st-key-alike_{each}" for each in NAMES],
        "factors": None,
        "words": section("explain_words", lang),
    }
    return cast(ExplainData, told)


def _compared(asked: Asked, key: str, row: int, column: int, lang: str) -> str:
    """The cosine in the edited run and in the original; "" without edits."""
    if not asked.edits:
        return ""
    runs = asked.edited, asked.plain
    edited, original = (cosine_cell(get_trace(run)[key], key, row, column).value for run in runs)
    return say_compared(edited, original, lang)


def _key(trace: Trace, view: View, name: str) -> str:
    """The key of a value of the embedding that is looked at."""
    return key_of(embedding_of(trace.plan, view.stack), name)


def _pictures(trace: Trace, view: View) -> list[Picture]:
    asked, lang = identify_run(view), view.lang
    keys = {name: _key(trace, view, name) for name in NAMES}
    return [
        Picture(
            f"alike_{name}",
            f"similarity-{key}",
            t(f"similar.{name}", lang),
            partial(_matrix, asked, key, lang, mode()),
            partial(picture_snippet, "similar", **vars(asked), key=key),
            asked=asked,
        )
        for name, key in keys.items()
    ]


@kept_with_run
def _matrix(asked: Asked, key: str, lang: str, mode: Mode) -> Matrix:
    labels = side_ticks(get_trace(asked), get_trace(asked).site(key).sides[0], mode, reads=True)
    title = t("axis.L", lang)
    axes = Axes(labels, labels, title, title, "cos")

    def of_run(run: Asked) -> Matrix:
        return similarity_matrix(cosine_similarity(get_trace(run)[key]), axes, theme(mode))

    return of_runs(asked, of_run, lang, mode)
