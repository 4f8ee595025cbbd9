"""The mask laboratory: a mask to draw, and beside it what it changes in scores, weights, outputs, loss and words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from figures.base.heatmaps.matrix import Axes, Matrix
from figures.base.labels import number
from figures.base.theme import Mode, theme
from figures.base.wire import flagged
from figures.learn.mask_lab import effect, said_rows, three_maps
from transformer_core.edits.parse import Edit, to_text
from transformer_core.glass.abilities import causal_lists
from transformer_core.glass.trace import Trace
from ui.frame import wording
from ui.frame.components import address
from ui.frame.text import dotted, escape, t
from ui.learn.masks.choice import MASK, VALUE, as_rows, blocked_row, lab_link, mask_of
from ui.learn.masks.drawing import choose_mask, draw_mask
from ui.learn.masks.leak import causal_blocks, show_mask_leak
from ui.learn.masks.padding import show_padding
from ui.learn.masks.peeking import show_peeking
from ui.learn.masks.runs import Rows, as_edits, future_of, masked_run, paths_of
from ui.parts.charts import apart, heading, heat, side_ticks
from ui.parts.choosers import choose_head
from ui.parts.components import word_grid
from ui.parts.focus import look_at
from ui.state.edit_list import added
from ui.state.models import Asked, get_trace, word_of
from ui.state.session import current_view, identify_run, mode, path_of
from ui.state.shared.kept import kept_with_run
from ui.state.view import View, to_query
from ui.take_home.masks import NAMES, lab_pictures
from ui.take_home.picture import take_pictures


def show_laboratory(page: str, view: View, trace: Trace) -> None:
    """Draw the laboratory, and below it why there is a mask at all, as far as the model has one."""
    show_lab(page)
    if causal_blocks(trace.plan):
        show_peeking(view)
    if len(causal_lists(trace.plan)) < len(trace.plan.word_lists):
        show_padding(view, trace)
    if causal_blocks(trace.plan):
        show_mask_leak(view, trace)


@st.fragment  # a cell of the mask reruns this block, not the page
def show_lab(page: str) -> None:
    """Draw the presets, the mask, and what it does to the run without edits; write the choice into the link."""
    if st.session_state.get("opened"):
        st.rerun()  # a click leads to another page
    view = current_view()
    trace = get_trace(identify_run(view).plain)
    lang, natural = view.lang, trace[f"{path_of(view)}.mask"]
    warned, picture, choosers = st.container(), st.container(), st.container()
    with choosers:
        choose_head(view, trace)
        choose_mask(view)
        st.caption(dotted("masks.lead", lang))
    mask = mask_of(MASK.value, natural)
    row = blocked_row(mask)
    if row is not None:
        warned.warning(t("error.blocked_row", lang, row=row) + " " + t("masks.refused", lang), icon=":material/block:")
        mask = natural
    paths = paths_of(trace, view)
    masked = masked_run(identify_run(view).plain, paths, as_rows(mask))
    drawing, said = picture.columns([5, 6], gap="large")
    with drawing:
        draw_mask(view, trace, as_rows(mask))
        _offer_everywhere(view, as_edits(view, mask, natural))
    if trace.written_ids:
        with said:
            _show_words(view, trace, masked)
    _show_leak(view, trace, paths, as_rows(mask))
    _show_maps(view, trace, paths, as_rows(mask))
    maps = partial(
        _maps, identify_run(view).plain, paths, as_rows(mask), path_of(view), view.head, VALUE.value, lang, mode()
    )
    edits = to_text(as_edits(view, mask, natural))
    take_pictures(page, "", masked, lab_pictures(view, trace, masked, maps, edits))
    address(to_query(view) | lab_link(), page)


def _offer_everywhere(view: View, edits: Sequence[Edit]) -> None:
    lang = view.lang
    if view.edits:
        st.caption(dotted("masks.without_edits", lang))
    if st.button(
        t("masks.everywhere", lang), key="mask_everywhere", disabled=not edits, help=t("masks.everywhere_help", lang)
    ):
        for edit in edits:
            st.session_state.edits = added(st.session_state.edits, edit)
        st.rerun()


def _show_words(view: View, trace: Trace, masked: Trace) -> None:
    lang, found = view.lang, effect(trace, masked)
    if masked is trace:
        st.caption(dotted("masks.untouched", lang))
    before, after = found.losses
    fields = {
        "loss": number(before),
        "loss_then": number(after),
        "n": int(found.changed.sum()),
        "all": len(found.after),
    }
    p = {"p": _percent(found.before.mean()), "p_then": _percent(found.after.mean())}
    st.markdown(wording.said_dotted("masks.told", view.model, lang, **fields, **p))
    word = word_of(view.model)
    rows = said_rows(trace, masked, found, lambda i: flagged([word(i)])[0])
    rights = zip(rows, found.before, found.after, strict=True)
    rows = [{**row, "note": f"{_percent(one)} → {_percent(other)}"} for row, one, other in rights]
    columns = [{"title": t("masks.before", lang)}, {"title": t("masks.after", lang)}]
    word_grid(
        "mask_words",
        columns,
        rows,
        trace.plan.word_lists[-1].name,
        wording.fitting("mask_words", view.model, lang),
        mode(),
    )


def _show_leak(view: View, trace: Trace, paths: tuple[str, ...], mask: Rows) -> None:
    """Whether words from the future come through, measured with another last word, and what the model makes of it."""
    sides = trace.site(f"{path_of(view)}.mask").sides
    n_ahead = sum(row[i + 1 :].count("1") for i, row in enumerate(mask))
    if sides[0] not in causal_lists(trace.plan) or sides[0] != sides[1] or not n_ahead or len(mask) < 2:
        return
    lang, found = view.lang, effect(trace, masked_run(identify_run(view).plain, paths, mask))
    word, unseen, seen = future_of(identify_run(view).plain, paths, mask)
    st.divider()
    heading(t("masks.leak_title", lang), dotted("masks.leak_look", lang, n=n_ahead))
    last = len(mask) - 1
    old = escape(trace.words_of(str(sides[0])).texts[last])
    fields = {"position": last, "old": old, "new": escape(word), "seen": apart(seen), "unseen": apart(unseen)}
    st.markdown(dotted("masks.leak_seen", lang, **fields))
    p = {"p": _percent(found.before.mean()), "p_then": _percent(found.after.mean())}
    st.markdown(dotted("masks.leak_up" if found.after.mean() > found.before.mean() else "masks.leak_down", lang, **p))


def _show_maps(view: View, trace: Trace, paths: tuple[str, ...], mask: Rows) -> None:
    lang = view.lang
    st.divider()
    heading(t("masks.maps_title", lang, path=path_of(view), head=view.head), dotted("masks.maps_look", lang))
    st.segmented_control(
        t("masks.value", lang),
        ("scores", "weights", "z"),
        required=True,
        format_func=lambda name: t(f"mask_value.{name}", lang),
        **VALUE.widget(),
    )
    matrices = _maps(identify_run(view).plain, paths, mask, path_of(view), view.head, VALUE.value, lang, mode())
    key = f"{path_of(view)}.{VALUE.value}"

    def opened(row: int, column: int) -> None:
        look_at(trace.plan, key, (view.head, row, column))

    for place, matrix, name in zip(st.columns(3), matrices, NAMES, strict=True):
        with place:
            st.markdown(f"**{t(f'masks.{name}', lang)}**")
            heat(matrix, f"masks_{name}", t(f"masks.{name}", lang), view, opened)


@kept_with_run
def _maps(
    asked: Asked, paths: tuple[str, ...], mask: Rows, path: str, head_: int, name: str, lang: str, mode_: Mode
) -> list[Matrix]:
    trace, masked = get_trace(asked), masked_run(asked, paths, mask)
    query, key = trace.site(f"{path}.mask").sides
    rows = side_ticks(trace, query, mode_)
    columns = [] if name == "z" else side_ticks(trace, key, mode_, reads=True)
    row_title = wording.row_title("Q", query, asked.model, lang)
    column_title = t("axis.E" if name == "z" else "axis.K", lang)
    axes = Axes(rows, columns, row_title, column_title, name, blocked=t("value.blocked", lang))
    return three_maps(trace, masked, path, head_, name, axes, theme(mode_))


def _percent(p: float) -> str:
    return f"{100 * p:.1f} %"
