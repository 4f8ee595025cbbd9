"""What the page of all heads shows: a picture of every head, one of them large, and their measures."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b
from typing import Any, cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from figures.base.theme import Mode, theme
from figures.base.wire import handles
from figures.explore.heads import head_cells, reaches, sent_together, sprite
from transformer_core.glass.errors import GlassformerError
from transformer_core.glass.walks import attention_of, key_of, n_layers
from transformer_core.studies.heads.head_measures import MEASURES
from ui.explore.components import all_heads, head_numbers
from ui.explore.head_compare import COMPARE_OPTIONS, show_compare
from ui.explore.head_measures import measures, show_formulas
from ui.explore.head_values import Kind, answering, asking, head_values, sides, values_of_head
from ui.explore.several_heads import say_several
from ui.frame.components import address
from ui.frame.text import dotted, say_error, t
from ui.frame.wording import fitting, rule_of_rows
from ui.parts.choosers import choose_attention
from ui.parts.focus import look_at
from ui.parts.hearing import whole, word
from ui.parts.wires import HeadsData
from ui.state.models import Asked, get_model, get_trace
from ui.state.options import Option, one_of, to_link
from ui.state.session import current_view, identify_run, mode, path_of
from ui.state.view import View, n_heads, to_query
from ui.take_home.heads import head_pictures
from ui.take_home.picture import take_pictures

Array = NDArray[Any]
KEY = "all_heads"
KEPT = 16  # pictures; one of a long sentence holds a megabyte
_FIND = re.compile(r"(\w{1,40})(?:>=|<=)-?\d{1,6}(?:\.\d{1,6})?")


def _sorting(text: str) -> str | None:
    return text if text.removeprefix("-") in ("head", *MEASURES) else None


def _finding(text: str) -> str | None:
    found = _FIND.fullmatch(text)
    return text if text == "" or (found and found[1] in MEASURES) else None


SCALE = Option("scale", "head", one_of("head", "common"))
SHOWN = Option("shown", "weight", one_of("weight", "carried"))
LOOK = Option("look", "heatmap", one_of("heatmap", "lines"))
OVER = Option("over", "here", one_of("here", "set"))
SORT = Option("sort", "head", _sorting)
FIND = Option("find", "", _finding)
IN_BROWSER = (LOOK, OVER, SORT, FIND)  # chosen within the component
OPTIONS = (SCALE, SHOWN, *IN_BROWSER, *COMPARE_OPTIONS)


def start() -> dict[str, Any]:
    """Return what the component begins with: layer, head, and the choices that are made within it."""
    view = current_view()
    return {"layer": view.layer, "head": view.head, **{option.name: option.value for option in IN_BROWSER}}


@st.fragment  # another kind or scale reruns this block; the component keeps what was chosen within it
def show_heads(page: str, begin: dict[str, Any]) -> None:
    """Draw all heads of the view's sentence.

    Args:
        page: its name, for the link.
        begin: from `start`, when the page was drawn: what the reader chooses in the component changes nothing that is
            sent to it.
    """
    if st.session_state.get("opened"):
        st.rerun()  # the page sends the reader to where the cell is explained
    view = _within(current_view())
    picture, choosers = st.container(), st.container()
    with choosers:
        _choose(view)
        say_several(view)
    try:
        data = _picture(identify_run(view), (view.stack, view.block), SCALE.value, SHOWN.value, mode())
    except GlassformerError as error:
        st.warning(say_error(error, view.lang), icon=":material/straighten:")
        address(to_query(view) | to_link(*OPTIONS), page)
    else:
        if identify_run(view).edits:
            st.caption(dotted("edit_run.heads", view.lang))
        words = fitting("heads_words", view.model, view.lang)
        found = measures(identify_run(view), f"{view.stack}.{view.block}", OVER.value, view.lang)
        with picture:
            all_heads(
                KEY,
                cast(HeadsData, {**data, "measures": found, "start": begin, "words": words}),
                mode(),
                _HANDLERS,
            )
        show_formulas(get_model(view.model).plan, f"{view.stack}.{view.block}", view.lang)
        _show_head(page)


@st.fragment  # another head reruns this block alone, and sends nothing of the others
def _show_head(page: str) -> None:
    """Draw what hangs on the open head: its numbers, what it is compared with, and the way home."""
    if st.session_state.get("opened"):
        st.rerun()
    view = _within(current_view())
    assert view.layer is not None
    asked, kind = identify_run(view), (view.stack, view.block)
    data = _picture(asked, kind, SCALE.value, SHOWN.value, mode())
    numbers = None
    if data["numbers"] is None:
        place, reach = (view.layer, view.head), data["reach"][view.layer][view.head]
        numbers = {"of": data["of"], "only": place, **_numbers(asked, kind, SHOWN.value, reach, place)}
    head_numbers("head_numbers", {"numbers": numbers}, _HANDLERS)
    common = SCALE.value == "common" and not data["signed"]  # of a difference it means nothing for the two
    compared = show_compare(view, SHOWN.value, data["most"] if common else None)
    pictures = head_pictures(view, SHOWN.value, OVER.value, compared)
    take_pictures(page, "", get_trace(asked), pictures)
    address(to_query(view) | to_link(*OPTIONS), page)


def _choose(view: View) -> None:
    lang = view.lang
    with st.container(key="choosers", horizontal=True, vertical_alignment="bottom"):
        choose_attention(view, get_model(view.model).plan)
        for option, names in ((SHOWN, ("weight", "carried")), (SCALE, ("head", "common"))):
            st.segmented_control(
                t(f"heads.{option.name}", lang),
                names,
                required=True,
                format_func=lambda name, of=option.name: t(f"heads.{of}_{name}", lang),  # type: ignore[misc]
                wrap=True,
                **option.widget(),
            )
    rule = rule_of_rows(view.stack, view.model, lang)
    st.caption(f"{rule} {dotted(f'heads.{SHOWN.value}_is', lang)}")


def _within(view: View) -> View:
    """The view with a layer that its stack has: the other stack may have more."""
    last = n_layers(get_model(view.model).plan, view.stack) - 1
    if view.layer is None or view.layer > last:
        st.session_state.layer = last
        return replace(view, layer=last)
    return view


def _take(event: Any) -> None:
    """Take over what was chosen in the component, as far as it makes sense."""
    view = current_view()
    layer, head = whole(event, "layer"), whole(event, "head")
    texts = {option.name: word(event, option.name) for option in IN_BROWSER}
    if head < n_heads(get_model(view.model).plan, view) and (layer, head) != (view.layer, view.head):
        st.session_state.update(layer=layer, head=head, site="", trail="")
    for option in IN_BROWSER:
        value = option.read(texts[option.name])
        if value is not None:
            option.choose(value)


def _open(event: Any) -> None:
    """Show on the page of attention how the number of a cell came to be."""
    row, column = whole(event, "row"), whole(event, "column")
    _take(event)
    view = _within(current_view())
    trace, key = get_trace(identify_run(view)), f"{path_of(view)}.weights"
    if row < trace[key].shape[1] and column < trace[key].shape[2]:
        look_at(trace.plan, key, (view.head, row, column))


_HANDLERS = {"choose": _take, "open": _open}


@lru_cache(maxsize=KEPT)
def _picture(asked: Asked, kind: Kind, scale: str, shown: str, mode: Mode) -> dict[str, Any]:
    """All of the component's data that does not hang on the chosen head."""
    trace, colours = get_trace(asked), theme(mode)
    blocks = attention_of(trace.plan, *kind)
    values, signed = _shown(asked, kind, shown), asked.difference
    allowed = _allowed(asked, kind)
    most = 1.0 if shown == "weight" and not signed else float(np.abs(values).max()) or 1.0
    reach = reaches(values, most if scale == "common" else None)
    found = sprite(values, allowed, reach, colours, signed=signed)
    together = sent_together(values)
    return {
        "of": _name(values, allowed),
        "picture": found.source(),
        "tile": [found.height, found.width],
        "block": found.block,
        "n_layers": len(values),
        "n_heads": values.shape[1],
        "scale": scale,
        "signed": signed,
        "carried": shown == "carried",
        "reach": reach.tolist(),
        "most": most,
        "keys": [key_of(block, "weights") for block in blocks],
        "rows": asking(trace, kind),
        "columns": answering(trace, kind),
        "sides": sides(trace, kind),
        "words_of": [handles(trace, side, asks=i == 0) for i, side in enumerate(sides(trace, kind))],
        "masked": not allowed.all(),
        "palette": list(colours.weights),
        "numbers": _numbers(asked, kind, shown, float(reach.min()), None) if together else None,
    }


