"""What the mask laboratory offers to take home: the mask, the maps of both runs, their difference, and the words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from figures.base.heatmaps.matrix import Axes, Matrix, weights_matrix
from figures.base.heatmaps.value_map import value_map
from figures.base.theme import Mode, theme
from figures.learn.mask_lab import effect
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import probs_key, written_list
from transformer_core.snippets.study import How, RunOf, runs_snippet
from ui.frame.text import SEPARATOR, t
from ui.frame.wording import row_title
from ui.learn.masks.choice import VALUE
from ui.parts.charts import side_ticks
from ui.state.session import identify_run, mode, path_of
from ui.state.view import View
from ui.take_home.picture import Picture

NAMES = ("before", "after", "difference")


def lab_pictures(
    view: View, plain: Trace, masked: Trace, maps: Callable[[], Sequence[Matrix]], edits: str
) -> list[Picture]:
    """Return the pictures of the laboratory.

    Args:
        view: with the block and the head.
        plain, masked: the untouched run, and the one under the mask.
        maps: makes the maps untouched, under the mask, and of the difference.
        edits: the mask as the text of edits; "" where it is the block's own.
    """
    asked, lang, look = identify_run(view).plain, view.lang, mode()  # a file is made without a session to ask for it
    run = RunOf(model=asked.model, source=asked.source, target=asked.target, path=path_of(view), head=view.head)
    under, value = replace(run, edits=edits), VALUE.value
    drawn = partial(_mask, view, masked, look)
    found = [
        Picture(
            "mask_drawing", f"{path_of(view)}.mask", t("masks.preset", lang), drawn, _code("mask", [under]), asked=asked
        )
    ]
    runs: tuple[tuple[list[RunOf], How], ...] = (([run], "one"), ([under], "one"), ([run, under], "difference"))
    for i, (name, (these, how)) in enumerate(zip(NAMES, runs, strict=True)):
        matrix = partial(_nth, maps, i)
        file = f"{path_of(view)}.{value}-head{view.head}-{name}"
        title = SEPARATOR.join((t(f"mask_value.{value}", lang), t(f"masks.{name}", lang)))
        found.append(Picture(f"masks_{name}", file, title, matrix, _code(value, these, how), asked=asked))
    if not plain.written_ids:
        return found
    words = partial(_words, view, plain, masked, look)
    title = t("masks.take_words", lang)
    both = [replace(one, key=probs_key(plain.plan)) for one in (run, under)]
    code = _code("right", both, "beside")
    return [*found, Picture("mask_words", "mask-words", title, words, code, asked=asked)]


def _code(value: str, runs: Sequence[RunOf], how: How = "one") -> Callable[[], str]:
    return partial(runs_snippet, value, runs, how)


def _nth(maps: Callable[[], Sequence[Matrix]], i: int) -> Matrix:
    return maps()[i]


def _mask(view: View, masked: Trace, look: Mode) -> Matrix:
    lang, key = view.lang, f"{path_of(view)}.mask"
    query, keys = masked.site(key).sides
    rows, columns = side_ticks(masked, query, look), side_ticks(masked, keys, look, reads=True)
    titles = row_title("Q", query, view.model, lang), t("axis.K", lang)
    axes = Axes(rows, columns, *titles, "mask", blocked=t("value.blocked", lang))
    return value_map(masked[key], "mask", "mask", None, axes, theme(look))


def _words(view: View, plain: Trace, masked: Trace, look: Mode) -> Matrix:
    """The probability of every right word, untouched and under the mask."""
    lang, found, written = view.lang, effect(plain, masked), written_list(plain.plan)
    assert written is not None
    shares = np.stack([found.before, found.after], axis=1)
    columns = [t("masks.before", lang), t("masks.after", lang)]
    axes = Axes(
        side_ticks(plain, written.name, look),
        columns,
        row_title("L", written.name, view.model, lang),
        "",
        t("masks.take_words", lang),
    )
    return weights_matrix(shares, np.ones(shares.shape, bool), axes, theme(look))
