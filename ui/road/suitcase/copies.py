"""Whole sentences that come back without a fault, by their length, and every point as the set behind it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import streamlit as st

from figures.base.theme import theme
from figures.road.copies import copies_curves
from transformer_core.glass.trace import Trace
from transformer_core.studies.road.copying import Copied, by_length, copied
from ui.frame.text import dotted, escape, section, t
from ui.parts.charts import chart
from ui.road.suitcase.twins import copies, looks_back
from ui.road.word_map import ROAD
from ui.state.models import get_model, model_names, model_title
from ui.state.options import Option
from ui.state.session import mode
from ui.state.view import View

PAGE = "suitcase"
LENGTHS = (2, 4, 6, 8, 10, 13)


def _one_of_lengths(text: str) -> int | None:
    return next((n for n in LENGTHS if str(n) == text), None)


LENGTH: Option[int] = Option("length", 8, _one_of_lengths)
WRITER: Option[str] = Option("writer", "", lambda text: text if text in copying_models() else None)
OPTIONS: tuple[Option[Any], ...] = (LENGTH, WRITER)


def copying_models() -> list[str]:
    """Return the models of this stop that write again what they read."""
    return [name for name in model_names(PAGE) if copies(name)]


@lru_cache(maxsize=16)
def copies_of(model: str) -> dict[int, tuple[Copied, ...]]:
    """Return what a model writes for sentences of our own, by their number of words."""
    lines = (ROAD / "copying.en.txt").read_text(encoding="utf-8").splitlines()
    return by_length(copied(get_model(model), lines))


def share_right(found: tuple[Copied, ...]) -> float:
    """Return the share of sentences that came back without a fault."""
    return sum(one.right for one in found) / len(found)


def show_copies(view: View, trace: Trace) -> None:
    """Draw the curves of all models that copy, and the set behind the chosen point."""
    lang, models = view.lang, copying_models()
    st.markdown(f"##### {t('copies.title', lang)}")
    picture, opened = st.columns([6, 5], gap="large")
    with opened:
        st.segmented_control(t("copies.length", lang), LENGTHS, required=True, wrap=True, **LENGTH.widget())
        if WRITER.value not in models:
            WRITER.choose(view.model if view.model in models else models[0])
        st.segmented_control(
            t("copies.writer", lang),
            models,
            format_func=lambda name: model_title(name, lang),
            required=True,
            wrap=True,
            **WRITER.widget(),
        )
        _show_set(copies_of(WRITER.value)[LENGTH.value], lang)
    with picture:
        right = {
            model_title(name, lang): {n: share_right(one) for n, one in copies_of(name).items()} for name in models
        }
        chosen = model_title(WRITER.value, lang), LENGTH.value
        looks = [looks_back(name) for name in models]
        figure = copies_curves(right, looks, chosen, section("copies_curve", lang), theme(mode()))
        chart(figure, "copies", t("copies.title", lang), lambda curve, n: _open_set(models, curve, n))
        st.markdown(dotted("copies.look", lang))


def _open_set(models: list[str], curve: int, n: int) -> None:
    if curve < len(models) and n in LENGTHS:
        WRITER.choose(models[curve])
        LENGTH.choose(n)


def _show_set(found: tuple[Copied, ...], lang: str) -> None:
    right = sum(one.right for one in found)
    st.markdown(f"**{t('copies.right', lang, right=right, n=len(found))}**")
    st.markdown("  \n".join(told_copy(one) for one in found))


def told_copy(one: Copied) -> str:
    """Return a sentence with a sign, and what came back where it is another: in colour from the first other word on."""
    if one.right:
        return f":material/check: {escape(one.sentence)}"
    pairs = zip(one.sentence.split(), one.written.split(), strict=False)
    same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(one.n_words, len(one.written.split())))
    words = one.written.split()
    kept, other = (escape(" ".join(part)) for part in (words[:same], words[same:]))
    strange = f":red[{other}]" if other else ":red[…]"
    return f":material/close: {escape(one.sentence)}  \n  → {kept} {strange}"
