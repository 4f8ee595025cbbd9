"""The choices of one edit, as widgets whose options fit the model and the sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from figures.base.labels import plain_rows
from transformer_core.edits.base import in_all_layers, one_block
from transformer_core.glass.sites import Site, all_sites
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import attention_facts, with_role
from ui.bar.edit_words import block_words
from ui.frame.text import t
from ui.state.view import View


class Bench:
    """The choices of one edit: each is a widget whose options fit the model and the sentence.

    Attributes:
        view: what the reader sees.
        trace: a run of the sentence.
        problem: why nothing can be made of what was typed.
    """

    def __init__(self, view: View, trace: Trace) -> None:
        self.view, self.trace, self.problem, self._n = view, trace, "", 0
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
