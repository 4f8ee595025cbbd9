"""The words of a few groups on a plane, while their vectors come to be."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import streamlit as st

from figures.road.word_map import word_map as placed_words
from transformer_core.ancestors.growth import read_growth
from transformer_core.ancestors.vectors import WordVectors
from transformer_core.glass.trace import Trace
from transformer_core.models.files import road_folder
from ui.frame.text import LANGUAGES, dotted, section, t
from ui.parts import hearing
from ui.parts.wires import WordMapData
from ui.road.components import word_map
from ui.road.vectors.pulling import config_of, tokenizer_of
from ui.state.models import get_model, language_of
from ui.state.options import Option
from ui.state.own_models import Own, own_models
from ui.state.session import mode
from ui.state.view import View

ROAD = Path(__file__).resolve().parents[2] / "assets" / "road"
NEAREST = 7
FIRST = ("family", "numbers", "animals", "food")


def words_language(model: str = "") -> str:
    """Return the language of a model's words, of the one that is looked at if none is named; English for any other."""
    found = language_of(model or st.session_state.model)
    return found if found in LANGUAGES else LANGUAGES[0]


@lru_cache(maxsize=len(LANGUAGES))
def word_groups(language: str = LANGUAGES[0]) -> dict[str, tuple[str, ...]]:
    """Return the words of each group in a language; in another one some groups may be missing."""
    lines = (ROAD / f"word_groups.{language}.txt").read_text(encoding="utf-8").splitlines()
    return {name: tuple(words.split()) for name, _, words in (line.partition(":") for line in lines)}


def _groups(text: str) -> tuple[str, ...] | None:
    names = tuple(text.split(","))
    return names if names and set(names) <= set(word_groups()) else None


GROUPS: Option[tuple[str, ...]] = Option("groups", FIRST, _groups, ",".join)
WORD: Option[str] = Option("word", "", lambda text: text if len(text) < 40 else None)


@lru_cache(maxsize=8)
def vectors_of(model: str) -> WordVectors:
    """Return the vectors that a model reads its words by."""
    glass = get_model(model)
    table = glass.model.get_parameter("embed.W_E").detach().numpy()
    return WordVectors(table, tokenizer_of(glass))


def show_map(view: View, trace: Trace) -> None:
    """Draw the plane of the chosen groups, with the neighbours of a word beside it."""
    lang, groups = view.lang, list(word_groups(words_language(view.model)))
    on = tuple(name for name in groups if name in GROUPS.value) or FIRST
    found = _placed(view.model, on)
    texts = [item["text"] for item in found["items"]]
    data = {
        **found,
        "groups": [{"name": name, "title": t(f"word_group.{name}", lang), "on": name in on} for name in groups],
        "chosen": WORD.value if WORD.value in texts else texts[0],
        "width": config_of(get_model(view.model)).d_model,
        "words": section("word_map_words", lang),
    }

    def group(sent: Any) -> None:
        name = hearing.word(sent, "name")
        rest = tuple(one for one in on if one != name)
        chosen = rest if name in on else (*on, name)
        if chosen and name in groups:
            GROUPS.choose(tuple(one for one in groups if one in chosen))

    hear = {"group": group, "word": lambda sent: WORD.choose(hearing.word(sent, "word"))}
    word_map("word_map", cast(WordMapData, data), mode(), **hear)
    st.markdown(dotted("word_map.look", lang))


@lru_cache(maxsize=64)
def _placed(model: str, on: tuple[str, ...]) -> dict[str, Any]:
    vectors, growth = vectors_of(model), read_growth(road_folder(own_models().get(model, Own(model)).place))
    groups = word_groups(words_language(model))
    names = list(groups)
    known = [(word, name) for name in on for word in groups[name] if vectors.tokenizer.id_of(word) is not None]
    words = [word for word, _ in known]
    if growth is not None and set(words) <= set(growth.words):
        rows, shares = growth.rows[:, [growth.words.index(word) for word in words]], growth.shares.tolist()
    else:
        rows, shares = np.stack([vectors.rows[[vectors.row(word) for word in words]]]), [1.0]
    near = {word: [(one.word, one.cosine) for one in vectors.nearest(word, NEAREST + 1)[1:]] for word in words}
    return placed_words(rows, shares, words, [names.index(name) for _, name in known], near)
