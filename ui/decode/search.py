"""What the page of search and sampling shows: the tree of a beam search, and the draw with its filters."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, cast

import streamlit as st

from figures.base.theme import theme
from figures.base.wire import flagged
from figures.decode.beam import beam_tree, finished_matrix, looked_at
from figures.decode.choices import choices, most_open, sentence
from transformer_core.decoding.beam_tree import BeamTree
from transformer_core.decoding.rules import GREEDY, Beam, Sampling
from transformer_core.snippets.picture import picture_snippet
from ui.frame.page import Page
from ui.frame.text import dotted, t
from ui.frame.wording import fitting, said_dotted
from ui.parts.decoding_rules import (
    BEAM,
    COLDEST,
    DRAW,
    HOTTEST,
    LEAST_P,
    MOST_K,
    MOST_SEED,
    SEED,
    TEMPERATURE,
    TOP_K,
    TOP_P,
    beam,
    choose_beam,
    limit_of,
    sampling,
)
from ui.parts.hearing import is_told, real, whole, word
from ui.parts.modules import Draw, register
from ui.parts.wires import BeamData, ChoicesData
from ui.state.both_runs import say_writer
from ui.state.models import CONTINUED, Asked, edits_of, get_model, get_trace, given_ids, word_of
from ui.state.options import Option, one_of, tied, whole_number
from ui.state.session import current_view, identify_run, mode
from ui.state.shared.kept import kept_with_run
from ui.take_home.picture import Picture, take_pictures

SEEDS = 5
SCORE = r"s = \frac{1}{n^{\alpha}} \sum_{i=1}^{n} \log p(y_i \mid y_{<i}, x)"
FILTERS = r"p_v = \mathrm{softmax}\!\left(\frac{\ell}{T}\right)_{\!v} \;\to\; \text{top-}k \;\to\; \text{top-}p"

_BEAM: Draw[BeamData] = register("beam/beam")
_CHOICES: Draw[ChoicesData] = register("choices/choices")


TREE: Option[int | None] = Option("tree", None, whole_number(0, 999))  # the step; None is the first one
NODE: Option[int | None] = Option("node", None, whole_number(0, 999_999))  # the branch; None is the best one
LOOK: Option[str] = Option("branches", "whole", one_of("whole", "words"))
POSITION: Option[int | None] = Option("position", None, whole_number(0, 999))  # None is where most is open
OPTIONS = (*BEAM, TREE, NODE, LOOK, POSITION, *DRAW)


@st.fragment  # another width, a click on the tree or a turn of a dial reruns only this block
def show_search(page: Page) -> None:
    """Draw the tree of the beam search, then the draw with its filters."""
    show_beam()
    show_choices()
    page.write_address()


def show_beam() -> None:
    """Draw the tree of the beam search over the view's sentence."""
    view = current_view()
    asked, lang = replace(identify_run(view).edited, target=""), view.lang
    st.subheader(t("beam.title", lang), anchor=False)
    picture = st.container()
    width, penalty = st.columns([2, 3], vertical_alignment="bottom")
    choose_beam(width, penalty, lang)
    st.markdown(said_dotted("beam.look", view.model, lang, n=CONTINUED))
    say_writer(view)
    st.latex(SCORE)
    st.caption(dotted("beam.penalty_is", lang))
    key, rule = "search.beam", beam()
    found = _tree(asked, rule)
    chosen = _within(tied(NODE, (asked, rule)), len(found.branches))
    number = found.finished[0].branch if chosen is None else chosen

    data = {
        **_tree_data(asked, rule),
        "search": [asked.model, asked.source, rule.width, rule.length_penalty],
        "step": _within(tied(TREE, (asked, rule)), len(found.steps)),
        "chosen": chosen,
        "look": LOOK.value,
        "source": _source(asked, found.ids(number)),
        "reads": "" if given_ids(asked) else get_trace(asked).plan.word_lists[0].name,
        "root": _root(asked),
        "attention": {"number": number, "weights": _looked(asked, found.ids(number))},
        "words": fitting("beam_words", view.model, lang, terms=True),
    }
    with picture:
        _BEAM(
            key,
            cast(BeamData, data),
            mode(),
            node=lambda sent: NODE.choose(whole(sent, "number")),
            look=lambda sent: LOOK.choose(word(sent, "look")),
        )
    code = partial(picture_snippet, "beam", **vars(asked), rule=rule, max_length=limit_of(asked))
    names = (t("beam.title", lang), t("export.log_p", lang), t("export.score", lang))
    matrix = partial(finished_matrix, found, word_of(asked.model), names, theme(mode()))
    take_pictures(
        "search", "", get_trace(asked), [Picture(key, "beam", t("beam.title", lang), matrix, code, asked=asked)]
    )


