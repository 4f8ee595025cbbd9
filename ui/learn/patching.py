"""The patching walk: two sentences that differ in a word, and which vector carries the difference."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
import streamlit as st

from figures.base.heatmaps.heatmap import heatmap
from figures.base.heatmaps.matrix import Axes, Matrix
from figures.base.labels import number, tick_labels
from figures.base.theme import Mode, theme
from figures.learn.effects import share_map
from transformer_core.glass.errors import GlassformerError
from transformer_core.glass.sites import find_site
from transformer_core.glass.words import Word
from transformer_core.models.tasks import WritingTask
from transformer_core.snippets.study import patching_snippet
from transformer_core.studies.patching import Contrast, patch_places
from ui.frame.text import dotted, escape, say_error, section, t
from ui.frame.wording import said, said_dotted
from ui.learn.patching_runs import Pair, as_edit, contrast_of, shares_of, some_more
from ui.live.progress import in_parts
from ui.parts.charts import heading
from ui.parts.components import heat_map
from ui.state.both_runs import say_without
from ui.state.edit_list import added
from ui.state.examples import example_file
from ui.state.models import CONTINUED, Asked, get_model
from ui.state.options import Option, one_of
from ui.state.session import mode
from ui.state.view import View
from ui.take_home.picture import Picture

SEPARATOR = ", "
_CELL = re.compile(r"([a-z_]{1,12}(?:\.\d{1,2})?\.out):(\d{1,3})")

FIRST: Option[str] = Option("pair_first", "", lambda text: text)
SECOND: Option[str] = Option("pair_second", "", lambda text: text)
QUANTITY: Option[Any] = Option("pair_quantity", "logits", one_of("logits", "loss"))
CELL: Option[str] = Option("pair_cell", "", lambda text: text if _CELL.fullmatch(text) else None)


def show_patching(view: View) -> list[Picture]:
    """Draw the choice of a pair, the map of what every patch restores, and a chosen patch; return the pictures."""
    lang = view.lang
    heading(t("patching.title", lang), said_dotted("patching.look", view.model, lang))
    say_without(view)
    _choose(view)
    asked = Pair(view.model, *_sentences(view.model), QUANTITY.value)
    if not asked.first and not asked.second:
        st.caption(said_dotted("patching.type_two", view.model, lang))
        return []
    try:
        pair = contrast_of(asked)
    except GlassformerError as error:
        st.warning(say_error(error, lang), icon=":material/edit:")
        return []
    _show_runs(view, pair)
    n = len(patch_places(pair))
    done = in_parts("patching", asked, n, partial(some_more, asked), lang, by_itself=True)
    if done < n:
        st.info(t("patching.stopped", lang, n=done, all=n), icon=":material/pause:")
    sides = [words.name for words in get_model(view.model).plan.word_lists]
    for side in sides:
        _show_map(view, asked, done, side)
    st.caption(dotted("patching.legend", lang))
    _show_cell(view, asked, done)
    return [_picture(asked, side, lang) for side in sides] if done == n else []


@lru_cache(maxsize=64)
def pairs(model: str) -> tuple[tuple[str, str], ...]:
    """Return pairs that a model translates differently; none for a model that is not bundled."""
    path = example_file("pairs", model)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return tuple((first, second) for first, _, second in (line.partition("\t") for line in lines))


def _sentences(model: str) -> tuple[str, str]:
    """The chosen pair, or the first that is ready; a side that was typed stays."""
    ready = pairs(model)[0] if pairs(model) else ("", "")
    if not FIRST.value and not SECOND.value:
        return ready
    return FIRST.value.strip(), SECOND.value.strip()


def _choose(view: View) -> None:
    lang, sentences = view.lang, _sentences(view.model)
    columns = st.columns([3, 3, 3, 1.4], vertical_alignment="bottom")
    for column, name, text in zip(columns, ("first", "second"), sentences, strict=False):
        st.session_state[f"patching.{name}"] = text
        column.text_input(said(f"patching.{name}", view.model, lang), key=f"patching.{name}", on_change=_type)
    columns[2].segmented_control(
        t("patching.quantity", lang),
        ("logits", "loss"),
        required=True,
        format_func=lambda name: t(f"patching_quantity.{name}", lang),
        **QUANTITY.widget(),
    )
    ready = {f"{first} / {second}": (first, second) for first, second in pairs(view.model)}
    if not ready:
        return
    columns[3].menu_button(
        t("patching.ready", lang), list(ready), key="patching_pair", on_click=_pick, args=(ready,), width="stretch"
    )


def _type() -> None:
    FIRST.choose(st.session_state["patching.first"])
    SECOND.choose(st.session_state["patching.second"])


def _pick(ready: Mapping[str, tuple[str, str]]) -> None:
    first, second = ready[st.session_state["patching_pair"]]
    FIRST.choose(first)
    SECOND.choose(second)


def _show_runs(view: View, pair: Contrast) -> None:
    glass, lang = get_model(view.model), view.lang
    tokenizer = glass.target_tokenizer
    assert tokenizer is not None
    if pair.stretches > 1:
        one, other = (glass.task.side.tokenizer.pieces(ids) for ids in (pair.first, pair.second))
        words = SEPARATOR.join(escape(f"{i} {one[i]}/{other[i]}") for i in pair.differing)
        st.warning(t("patching.several", lang, n=pair.stretches, words=words), icon=":material/edit:")
    texts = {
        name: escape(tokenizer.decode(list(ids[:CONTINUED])))
        for name, ids in (("one", pair.first_words), ("other", pair.second_words))
    }
    st.markdown(said_dotted("patching.writes", view.model, lang, **texts))
    a, b = (escape(tokenizer.pieces([ids[pair.position]])[0]) for ids in (pair.first_words, pair.second_words))
    values = {"first": number(pair.first_value), "second": number(pair.second_value)}
    st.markdown(
        said_dotted(f"patching_says.{pair.quantity}", view.model, lang, a=a, b=b, position=pair.position, **values)
    )


def _picture(asked: Pair, side: str, lang: str) -> Picture:
    matrix = partial(_whole, asked, side, lang, mode())
    code = partial(patching_snippet, asked.model, asked.first, asked.second, asked.quantity, _keys(asked, side))
    title, run = said(f"patching_take.{side}", asked.model, lang), Asked(asked.model, asked.second, "")
    return Picture(f"patching_{side}", f"patching-{side}", title, matrix, code, asked=run)


def _whole(asked: Pair, side: str, lang: str, look: Mode) -> Matrix:
    """The finished map of one side for files: its numbers alone, not rounded as in the cells."""
    drawn = _matrix(asked, len(patch_places(contrast_of(asked))), side, lang, look)
    return replace(drawn, texts=None, digits=2 if drawn.bare else None)


def _matrix(asked: Pair, done: int, side: str, lang: str, look: Mode) -> Matrix:
    """The map of one side as far as it is computed."""
    shares = shares_of(asked, done)
    keys = _keys(asked, side)
    values = np.stack([shares[key] for key in keys])
    says = [[_told(share, lang) for share in row] for row in values]
    columns = tick_labels(_words(asked, side), theme(look))
    return share_map(
        values,
        Axes(keys, columns, "", "", t("patching.share", lang), t("patching.not_yet", lang)),
        theme(look),
        says=says,
    )


def _keys(asked: Pair, side: str) -> list[str]:
    """The sites of a walk whose positions belong to a side."""
    plan = get_model(asked.model).plan
    return [key for key in contrast_of(asked).values if find_site(plan, key).sides[0] == side]


def _words(asked: Pair, side: str) -> list[Word]:
    """The words at the positions of a side; where the two sentences differ, both."""
    task, pair = get_model(asked.model).task, contrast_of(asked)
    assert isinstance(task, WritingTask)
    texts, written = task.side, task.written
    own = list(written.words(pair.read, [False] * len(pair.read)))
    if side != texts.name:
        return own
    both = zip(*(texts.words(ids, texts.typed(ids)) for ids in (pair.first, pair.second)), strict=True)
    words = [a if a == b else Word(f"{a.text}/{b.text}") for a, b in both]
    return words if texts is not written else [*words, *own]


def _told(share: float, lang: str) -> str:
    return "" if np.isnan(share) else t("patching.told", lang, share=number(100 * share, 1))


def _show_map(view: View, asked: Pair, done: int, side: str) -> None:
    lang = view.lang
    alt = said(f"patching_side.{side}", view.model, lang)
    st.markdown(alt)
    matrix = _matrix(asked, done, side, lang, mode())
    keys, cells = matrix.axes.rows, heatmap(matrix)
    chosen = _chosen(contrast_of(asked))
    if chosen is not None and chosen[0] in keys:
        cells["selected"] = {"row": keys.index(chosen[0]), "column": chosen[1]}

    def choose(row: int, column: int) -> None:
        CELL.choose(f"{keys[row]}:{column}")

    heat_map(f"patching_{side}", cells, side, alt, section("heatmap_words", lang), mode(), choose)


def _chosen(pair: Contrast) -> tuple[str, int] | None:
    """The chosen cell, if this walk has it."""
    found = _CELL.fullmatch(CELL.value)
    cell = None if found is None else (found[1], int(found[2]))
    return cell if cell in patch_places(pair) else None


def _show_cell(view: View, asked: Pair, done: int) -> None:
    """What the chosen patch restores, and the way to see it everywhere."""
    lang, cell = view.lang, _chosen(contrast_of(asked))
    if cell is None:
        st.caption(dotted("patching.hint", lang))
        return
    site, position = cell
    share = shares_of(asked, done)[site][position]
    if np.isnan(share):
        st.caption(dotted("patching.not_yet", lang))
        return
    side = find_site(get_model(asked.model).plan, site).sides[0]
    word = escape(_words(asked, str(side))[position].text)
    told = _told(share, lang)
    st.markdown(dotted("patching.chosen", lang, site=site, position=position, word=word, told=told))
    label, tip = t("patching.as_edit", lang), t("patching.as_edit_help", lang)
    if st.button(label, key="patching_edit", help=tip, on_click=_edit, args=(asked, *cell)):
        st.rerun()


def _edit(asked: Pair, site: str, position: int) -> None:
    """Let all pages show the run of the second sentence with this patch, beside whatever edits there are."""
    source, target, patch = as_edit(asked, site, position)
    edits = added(st.session_state.edits, patch)
    st.session_state.update(source=source, target=target, edits=edits, run="edited")
