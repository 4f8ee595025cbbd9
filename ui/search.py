"""What the page of search and sampling shows: the tree of a beam search, and the draw with its filters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

import streamlit as st

from figures.beam import beam_tree, looked_at
from figures.choices import choices, most_open, sentence
from figures.words import flagged
from transformer_core.beam_tree import BeamTree
from transformer_core.rules import GREEDY, Beam, Sampling
from transformer_core.trace import Trace
from ui.components import register
from ui.models import Asked, edits_of, get_model, get_trace
from ui.session import asked_for, current_view, mode
from ui.text import section, t

WIDTHS = (1, 2, 3, 4, 5)
MOST_PENALTY = 2.0
COLDEST, HOTTEST, LEAST_P = 0.1, 3.0, 0.05
SEEDS = 5
SCORE = r"s = \frac{1}{n^{\alpha}} \sum_{i=1}^{n} \log p(y_i \mid y_{<i}, x)"
FILTERS = r"p_v = \mathrm{softmax}\!\left(\frac{\ell}{T}\right)_{\!v} \;\to\; \text{top-}k \;\to\; \text{top-}p"

_BEAM = register("beam", "beam_tables")
_CHOICES = register("choices")


@dataclass(frozen=True)
class Draw:
    """How five sentences are drawn; None for top_k leaves all words."""

    temperature: float = 1.5
    top_k: int | None = 10
    top_p: float = 0.9
    first_seed: int = 0


@st.fragment  # another width, or a click on the tree, reruns only this block
def show_beam() -> None:
    """Draw the tree of the beam search over the view's sentence."""
    view = current_view()
    asked, lang = replace(asked_for(view), target=""), view.lang
    st.markdown(f"#### {t('beam.title', lang)}")
    st.markdown(t("beam.look", lang))
    width, penalty = _choose_beam(lang)
    st.latex(SCORE)
    st.caption(t("beam.penalty_is", lang))
    key = "search.beam"
    found = _tree(asked, width, penalty)
    search = [asked.model, asked.source, width, penalty]

    def choose() -> None:
        number = round(st.session_state[key].node["number"])
        if 0 <= number < len(found.branches):
            st.session_state["search.node"] = (search, number)

    chosen_in, number = st.session_state.get("search.node", (None, 0))
    if chosen_in != search:
        number = found.finished[0].branch
    looked = {"number": number, "weights": _looked(asked, found.ids(number))}
    data = {**_tree_data(asked, width, penalty), "search": search, "source": _source(asked), "attention": looked}
    _BEAM(key=key, data={**data, "words": section("beam_words", lang), "mode": mode()}, on_node_change=choose)


@st.fragment
def show_choices(trace: Trace) -> None:
    """Draw the filters at one position, and five sentences that were drawn through them."""
    view = current_view()
    asked, lang = asked_for(view), view.lang
    st.markdown(f"#### {t('choices.title', lang)}")
    st.markdown(t("choices.look", lang))
    st.latex(FILTERS)
    key = "search.choices"
    settings: Draw = st.session_state.get("search.draw", Draw())
    n_positions = len(trace.written_ids)

    def move() -> None:
        st.session_state["search.position"] = (asked, round(st.session_state[key].position["position"]))

    def set_draw() -> None:
        st.session_state["search.draw"] = _draw(st.session_state[key].settings)

    chosen_in, position = st.session_state.get("search.position", (None, 0))
    if chosen_in != asked or not 0 <= position < n_positions:
        position = most_open(trace)
    data = {
        **_choices(asked, position),
        "settings": asdict(settings),
        "limits": {"temperature": [COLDEST, HOTTEST], "top_p": [LEAST_P, 1]},
        "sentences": _sentences(replace(asked, target=""), settings),
        "words": section("choices_words", lang),
        "mode": mode(),
    }
    _CHOICES(key=key, data=data, on_position_change=move, on_settings_change=set_draw)


def _choose_beam(lang: str) -> tuple[int, float]:
    """Draw the choice of width and length penalty; kept apart from the widgets, which forget on other pages."""
    kept = st.session_state.setdefault("search.kept", {"width": 4, "penalty": 1.0})

    def keep(name: str) -> None:
        kept[name] = st.session_state[f"search.{name}"]

    for name, value in kept.items():
        st.session_state[f"search.{name}"] = value
    columns = st.columns([2, 3], vertical_alignment="bottom")
    columns[0].segmented_control(
        t("beam.width", lang), WIDTHS, key="search.width", required=True, on_change=keep, args=("width",)
    )
    columns[1].slider(
        t("beam.penalty", lang),
        0.0,
        MOST_PENALTY,
        step=0.1,
        key="search.penalty",
        on_change=keep,
        args=("penalty",),
    )
    return kept["width"], kept["penalty"]


def _draw(sent: dict[str, Any]) -> Draw:
    """The settings that the component sent, within their limits."""
    top_k = sent["top_k"]
    return Draw(
        temperature=min(max(float(sent["temperature"]), COLDEST), HOTTEST),
        top_k=None if top_k is None else max(round(top_k), 1),
        top_p=min(max(float(sent["top_p"]), LEAST_P), 1.0),
        first_seed=max(round(sent["first_seed"]), 0),
    )


@lru_cache(maxsize=8)  # a tree of 60 steps holds megabytes of logits
def _tree(asked: Asked, width: int, penalty: float) -> BeamTree:
    rule = Beam(width=width, length_penalty=penalty)
    found = get_model(asked.model).decode(asked.source, rule, edits=edits_of(asked)).tree
    assert found is not None
    return found


@lru_cache(maxsize=64)
def _tree_data(asked: Asked, width: int, penalty: float) -> dict[str, Any]:
    return beam_tree(_tree(asked, width, penalty), _word_of(asked))


@lru_cache(maxsize=256)
def _looked(asked: Asked, ids: tuple[int, ...]) -> list[float]:
    glass = get_model(asked.model)
    edits = edits_of(asked)
    record = glass.decode(asked.source, GREEDY, prefix=ids, max_length=len(ids), edits=edits)
    return looked_at(glass.trace_record(record, edits=edits))


@lru_cache(maxsize=64)
def _choices(asked: Asked, position: int) -> dict[str, Any]:
    return choices(get_trace(asked), position, _word_of(asked))


@lru_cache(maxsize=64)
def _sentences(asked: Asked, settings: Draw) -> list[dict[str, Any]]:
    """The greedy translation, then one for each seed."""
    glass, word_of, edits = get_model(asked.model), _word_of(asked), edits_of(asked)
    lines = [{"seed": None, **sentence(glass.decode(asked.source, edits=edits), word_of)}]
    for seed in range(settings.first_seed, settings.first_seed + SEEDS):
        rule = Sampling(temperature=settings.temperature, top_k=settings.top_k, top_p=settings.top_p, seed=seed)
        lines.append({"seed": seed, **sentence(glass.decode(asked.source, rule, edits=edits), word_of)})
    return lines


def _source(asked: Asked) -> list[dict[str, Any]]:
    return flagged(get_trace(asked).source_tokens)


def _word_of(asked: Asked) -> Callable[[int], str]:
    tokenizer = get_model(asked.model).target_tokenizer
    assert tokenizer is not None
    return lambda i: str(tokenizer.pieces([i])[0])
