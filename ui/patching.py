"""The patching walk: two sentences that differ in a word, and which vector carries the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from figures.effects import share_map
from figures.heatmap import heatmap
from figures.labels import number, tick_labels
from figures.matrix import Axes
from figures.theme import theme
from transformer_core.errors import GlassformerError
from transformer_core.patching import Contrast, Quantity, contrast, patch_map
from ui.bar import EXAMPLES
from ui.components import heat_map
from ui.extras import head as heading
from ui.models import Once, get_model
from ui.options import Option, one_of
from ui.progress import progress, progress_bar
from ui.session import mode
from ui.text import escape, say_error, section, t
from ui.view import View

Array = NDArray[Any]
AT_ONCE = 24  # patches between two steps of the progress bar
KEPT_BYTES = 16 * 2**20

FIRST: Option[str] = Option("pair_first", "", lambda text: text)
SECOND: Option[str] = Option("pair_second", "", lambda text: text)
QUANTITY: Option[Any] = Option("pair_quantity", "logits", one_of("logits", "loss"))


@dataclass(frozen=True)
class Pair:
    """What identifies a walk."""

    model: str
    first: str
    second: str
    quantity: Quantity


@dataclass(frozen=True)
class Walk:
    """The two runs, and what each patch restores, by site."""

    pair: Contrast
    shares: Mapping[str, Array]


def show_patching(view: View) -> None:
    """Draw the choice of a pair, and the map of what every patch restores."""
    lang = view.lang
    heading(t("patching.title", lang), t("patching.look", lang))
    _choose(view)
    pair = Pair(view.model, *_sentences(view.model), QUANTITY.value)
    try:
        with progress_bar(t("patching.running", lang)):
            walk = _walks().get(pair)
    except GlassformerError as error:
        st.warning(say_error(error, lang), icon=":material/edit:")
        return
    _show_runs(view, walk)
    _show_maps(view, walk)


@lru_cache(maxsize=64)
def pairs(model: str) -> tuple[tuple[str, str], ...]:
    """Return pairs that a model translates differently; none for a model that is not bundled."""
    path = EXAMPLES / f"pairs.{model.removesuffix('-prenorm')}.txt"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return tuple((first, second) for first, _, second in (line.partition("\t") for line in lines))


@st.cache_resource(show_spinner=False)
def _walks() -> Once[Pair, Walk]:
    return Once(_compute, _size, KEPT_BYTES)


def _size(walk: Walk) -> int:
    shares, vectors = walk.shares.values(), walk.pair.values.values()
    return sum(x.nbytes for x in shares) + sum(x.nbytes for x in vectors)


def _compute(asked: Pair) -> Walk:
    glass = get_model(asked.model)
    first, second = (glass.source_ids(text) for text in (asked.first, asked.second))
    pair = contrast(glass.model, first, second, asked.quantity)
    return Walk(pair, patch_map(glass.model, pair, at_once=AT_ONCE, progress=progress()))


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
        column.text_input(t(f"patching.{name}", lang), key=f"patching.{name}", on_change=_type)
    columns[2].segmented_control(
        t("patching.quantity", lang),
        ("logits", "loss"),
        required=True,
        format_func=lambda name: t(f"patching_quantity.{name}", lang),
        **QUANTITY.widget(),
    )
    ready = {f"{first} / {second}": (first, second) for first, second in pairs(view.model)}
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


def _show_runs(view: View, walk: Walk) -> None:
    tokenizer = get_model(view.model).target_tokenizer
    assert tokenizer is not None
    pair, lang = walk.pair, view.lang
    texts = {
        name: escape(tokenizer.decode(list(ids)))
        for name, ids in (("one", pair.first_words), ("other", pair.second_words))
    }
    st.markdown(t("patching.writes", lang, **texts))
    a, b = (escape(tokenizer.pieces([ids[pair.position]])[0]) for ids in (pair.first_words, pair.second_words))
    values = {"first": number(pair.first_value), "second": number(pair.second_value)}
    st.markdown(t(f"patching_says.{pair.quantity}", lang, a=a, b=b, position=pair.position, **values))


def _show_maps(view: View, walk: Walk) -> None:
    glass, lang = get_model(view.model), view.lang
    assert glass.source_tokenizer is not None
    assert glass.target_tokenizer is not None
    one, other = (glass.source_tokenizer.pieces(ids) for ids in (walk.pair.first, walk.pair.second))
    source = [[a] if a == b else [a, b] for a, b in zip(one, other, strict=True)]
    read = [[token] for token in glass.target_tokenizer.pieces(walk.pair.read)]
    keys = {"source": [key for key in walk.shares if not key.startswith("decoder")]}
    keys["target"] = [key for key in walk.shares if key.startswith("decoder")]
    for side, tokens in (("source", source), ("target", read)):
        st.markdown(t(f"patching_side.{side}", lang))
        _show_map(view, walk, keys[side], tokens, side)
    st.caption(t("patching.legend", lang))


def _show_map(view: View, walk: Walk, keys: Sequence[str], tokens: Sequence[Sequence[str]], side: str) -> None:
    lang, shares = view.lang, np.stack([walk.shares[key] for key in keys])
    says = [[t("patching.told", lang, share=number(100 * share, 1)) for share in row] for row in shares]
    columns = tick_labels(["/".join(words) for words in tokens], theme(mode()))
    matrix = share_map(shares, Axes(keys, columns, "", "", t("patching.share", lang)), theme(mode()), says=says)
    alt = t(f"patching_side.{side}", lang)
    heat_map(f"patching_{side}", heatmap(matrix), side, alt, section("heatmap_words", lang), mode())
