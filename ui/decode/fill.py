"""The page of a model that fills in words: words are hidden by a click, and what could stand there is told."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import streamlit as st

from figures.decode.fill import gaps, looks
from transformer_core.glass.errors import GlassformerError
from transformer_core.glass.trace import Trace
from transformer_core.glass.walks import blocks_of, key_of, probs_key, written_list
from transformer_core.studies.filling import Filled, fill_at_once, fill_in_turn
from ui.decode.hiding import Hiding, hiding_of
from ui.frame.page import Page
from ui.frame.text import dotted, section, t
from ui.parts.choosers import choose_layer_and_heads
from ui.parts.focus import look_at
from ui.parts.hearing import whole
from ui.parts.modules import Draw, Hear, register
from ui.parts.wires import FillData
from ui.state.examples import example_file
from ui.state.models import Asked, edits_of, get_model, get_trace, word_of
from ui.state.options import Option
from ui.state.session import current_view, identify_run, mode, ready_text
from ui.state.shared.kept import kept_with_run
from ui.state.view import View
from ui.take_home.picture import take_pictures
from ui.take_home.words import best_words

Gapped = tuple[Trace, tuple[int, ...]]  # a run and the positions of its gaps
LONGEST = 2000  # characters
BEFORE = "text_before"  # state: the text before the reader's last click
KEY = "filling"
WHOLE: Option[str] = Option("whole", "", lambda text: text if len(text) <= LONGEST else None)
OPTIONS = (WHOLE,)

_FILL: Draw[FillData] = register("fill/fill")


def show_filling(page: Page) -> None:
    """Draw the words, what may stand in the gaps, and what becomes of several of them in either order."""
    picture, choosers = st.container(), st.container()
    with choosers:
        view = choose_layer_and_heads(current_view())
    asked, lang = identify_run(view).edited, view.lang
    trace = get_trace(asked)
    hiding = _hiding(view)
    other, said = _other(asked, hiding)
    data: FillData = {
        "line": _line(trace, hiding),
        "word_list": trace.plan.word_lists[0].name,
        "gaps": _gaps(view, trace, hiding, other),
        "ways": _ways(asked, hiding),
        "compared": t(f"fill_compared.{said}", lang, text=_before()) if other else "",
        "words": section("fill_words", lang),
    }
    with picture:
        _FILL(KEY, data, mode(), **_handlers(trace, hiding))
    with choosers:
        st.caption(dotted("fill.lead", lang))
    title = t(f"page.{page.name}", lang)
    take_pictures(page.name, "", trace, [best_words(asked, trace, KEY, page.name, title, lang)])
    page.write_address()


def _hiding(view: View) -> Hiding:
    """The text of the bar; of an example it is known which word it hides."""
    glass, text = get_model(view.model), ready_text(view).text
    found = hiding_of(glass, text, WHOLE.value)
    return found if None not in found.hidden else hiding_of(glass, text, _examples(view.model).get(text, ""))


@lru_cache(maxsize=64)
def _examples(model: str) -> dict[str, str]:
    """For each example with a hidden word the text with the word."""
    path = example_file("hidden", model)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    pairs = (line.partition("\t") for line in lines)
    sign = get_model(model).task.side.tokenizer.mask
    return {text: text.replace(sign, word) for text, _, word in pairs if text.count(sign) == 1}


def _other(asked: Asked, hiding: Hiding) -> tuple[Gapped | None, str]:
    """The run that outlines are of, with its gaps, and which it is: without edits, or before the last click."""
    if asked.edits:
        return (get_trace(asked.plain), hiding.places), "edits"
    text, glass = _before(), get_model(asked.model)
    if not text or text == asked.source:
        return None, "before"
    try:
        before = hiding_of(glass, text, "")
    except GlassformerError:  # another model reads it, and cannot
        return None, "before"
    if len(before.ids) != len(hiding.ids) or not set(before.places) & set(hiding.places):
        return None, "before"
    return (get_trace(Asked(asked.model, text, "")), before.places), "before"


def _before() -> str:
    return str(st.session_state.get(BEFORE, ""))


def _line(trace: Trace, hiding: Hiding) -> list[dict[str, Any]]:
    """Every word of the line: its pieces, whether it can be hidden (its number), and its gaps."""
    side, places = hiding.side, hiding.places
    pieces = side.tokenizer.pieces(hiding.whole)
    signs = {place for place in range(len(hiding.ids))} - {place for group in hiding.groups for place in group}
    words = [
        {
            "text": side.tokenizer.decode([hiding.whole[place] for place in group]),
            "places": list(group),
            "number": number,
            "gaps": [places.index(place) for place in group if place in places],
            "known": all(hiding.whole[place] != side.tokenizer.mask_id for place in group),
        }
        for number, group in enumerate(hiding.groups)
    ]
    around = [{"text": pieces[place], "places": [place], "number": -1, "gaps": [], "known": True} for place in signs]
    return sorted([*words, *around], key=lambda word: word["places"][0])


def _gaps(
    view: View, trace: Trace, hiding: Hiding, other: tuple[Trace, tuple[int, ...]] | None
) -> list[dict[str, Any]]:
    written = written_list(trace.plan)
    assert written is not None
    block = next(one for one in blocks_of(trace.plan, written.stack, view.layer) if one.role == "attention")
    head = None if view.average else view.head
    found = gaps(trace, hiding.places, hiding.hidden, word_of(view.model), *(other or ()))
    seen = looks(trace[key_of(block, "weights")], head, hiding.places)
    return [{**gap, **look} for gap, look in zip(found, seen, strict=True)]


def _ways(asked: Asked, hiding: Hiding) -> list[dict[str, Any]]:
    """What becomes of several gaps, all at once and in turn: the words, where they stand, and their probability."""
    if len(hiding.places) < 2:
        return []
    ways = []
    for name, found in zip(("at_once", "in_turn"), _filled(asked), strict=True):
        pieces = hiding.side.tokenizer.pieces(found.ids)
        inner = [place for group in hiding.groups for place in group]
        ways.append(
            {
                "name": name,
                "pieces": [pieces[place] for place in inner],
                "turns": [found.places.index(place) + 1 if place in found.places else 0 for place in inner],
                "log_probs": [found.log_probs[found.places.index(p)] if p in found.places else 0.0 for p in inner],
            }
        )
    return ways


@kept_with_run
def _filled(asked: Asked) -> tuple[Filled, Filled]:
    glass, edits = get_model(asked.model), edits_of(asked)
    return fill_at_once(glass, asked.source, edits=edits), fill_in_turn(glass, asked.source, edits=edits)


def _handlers(trace: Trace, hiding: Hiding) -> dict[str, Hear]:
    n_words = get_model(st.session_state.model).config.vocab_size

    def toggle(sent: Any) -> None:
        _take(hiding, hiding.toggled(whole(sent, "number", below=len(hiding.groups))))

    def put(sent: Any) -> None:
        place, word = whole(sent, "place"), whole(sent, "id", below=n_words)
        if place in hiding.places:
            _take(hiding, hiding.with_word(place, word))

    def cell(sent: Any) -> None:
        place, word = whole(sent, "place"), whole(sent, "id", below=n_words)
        if place in hiding.places:
            look_at(trace.plan, probs_key(trace.plan), (place, word))

    return {"toggle": toggle, "put": put, "cell": cell}


def _take(before: Hiding, after: Hiding) -> None:
    """Write another text into the bar, and remember what it hides and how it was before."""
    st.session_state[BEFORE] = before.text
    st.session_state.source = after.text
    WHOLE.choose(after.whole_text if after.places else "")
