"""The mask laboratory: a mask to draw, and beside it what it changes in scores, weights, outputs, loss and words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import streamlit as st

from figures.labels import number
from figures.mask_lab import effect, said_rows, three_maps
from figures.mask_leak import other_word
from figures.matrix import Axes, Matrix
from figures.theme import Mode, theme
from figures.words import flagged
from transformer_core.capture import run_with_trace
from transformer_core.mask_effects import future_seen, with_masks
from transformer_core.trace import Trace
from ui.components import address
from ui.extras import apart, head, heat, ticks
from ui.focus import look_at
from ui.mask_choice import (
    LAYERS,
    MASK,
    OWN,
    PRESETS,
    VALUE,
    WIDEST,
    MaskChoice,
    as_rows,
    blocked_row,
    cells,
    lab_link,
    mask_of,
    natural_preset,
)
from ui.models import Asked, get_model, get_trace
from ui.page_components import mask_grid, word_grid
from ui.session import asked_for, current_view, mode
from ui.text import escape, section, t
from ui.view import View, to_query

Rows = tuple[str, ...]


@st.fragment  # a cell of the mask reruns this block, not the page
def show_lab(page: str, trace: Trace) -> None:
    """Draw the presets, the mask, and what it does to the run; write the choice into the link."""
    if st.session_state.get("opened"):
        st.rerun()  # a click leads to another page
    view = current_view()
    lang, natural = view.lang, trace[f"{view.path}.mask"]
    _choose_preset(view)
    mask = mask_of(MASK.value, natural)
    row = blocked_row(mask)
    if row is not None:
        st.warning(t("error.blocked_row", lang, row=row) + " " + t("masks.refused", lang), icon=":material/block:")
        mask = natural
    paths = _paths(trace, view)
    masked = masked_run(asked_for(view), paths, as_rows(mask))
    drawing, said = st.columns([5, 6], gap="large")
    with drawing:
        _show_grid(view, trace, as_rows(mask))
    with said:
        _show_words(view, trace, masked)
    _show_leak(view, trace, paths, as_rows(mask))
    _show_maps(view, trace, paths, as_rows(mask))
    address(to_query(view) | lab_link(), page)


@lru_cache(maxsize=16)
def masked_run(asked: Asked, paths: tuple[str, ...], mask: Rows) -> Trace:
    """Return the run of what was asked with another mask in some blocks; the untouched one if it is no other."""
    trace = get_trace(asked)
    if all(as_rows(trace[f"{path}.mask"]) == mask for path in paths):
        return trace
    source, read = _ids(trace)
    return run_with_trace(
        get_model(asked.model).model,
        source,
        read,
        source_tokens=trace.source_tokens,
        target_tokens=trace.target_tokens,
        written_tokens=trace.written_tokens,
        written_ids=trace.written_ids,
        edit=with_masks(dict.fromkeys(paths, cells(mask))),
    )


def _choose_preset(view: View) -> None:
    lang, natural = view.lang, natural_preset(view.path)
    presets, width, layers = st.columns([6, 2, 3], vertical_alignment="bottom")
    st.session_state["masks.preset"] = MASK.value.preset or natural
    presets.segmented_control(
        t("masks.preset", lang),
        PRESETS,
        key="masks.preset",
        required=True,
        format_func=lambda name: t(f"mask_preset.{name}", lang),
        on_change=_set_preset,
        args=(view,),
        wrap=True,
    )
    if MASK.value.preset == "window":
        st.session_state["masks.width"] = MASK.value.width
        width.number_input(t("masks.width", lang), 0, WIDEST, key="masks.width", on_change=_set_width)
    layers.segmented_control(
        t("masks.layers", lang),
        ("one", "all"),
        required=True,
        format_func=lambda name: t(f"mask_layers.{name}", lang, layer=view.layer),
        **LAYERS.widget(),
    )
    st.caption(t(f"mask_says.{MASK.value.preset or natural}", lang))


def _set_preset(view: View) -> None:
    """What was drawn is kept while another preset is looked at; drawing begins with what is there."""
    preset, chosen = st.session_state["masks.preset"], MASK.value
    drawn = chosen.drawn
    if preset == OWN and not drawn:
        drawn = as_rows(mask_of(chosen, get_trace(asked_for(view))[f"{view.path}.mask"]))
    MASK.choose(MaskChoice("" if preset == natural_preset(view.path) else preset, chosen.width, drawn))


def _set_width() -> None:
    MASK.choose(MaskChoice("window", st.session_state["masks.width"], MASK.value.drawn))


def _show_grid(view: View, trace: Trace, mask: Rows) -> None:
    natural = as_rows(trace[f"{view.path}.mask"])
    queries, keys = (_tokens(trace, side) for side in trace.site(f"{view.path}.mask").sides)

    def draw(rows: Sequence[str]) -> None:
        # What comes from a browser is checked; a row without an open cell is never sent by ours.
        if [len(row) for row in rows] == [len(row) for row in natural] and all("1" in row for row in rows):
            MASK.choose(MaskChoice(OWN, MASK.value.width, tuple(rows)))

    grid = {"rows": flagged(queries), "columns": flagged(keys), "allowed": mask, "natural": natural}
    mask_grid("mask_drawing", grid, section("mask_grid", view.lang), mode(), draw)


def _show_words(view: View, trace: Trace, masked: Trace) -> None:
    lang, found = view.lang, effect(trace, masked)
    if masked is trace:
        st.info(t("masks.untouched", lang))
    before, after = found.losses
    fields = {
        "loss": number(before),
        "loss_then": number(after),
        "n": int(found.changed.sum()),
        "all": len(found.after),
    }
    p = {"p": _percent(found.before.mean()), "p_then": _percent(found.after.mean())}
    st.markdown(t("masks.told", lang, **fields, **p))
    tokenizer = get_model(view.model).target_tokenizer
    assert tokenizer is not None
    rows = said_rows(trace, masked, found, lambda i: flagged(tokenizer.pieces([i]))[0])
    rights = zip(rows, found.before, found.after, strict=True)
    rows = [{**row, "note": f"{_percent(one)} → {_percent(other)}"} for row, one, other in rights]
    columns = [{"title": t("masks.before", lang)}, {"title": t("masks.after", lang)}]
    word_grid("mask_words", columns, rows, "target", section("mask_words", lang), mode())


def _show_leak(view: View, trace: Trace, paths: tuple[str, ...], mask: Rows) -> None:
    """Whether words from the future come through, measured with another last word, and what the model makes of it."""
    sides = trace.site(f"{view.path}.mask").sides
    n_ahead = sum(row[i + 1 :].count("1") for i, row in enumerate(mask))
    if sides != ("target", "target") or not n_ahead or len(mask) < 2:
        return
    lang, found = view.lang, effect(trace, masked_run(asked_for(view), paths, mask))
    word, unseen, seen = _seen(asked_for(view), paths, mask)
    st.divider()
    head(t("masks.leak_title", lang), t("masks.leak_look", lang, n=n_ahead))
    last = len(mask) - 1
    old = escape(trace.target_tokens[last])
    fields = {"position": last, "old": old, "new": escape(word), "seen": apart(seen), "unseen": apart(unseen)}
    st.markdown(t("masks.leak_seen", lang, **fields))
    p = {"p": _percent(found.before.mean()), "p_then": _percent(found.after.mean())}
    st.markdown(t("masks.leak_up" if found.after.mean() > found.before.mean() else "masks.leak_down", lang, **p))


@lru_cache(maxsize=32)
def _seen(asked: Asked, paths: tuple[str, ...], mask: Rows) -> tuple[str, float, float]:
    """Another last word, and how much it changes what is said before it, in the untouched run and under the mask."""
    trace, glass = get_trace(asked), get_model(asked.model)
    source, read = _ids(trace)
    special = (trace.config.pad_id, trace.config.bos_id, trace.config.eos_id)
    other = other_word(trace["head.logits"][-2], (read[-1], *special))
    edits = (None, with_masks(dict.fromkeys(paths, cells(mask))))
    unseen, seen = (future_seen(glass.model, source, read, other, edit) for edit in edits)
    assert glass.target_tokenizer is not None
    return str(glass.target_tokenizer.pieces([other])[0]), unseen, seen


def _show_maps(view: View, trace: Trace, paths: tuple[str, ...], mask: Rows) -> None:
    lang = view.lang
    st.divider()
    head(t("masks.maps_title", lang, path=view.path, head=view.head), t("masks.maps_look", lang))
    st.segmented_control(
        t("masks.value", lang),
        ("scores", "weights", "z"),
        required=True,
        format_func=lambda name: t(f"mask_value.{name}", lang),
        **VALUE.widget(),
    )
    matrices = _maps(asked_for(view), paths, mask, view.path, view.head, VALUE.value, lang, mode())
    key, names = f"{view.path}.{VALUE.value}", ("before", "after", "difference")

    def opened(row: int, column: int) -> None:
        look_at(trace.config, key, (view.head, row, column))

    for place, matrix, name in zip(st.columns(3), matrices, names, strict=True):
        with place:
            st.markdown(f"**{t(f'masks.{name}', lang)}**")
            heat(matrix, f"masks_{name}", t(f"masks.{name}", lang), view, opened)


@lru_cache(maxsize=32)
def _maps(
    asked: Asked, paths: tuple[str, ...], mask: Rows, path: str, head_: int, name: str, lang: str, mode_: Mode
) -> list[Matrix]:
    trace, masked = get_trace(asked), masked_run(asked, paths, mask)
    query, key = trace.site(f"{path}.mask").sides
    stacks: dict[Any, str] = {"source": "encoder", "target": "decoder"}
    rows = ticks(trace, stacks[query], mode_)
    columns = [] if name == "z" else ticks(trace, stacks[key], mode_, reads=True)
    row_title = t("axis.Q_target" if query == "target" else "axis.Q", lang)
    column_title = t("axis.E" if name == "z" else "axis.K", lang)
    axes = Axes(rows, columns, row_title, column_title, name, blocked=t("value.blocked", lang))
    return three_maps(trace, masked, path, head_, name, axes, theme(mode_))


def _paths(trace: Trace, view: View) -> tuple[str, ...]:
    """The blocks that get the mask: the chosen one, or the same of every layer."""
    if LAYERS.value == "one":
        return (view.path,)
    config = trace.config
    n = config.n_encoder_layers if view.stack == "encoder" else config.n_decoder_layers
    return tuple(f"{view.stack}.{i}.{view.block}" for i in range(n))


def _ids(trace: Trace) -> tuple[list[int], list[int]]:
    return trace["src_embed.tokens"].tolist(), trace["tgt_embed.tokens"].tolist()


def _tokens(trace: Trace, side: str | None) -> tuple[str, ...]:
    return trace.source_tokens if side == "source" else trace.target_tokens


def _percent(p: float) -> str:
    return f"{100 * p:.1f} %"