def show_choices() -> None:
    """Draw the filters at one position, and five sentences that were drawn through them."""
    view = current_view()
    asked, lang = identify_run(view).edited, view.lang
    trace = get_trace(asked)
    st.markdown(f"#### {t('choices.title', lang)}")
    st.markdown(dotted("choices.look", lang))
    say_writer(view)
    st.latex(FILTERS)
    position = _within(tied(POSITION, asked), len(trace.written_ids))
    if position is None:  # what a text goes on with, or what is least certain
        position = len(trace.written_ids) - 1 if given_ids(asked) else most_open(trace)
    data = {
        **_choices(asked, position),
        "settings": {
            "temperature": TEMPERATURE.value,
            "top_k": TOP_K.value or None,
            "top_p": TOP_P.value,
            "first_seed": SEED.value,
        },
        "limits": {"temperature": [COLDEST, HOTTEST], "top_p": [LEAST_P, 1]},
        "sentences": _sentences(replace(asked, target=""), tuple(sampling(SEED.value + i) for i in range(SEEDS))),
        "words": fitting("choices_words", view.model, lang, terms=True),
    }
    _CHOICES(
        "search.choices",
        cast(ChoicesData, data),
        mode(),
        position=lambda sent: POSITION.choose(whole(sent, "position")),
        settings=_turn,
    )


def _within(number: int | None, n: int) -> int | None:
    """A choice that a link may have brought, or None where there is no such thing."""
    return number if number is not None and 0 <= number < n else None


def _turn(sent: Any) -> None:
    """Set the dials to what the component sent, within their limits."""
    temperature, top_p, seed = real(sent, "temperature"), real(sent, "top_p"), real(sent, "first_seed")
    top_k = real(sent, "top_k") if is_told(sent, "top_k") else None
    TEMPERATURE.choose(min(max(temperature, COLDEST), HOTTEST))
    TOP_K.choose(0 if top_k is None else min(max(round(top_k), 1), MOST_K))
    TOP_P.choose(min(max(top_p, LEAST_P), 1.0))
    SEED.choose(min(max(round(seed), 0), MOST_SEED))


@lru_cache(maxsize=8)  # a tree of 60 steps holds megabytes of logits
def _tree(asked: Asked, rule: Beam) -> BeamTree:
    found = get_model(asked.model).decode(asked.source, rule, max_length=limit_of(asked), edits=edits_of(asked)).tree
    assert found is not None
    return found


@kept_with_run
def _tree_data(asked: Asked, rule: Beam) -> dict[str, Any]:
    return beam_tree(_tree(asked, rule), word_of(asked.model))


@kept_with_run
def _looked(asked: Asked, ids: tuple[int, ...]) -> list[float]:
    glass, edits = get_model(asked.model), edits_of(asked)
    behind = ids[len(given_ids(asked)) :]
    record = glass.decode(asked.source, GREEDY, prefix=behind, max_length=len(ids), edits=edits)
    return looked_at(glass.trace_record(record, edits=edits))


@kept_with_run
def _choices(asked: Asked, position: int) -> dict[str, Any]:
    return choices(get_trace(asked), position, word_of(asked.model))


@kept_with_run
def _sentences(asked: Asked, rules: tuple[Sampling, ...]) -> list[dict[str, Any]]:
    """What is written greedily, then by each rule; all in one batch."""
    glass, read = get_model(asked.model), word_of(asked.model)
    seeds = (None, *(rule.seed for rule in rules))
    found = glass.decode_each(asked.source, (GREEDY, *rules), max_length=limit_of(asked), edits=edits_of(asked))
    return [{"seed": seed, **sentence(one, read)} for seed, one in zip(seeds, found, strict=True)]


def _source(asked: Asked, ids: tuple[int, ...]) -> list[dict[str, Any]]:
    """The words that are looked at: the source, or what was read before the last word of a branch."""
    trace = get_trace(asked)
    read = trace.words_of(trace.plan.word_lists[0].name).read
    if not given_ids(asked):
        return flagged(read)
    n_signs = len(read) - len(given_ids(asked))
    return flagged([*read[:n_signs], *map(word_of(asked.model), ids[:-1])])


def _root(asked: Asked) -> dict[str, Any]:
    """The word behind which the search begins."""
    trace, n_given = get_trace(asked), len(given_ids(asked))
    read = trace.writing.read
    return flagged([read[-1] if n_given else read[0]])[0]
