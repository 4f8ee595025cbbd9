"""What follows from a run, in whichever run the reader looks at: the edited one, the original, or their difference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest

import streamlit as st

from figures.base.heatmaps.difference import largest_of, matrix_difference
from figures.base.heatmaps.matrix import Matrix
from figures.base.labels import number
from figures.base.theme import Mode, theme
from ui.frame.text import dotted, escape, t
from ui.state.models import Asked
from ui.state.session import identify_run
from ui.state.view import View


def of_runs(asked: Asked, make: Callable[[Asked], Matrix], lang: str, mode: Mode) -> Matrix:
    """Return the heatmap of what is asked for; of a difference, that of both runs' numbers, zero in the middle.

    Args:
        asked: what is looked at.
        make: the heatmap of one run; of the second it must have the same rows and columns.
        lang: of what is said on it.
        mode: light or dark.
    """
    edited, *original = (make(run) for run in asked.runs)
    if not original:
        return edited
    name = t("edit_run.minus", lang, name=edited.axes.value) if edited.axes.value else t("edit_run.subtracted", lang)
    said = "<br>".join(f"{t(f'edit_run.{run}', lang)}: {{{run}}}" for run in ("edited", "original"))
    return matrix_difference(edited, original[0], name, said, theme(mode))


def say_look(view: View, matrix: Matrix) -> None:
    """Say below its title that a heatmap shows a difference, and how large it is; nothing of a single run."""
    if look := look_of(identify_run(view), matrix, view.lang):
        st.caption(look)


def look_of(asked: Asked, matrix: Matrix, lang: str) -> str:
    """Return what there is to say of a heatmap that shows a difference; "" of a single run."""
    if not asked.difference:
        return ""
    return t("edit_run.look", lang, largest=number(largest_of(matrix.values[matrix.allowed])))


def say_runs(view: View, says: str) -> None:
    """Say, where a difference is chosen, what a picture shows that is no heatmap: `says` is a key of "edit_run"."""
    if identify_run(view).difference:
        st.caption(dotted(f"edit_run.{says}", view.lang))


def say_writer(view: View) -> None:
    """Say on a page of decodings, which have no difference, that under edits it is the edited model that writes."""
    asked = identify_run(view)
    if asked.edits:
        st.caption(dotted("edit_run.decoding_difference" if asked.difference else "edit_run.decoding", view.lang))


def say_parting(view: View, written: Sequence[str], plain: Sequence[str]) -> None:
    """Say from which step on the edited model writes other words than the original; nothing of a single run.

    Args:
        view: what the reader chose.
        written: the words of the run that is looked at.
        plain: those of the original.
    """
    asked = identify_run(view)
    if not asked.edits or asked.target:
        return
    pairs = enumerate(zip_longest(written, plain, fillvalue=""))
    parting = next(((step, words) for step, words in pairs if words[0] != words[1]), None)
    if parting is None:
        st.caption(dotted("edit_run.same_words", view.lang))
        return
    edited, original = (escape(word) or t("edit_run.nothing", view.lang) for word in parting[1])
    st.caption(dotted("edit_run.parting", view.lang, step=parting[0], edited=edited, original=original))


def say_without(view: View) -> None:
    """Say of what always runs without edits that it does, as long as some are in effect."""
    if view.edits:
        st.caption(dotted("edit_run.without", view.lang))


def tell(view: View, sentence: Callable[[Asked], str]) -> None:
    """Draw a sentence of facts; where a difference is chosen, that of the edited run and that of the original."""
    runs = identify_run(view).runs
    if len(runs) == 1:
        st.markdown(sentence(runs[0]))
        return
    for name, run in zip(("edited", "original"), runs, strict=True):
        st.markdown(dotted(f"edit_told.{name}", view.lang, said=sentence(run)))


def share_name(asked: Asked, lang: str) -> str:
    """Return what probabilities are called in a table: of a difference, that they are subtracted."""
    share = t("export.share", lang)
    return t("edit_run.minus", lang, name=share) if asked.difference else share