def _numbers(
    asked: Asked, kind: Kind, shown: str, reach: float, place: tuple[int, int] | None
) -> dict[str, dict[str, Any]]:
    """The numbers of the head of a layer, or of all: what is shown, and beside it the other number of the same cell."""
    allowed = _allowed(asked, kind)
    names = (shown,) if asked.difference else ("weight", "carried")
    return {
        name: head_cells(_shown(asked, kind, name, place), allowed, reach if name == shown else math.inf)
        for name in names
    }


def _name(*arrays: Array) -> str:
    """What the browser knows these numbers by: the same numbers have the same name, in every process."""
    name = blake2b(digest_size=8)
    for array in arrays:
        name.update(np.ascontiguousarray(array).data)
    return name.hexdigest()


def _allowed(asked: Asked, kind: Kind) -> Array:
    mask = key_of(attention_of(get_trace(asked).plan, *kind)[0], "mask")
    return np.asarray(get_trace(asked)[mask] | get_trace(asked.plain)[mask])


def _shown(asked: Asked, kind: Kind, shown: str, place: tuple[int, int] | None = None) -> Array:
    """The numbers of all heads, or of one, or how they differ from those of the run without edits: [N, H, Q, K]."""

    def of(run: Asked) -> Array:
        return (
            values_of_head(get_trace(run), kind, shown, *place) if place else head_values(get_trace(run), kind, shown)
        )

    return of(asked) - of(asked.plain) if asked.difference else of(asked)
