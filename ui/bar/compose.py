"""The workbench on which an edit is put together from plain choices, and added to the list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from transformer_core.edits.base import attention_paths
from transformer_core.edits.parse import (
    DropPositions,
    Edit,
    Fill,
    KeepOnly,
    MaskCells,
    Patch,
    ReplaceRow,
    SetAttention,
    SkipNorm,
    SkipResidual,
    SwitchOff,
    Temperature,
    WholeMask,
    check_edits,
)
from transformer_core.edits.values import ATTENTION, NUMBERS
from transformer_core.glass.errors import GlassformerError
from transformer_core.glass.formula.starts import Lookup
from transformer_core.glass.sites import position_axis
from transformer_core.glass.trace import Trace
from ui.bar.bench import Bench
from ui.bar.edit_words import describe
from ui.frame.text import escape, say_error, t
from ui.frame.wording import said
from ui.state.edit_list import added
from ui.state.models import get_model
from ui.state.session import current_view

Maker = Callable[[Bench], Edit | None]


@st.fragment  # what is chosen here changes nothing on the page until it is added
def show_bench(trace: Trace) -> None:
    """Draw the choices of a new edit, what it would do, and the button that adds it."""
    view = current_view()
    lang = view.lang
    kind, rest = st.columns([2, 6])
    name = kind.selectbox(
        t("compose.kind", lang),
        list(KINDS),
        key="compose.kind",
        format_func=lambda each: t(f"compose_kind.{each}", lang),
    )
    with rest:
        bench = Bench(view, trace)
    edit, problem = None, ""
    try:
        edit = KINDS[name](bench)
        if edit is not None:
            check_edits([edit], trace.plan, {name: len(words.read) for name, words in trace.words.items()})
            if isinstance(edit, Patch):
                get_model(view.model).read_ids(edit.source)
    except GlassformerError as error:
        edit, problem = None, say_error(error, lang)
    says, button = st.columns([6, 2], vertical_alignment="center")
    says.markdown(
        problem
        or bench.problem
        or (t("compose.not_yet", lang) if edit is None else f"**{escape(describe(edit, trace, view.model, lang))}**")
    )
    if button.button(t("compose.add", lang), key="compose.add", disabled=edit is None, type="primary", width="stretch"):
        assert edit is not None
        st.session_state.update(edits=added(view.edits, edit), run="edited")
        st.rerun()


def _off(bench: Bench) -> Edit | None:
    block = bench.block()
    heads = bench.heads(block)
    return SwitchOff(block, heads) if heads else None


def _keep(bench: Bench) -> Edit | None:
    block = bench.block()
    heads = bench.heads(block)
    return KeepOnly(block, heads) if heads else None


def _temperature(bench: Bench) -> Edit:
    block = bench.block()
    return Temperature(block, bench.head(block), bench.slide("temperature", 0.1, 10.0, 2.0, 0.1))


def _attend(bench: Bench) -> Edit:
    block = bench.block()
    query, key = bench.trace.site(f"{block}.mask").sides
    return SetAttention(block, bench.head(block), bench.word("query", query), bench.word("key", key))


def _fill(how: Any) -> Maker:
    kinds = (*NUMBERS, *ATTENTION) if how == "freeze" else NUMBERS

    def make(bench: Bench) -> Edit:
        site = bench.site(lambda site: site.kind in kinds)
        return Fill(site.key, bench.words("positions", site.sides[position_axis(site)]), how)

    return make


def _patch(bench: Bench) -> Edit | None:
    site = bench.site(lambda site: site.kind in NUMBERS)
    positions, other = bench.words("positions", site.sides[position_axis(site)]), bench.write("other")
    return Patch(site.key, positions, other) if other.strip() else None


def _no_residual(bench: Bench) -> Edit:
    return SkipResidual(bench.site(lambda site: site.block.role == "add").key)


def _no_norm(bench: Bench) -> Edit:
    return SkipNorm(bench.site(lambda site: site.name == "normalized").block.path)


def _row(bench: Bench) -> Edit | None:
    lists = {words.tokens: words.name for words in bench.trace.plan.word_lists}
    site = bench.site(lambda site: isinstance(site.formula, Lookup) and site.formula.sites[0] in lists)
    tokens = site.formula.sites[0]
    position, typed = bench.word("word", lists[tokens]), bench.write("row").strip()
    glass = get_model(bench.view.model)
    tokenizer = glass.source_tokenizer if lists[tokens] == "source" else glass.target_tokenizer
    if not typed or tokenizer is None:
        return None
    ids = tokenizer.encode(typed)
    if len(ids) != 1:
        bench.problem = t("compose.no_row", bench.view.lang, word=escape(typed))
        return None
    return ReplaceRow(site.key, int(bench.trace[tokens][position]), ids[0])


def _drop(bench: Bench) -> Edit | None:
    side = bench.pick(
        "side", list(bench.trace.words), lambda name: said(f"compose_side.{name}", bench.view.model, bench.view.lang)
    )
    positions = bench.words("dropped", side)
    return DropPositions(side, positions) if positions else None


def _cell(allowed: bool) -> Maker:
    def make(bench: Bench) -> Edit:
        block = bench.block(every=True)
        query, key = bench.trace.site(f"{attention_paths(bench.trace.plan, block)[0]}.mask").sides
        return MaskCells(block, ((bench.word("query", query), bench.word("key", key)),), allowed)

    return make


def _mask(bench: Bench) -> Edit:
    block = bench.block(every=True)
    pattern = bench.pick(
        "pattern", ("causal", "none", "window"), lambda name: t(f"compose_mask.{name}", bench.view.lang)
    )
    return WholeMask(block, pattern, bench.slide("width", 0, 10, 1) if pattern == "window" else 0)


KINDS: dict[str, Maker] = {
    "off": _off,
    "keep": _keep,
    "temperature": _temperature,
    "attend": _attend,
    "zero": _fill("zero"),
    "one": _fill("one"),
    "mean": _fill("mean"),
    "freeze": _fill("freeze"),
    "patch": _patch,
    "no_residual": _no_residual,
    "no_norm": _no_norm,
    "row": _row,
    "drop": _drop,
    "allow": _cell(True),
    "forbid": _cell(False),
    "mask": _mask,
}
