"""The workbench on which an edit is put together from plain choices, and added to the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from figures.base.labels import plain_rows
from transformer_core.edits.base import attention_paths, in_all_layers, one_block
from transformer_core.edits.parse import (
    DropPositions,
    Edit,
    Fill,
    KeepOnly,
    MaskCells,
    Patch,
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
from transformer_core.glass.sites import Site, all_sites, position_axis
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_facts, with_role
from ui.bar.edit_words import block_words, describe
from ui.frame.text import escape, say_error, t
from ui.frame.wording import said
from ui.state.edit_list import added
from ui.state.models import get_model
from ui.state.session import current_view
from ui.state.view import View

Maker = Callable[["Bench"], Edit | None]


class Bench:
    """The choices of one edit: each is a widget whose options fit the model and the sentence.

    Attributes:
        view: what the reader sees.
        trace: a run of the sentence.
    """

    def __init__(self, view: View, trace: Trace) -> None:
        self.view, self.trace, self._n = view, trace, 0
        # Options depend on the model and on how many words there are: other options, another widget.
        self._about = ".".join([view.model, *(str(len(words.read)) for words in trace.words.values())])
        self._columns = st.columns([4, 3, 3, 2], vertical_alignment="bottom")

    def pick(self, name: str, options: Sequence[Any], text: Callable[[Any], str] = str) -> Any:
        """Draw the choice of one option."""
        label = t(f"compose.{name}", self.view.lang)
        return self._place().selectbox(label, options, key=self._key(name), format_func=text)

    def several(self, name: str, options: Sequence[Any], text: Callable[[Any], str] = str) -> tuple[Any, ...]:
        """Draw the choice of any number of options."""
        label = t(f"compose.{name}", self.view.lang)
        empty = t("compose.choose", self.view.lang)
        return tuple(
            self._place().multiselect(label, options, key=self._key(name), format_func=text, placeholder=empty)
        )

    def slide(self, name: str, *bounds: Any) -> Any:
        """Draw a slider: least, most, first value, step."""
        return self._place().slider(t(f"compose.{name}", self.view.lang), *bounds, key=self._key(name))

    def write(self, name: str) -> str:
        """Draw a field for a text."""
        return str(self._place().text_input(t(f"compose.{name}", self.view.lang), key=self._key(name)))

    def block(self, *, every: bool = False) -> str:
        """Draw the choice of an attention block; with `every`, also of one kind in all layers."""
        plan = self.trace.plan
        blocks = with_role(plan, "attention")
        whole = dict.fromkeys(map(in_all_layers, blocks)) if every else {}
        names = [*whole, *(block.path for block in blocks)]
        return str(self.pick("block", names, lambda name: block_words(plan, name, self.view.lang)))

    def head(self, block: str) -> int:
        """Draw the choice of a head of an attention block."""
        return int(self.pick("head", range(self._n_heads(block))))

    def heads(self, block: str) -> tuple[int, ...]:
        """Draw the choice of any number of heads of an attention block."""
        return self.several("heads", range(self._n_heads(block)))

    def site(self, fits: Callable[[Site], bool]) -> Site:
        """Draw the choice of a site, of those that fit."""
        sites = {site.key: site for site in all_sites(self.trace.plan) if not site.derived and fits(site)}
        return sites[self.pick("site", list(sites))]

    def word(self, name: str, side: str | None) -> int:
        """Draw the choice of one position by its word."""
        words = self._words(side)
        return int(self.pick(name, range(len(words)), words.__getitem__))

    def words(self, name: str, side: str | None) -> tuple[int, ...]:
        """Draw the choice of any number of positions by their words."""
        words = self._words(side)
        return self.several(name, range(len(words)), words.__getitem__)

    def _words(self, side: str | None) -> list[str]:
        return plain_rows(self.trace.words_of(side or "").read)

    def _n_heads(self, block: str) -> int:
        return attention_facts(one_block(self.trace.plan, block)).heads

    def _place(self) -> Any:
        self._n += 1
        return self._columns[(self._n - 1) % len(self._columns)]

    def _key(self, name: str) -> str:
        return f"compose.{name}.{self._about}"


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
    "drop": _drop,
    "allow": _cell(True),
    "forbid": _cell(False),
    "mask": _mask,
}
