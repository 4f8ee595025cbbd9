"""How much each head matters: on the reader's sentence, and on all examples with their spread."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st
from numpy.typing import NDArray

from figures.base.heatmaps.heatmap import heatmap
from figures.base.heatmaps.matrix import Axes, Matrix
from figures.base.labels import number
from figures.base.theme import theme
from figures.learn.effects import effect_map, spread_map
from transformer_core.edits.base import one_block
from transformer_core.edits.parse import SwitchOff
from transformer_core.snippets.study import importance_snippet
from transformer_core.studies.heads.head_table import Head, all_heads
from transformer_core.studies.importance import HeadImportance, Spread, head_importance, spread, words_without
from ui.frame.text import dotted, escape, section, t
from ui.frame.wording import said_dotted
from ui.learn.masks.runs import ids_of
from ui.live.progress import in_parts, progress, progress_bar
from ui.parts.charts import heading
from ui.parts.components import heat_map
from ui.parts.focus import open_value
from ui.state.both_runs import say_without
from ui.state.edit_list import added
from ui.state.examples import examples
from ui.state.models import CONTINUED, Asked, get_model, get_trace, given_ids
from ui.state.options import Option, one_of
from ui.state.session import identify_run, mode
from ui.state.shared.kept import kept_with_run
from ui.state.shared.once import Once
from ui.state.view import View
from ui.take_home.picture import Picture

Array = NDArray[Any]
AT_ONCE = 12  # heads between two steps of the progress bar
KEPT_BYTES = 16 * 2**20
CHANGED = "≠"
NAMED = 8  # heads at most; the map marks them all
_HEAD = re.compile(r"((?:en|de)coder\.\d{1,2}\.\w{1,5}_attn)\.(\d{1,3})")

ON = Option("importance_on", "sentence", one_of("sentence", "set"))
HEAD: Option[str] = Option("importance_head", "", lambda text: text if _HEAD.fullmatch(text) else None)


def show_importance(view: View) -> list[Picture]:
    """Draw what the loss and the words lose with each head, and what may be done with one; return the pictures."""
    lang = view.lang
    heading(t("importance.title", lang), said_dotted("importance.look", view.model, lang))
    say_without(view)
    st.segmented_control(
        t("importance.on", lang),
        ("sentence", "set"),
        required=True,
        format_func=lambda name: t(f"importance_on.{name}", lang),
        **ON.widget(),
    )
    pictures = _show_sentence(view) if ON.value == "sentence" else _show_set(view)
    if pictures or _chosen(view):
        _show_head(view)
    return pictures


def importance_of(asked: Asked) -> HeadImportance:
    """Return what a sentence loses with each head; every sentence is computed once for all sessions."""
    return _found().get(asked)


@st.cache_resource(show_spinner=False)
def _found() -> Once[Asked, HeadImportance]:
    return Once(_compute, lambda found: found.losses.nbytes + found.best.nbytes, KEPT_BYTES)


def _compute(asked: Asked) -> HeadImportance:
    trace, model = get_trace(asked), get_model(asked.model).model
    source, read = ids_of(trace)
    assert read is not None
    start = read[:1]  # what is read before the first word that counts
    return head_importance(model, source, trace.written_ids, start=start, at_once=AT_ONCE, progress=progress())


def _show_sentence(view: View) -> list[Picture]:
    lang, asked = view.lang, identify_run(view).plain
    with progress_bar(t("importance.running", lang)):
        found = importance_of(asked)
    plain = number(found.plain_losses.mean())
    told = [
        t("importance.told", lang, change=number(change), loss=plain)
        + "<br>"
        + t("importance.changed" if changed else "importance.same", lang)
        for change, changed in zip(found.change, found.words_change, strict=True)
    ]
    marks = [CHANGED if changed else "" for changed in found.words_change]
    grid = _Grid(view, found.heads)
    matrix = effect_map(
        grid.of(found.change),
        grid.axes("importance.change"),
        theme(mode()),
        says=grid.rows(told),
        marks=grid.rows(marks),
    )
    grid.draw(matrix, "importance_map", t("importance.title", lang))
    st.caption(dotted("importance.legend", lang))
    n = int(found.words_change.sum())
    st.markdown(dotted("importance.facts", lang, n=n, all=len(found.heads), loss=plain))
    if 0 < n <= NAMED:
        heads = [head for head, changed in zip(found.heads, found.words_change, strict=True) if changed]
        st.markdown(dotted("importance.listed", lang, heads="; ".join(_name(view, head) for head in heads)))
    code = partial(importance_snippet, asked.model, [(asked.source, asked.target)])
    return [Picture("importance_map", "importance", t("importance.take", lang), lambda: matrix, code, asked=asked)]


def _show_set(view: View) -> list[Picture]:
    """The examples so far; they begin when the reader asks, and stop when the reader says so."""
    sentences = examples(view.model)
    if not sentences:
        st.caption(dotted("importance.no_set", view.lang))
        return []

    def advance(done: int) -> int:
        importance_of(Asked(view.model, sentences[done], ""))
        return done + 1

    n = in_parts("importance", view.model, len(sentences), advance, view.lang, by_itself=False)
    if not n:
        return []
    over = spread([importance_of(Asked(view.model, sentence, "")) for sentence in sentences[:n]])
    return _show_spread(view, over, partial(importance_snippet, view.model, [(one, "") for one in sentences[:n]]))


def _show_spread(view: View, over: Spread, code: Callable[..., str]) -> list[Picture]:
    lang, grid, colours = view.lang, _Grid(view, over.heads), theme(mode())
    told = grid.rows(
        [
            t("importance.told_set", lang, mean=number(mean), std=number(std), n=over.n, count=int(count))
            for mean, std, count in zip(over.mean, over.std, over.n_changed, strict=True)
        ]
    )
    marks = grid.rows([f"{CHANGED}{count}" if count else "" for count in over.n_changed])
    means, spreads = st.columns(2)
    with means:
        st.markdown(dotted("importance.mean_title", lang, n=over.n))
        mean = effect_map(grid.of(over.mean), grid.axes("importance.change"), colours, says=told, marks=marks)
        grid.draw(mean, "importance_map", t("importance.mean_title", lang, n=over.n))
    title = t("importance.take_mean", lang, n=over.n)
    run = identify_run(view).plain
    pictures = [Picture("importance_map", "importance-mean", title, lambda: mean, code, asked=run)]
    if over.n > 1:
        with spreads:
            st.markdown(dotted("importance.spread_title", lang))
            apart = spread_map(grid.of(over.std), grid.axes("importance.change"), colours, says=told)
            grid.draw(apart, "importance_spread", t("importance.spread_title", lang))
        title, stds = t("importance.take_spread", lang, n=over.n), partial(code, "std")
        pictures.append(Picture("importance_spread", "importance-spread", title, lambda: apart, stds, asked=run))
    st.caption(dotted("importance.legend_set", lang))
    return pictures


@dataclass(frozen=True)
class _Grid:
    """Heads in the rows of their blocks."""

    view: View
    heads: Sequence[Head]

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(head.block for head in self.heads))

    def of(self, values: Array) -> Array:
        return values.reshape(len(self.paths), -1)

    def rows(self, texts: Sequence[str]) -> list[list[str]]:
        n = len(self.heads) // len(self.paths)
        return [list(texts[i : i + n]) for i in range(0, len(texts), n)]

    def axes(self, value: str) -> Axes:
        lang, n = self.view.lang, len(self.heads) // len(self.paths)
        rows = [_block(self.view, path) for path in self.paths]
        columns = [t("axis_name.H", lang, i=i) for i in range(n)]
        return Axes(rows, columns, "", "", t(value, lang))

    def draw(self, matrix: Matrix, key: str, alt: str) -> None:
        chosen, cells = _chosen(self.view), heatmap(matrix)
        if chosen is not None:
            cells["selected"] = {"row": self.paths.index(chosen.block), "column": chosen.index}

        def choose(row: int, column: int) -> None:
            HEAD.choose(f"{self.paths[row]}.{column}")

        heat_map(key, cells, key, alt, section("heatmap_words", self.view.lang), mode(), choose)


def _show_head(view: View) -> None:
    """What the model really writes without the chosen head, and the ways to see it everywhere."""
    chosen = _chosen(view)
    lang = view.lang
    if chosen is None:
        st.caption(dotted("importance.hint", lang))
        return
    st.markdown(
        said_dotted(
            "importance.writes", view.model, lang, head=_name(view, chosen), **_writes(identify_run(view).plain, chosen)
        )
    )
    off, show, _ = st.columns([2, 2, 3])
    if off.button(t("importance.switch_off", lang), key="importance_off", width="stretch"):
        st.session_state.edits = added(st.session_state.edits, SwitchOff(chosen.block, (chosen.index,)))
        st.rerun()
    if show.button(t("importance.open", lang), key="importance_open", width="stretch"):
        open_value(get_model(view.model).plan, f"{chosen.block}.weights")
        st.session_state.head = chosen.index
        st.rerun()


@kept_with_run
def _writes(asked: Asked, head: Head) -> dict[str, str]:
    """The model's own words with all heads and without one, greedily."""
    glass, read = get_model(asked.model), get_model(asked.model).read_ids(asked.source)
    assert glass.target_tokenizer is not None
    if given_ids(asked):
        written = words_without(glass.model, None, (None, head), begin=read, max_length=CONTINUED)
    else:
        written = words_without(glass.model, read, (None, head))
    texts = [escape(glass.target_tokenizer.decode(ids)) for ids in written]
    return dict(zip(("before", "after"), texts, strict=True))


def _chosen(view: View) -> Head | None:
    """The chosen head, if this model has it."""
    found = _HEAD.fullmatch(HEAD.value)
    head = None if found is None else Head(found[1], int(found[2]))
    return head if head in all_heads(get_model(view.model).plan) else None


def _name(view: View, head: Head) -> str:
    return t("importance.head", view.lang, block=_block(view, head.block), head=head.index)


def _block(view: View, path: str) -> str:
    block = one_block(get_model(view.model).plan, path)
    return t(f"block_short.{block.stack}_{block.name}", view.lang, layer=block.layer)
