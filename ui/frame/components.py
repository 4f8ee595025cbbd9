"""Our own components around every page, which stand in assets/components: what each takes and what it tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import streamlit as st

from figures.base.theme import Mode
from ui.parts import wires
from ui.parts.hearing import whole, word
from ui.parts.modules import Draw, register
from ui.state.view import shortened

_ADDRESS: Draw[wires.AddressData] = register("address/address", isolated=False)
_EDITS: Draw[wires.EditsData] = register("edits/edits")
_PATH: Draw[wires.PathData] = register("path/path")
_PICTURES: Draw[wires.PicturesData] = register("pictures/pictures")
_PRESENT: Draw[wires.PresentData] = register("present/present")
_TERMS: Draw[wires.TermsData] = register("terms/terms", isolated=False)


def address(query: Mapping[str, str], page: str) -> None:
    """Write the view into the browser's address, in place: no history entry, so that Back leaves the page.

    An address so long that no server would load it again is shortened; the bar says so. Each is numbered: Streamlit may
    hand an older one to the browser again, when a run was broken off by a click.
    """
    number = st.session_state["addresses"] = st.session_state.get("addresses", 0) + 1
    _ADDRESS(
        "address", {"query": shortened(query), "page": page, "session": st.session_state.session, "number": number}
    )


def present(
    key: str, data: Mapping[str, Any], words: Mapping[str, str], mode: Mode, on_share: Callable[[str], None]
) -> None:
    """Draw the button that shares the link, and listen to the keys of the mode for a projector.

    Args:
        key: of the component.
        data: "others", this machine's address for others or ""; "qr", from `figures.base.qr.qr_code`, of "asked".
        words: the texts of the section "present".
        mode: light or dark.
        on_share: called with the link of which a code is asked for, before the rerun.
    """
    _PRESENT(
        key, cast(wires.PresentData, {**data, "words": dict(words)}), mode, share=lambda link: on_share(word(link))
    )


def path_strip(
    key: str,
    stops: Sequence[Mapping[str, str]],
    here: int,
    onward: Mapping[str, str] | None,
    words: Mapping[str, str],
    mode: Mode,
    on_go: Callable[[int], None],
) -> None:
    """Draw the stops of the path as numbered links, and what comes next by its name.

    Args:
        key: of the component.
        stops: label and href of each; none on a page that is not on the path.
        here: number of the stop at which the reader stands, from 1; 0 is before the first.
        onward: label and href of what comes next; None where nothing leads on.
        words: name (of the path) and stop (what a number says).
        mode: light or dark.
        on_go: called before the rerun with the number of the stop that the reader chose; 0 is what comes next.
    """

    data = {"stops": [dict(stop) for stop in stops], "here": here, "onward": None if onward is None else dict(onward)}
    _PATH(
        key,
        cast(wires.PathData, {**data, "words": dict(words)}),
        mode,
        go=lambda sent: on_go(whole(sent, below=len(stops) + 1)),
    )


def edit_chips(
    key: str,
    data: wires.EditsData,
    mode: Mode,
    on_toggle: Callable[[int], None],
    on_remove: Callable[[int], None],
    on_run: Callable[[str], None],
) -> None:
    """Draw the list of edits with their switches, and the choice of the run that is shown.

    Args:
        key: of the component.
        data: "chips" (text, on, note, bad), "run" (the chosen one), "runs" (id, label), "note", and "words", the texts
            of the section "edit_bar".
        mode: light or dark.
        on_toggle, on_remove: called before the rerun with the number of an edit; to remove -1 is all of them.
        on_run: called before the rerun with the id of a run.
    """
    _EDITS(
        key,
        data,
        mode,
        toggle=lambda sent: on_toggle(whole(sent, "value", below=len(data["chips"]))),
        remove=lambda sent: on_remove(whole(sent, "value", least=-1, below=len(data["chips"]))),
        run=lambda sent: on_run(word(sent, "value")),
    )


def term_tips(terms: Mapping[str, Sequence[str]], words: Mapping[str, str], glossary: str, mode: Mode) -> None:
    """Send the explanations of terms to the browser, where every dotted term of the page finds its own.

    Args:
        terms: for each id its name and its explanation.
        words: all, the label of the way to the glossary.
        glossary: the address of that page.
        mode: light or dark.
    """
    told = {term: list(pair) for term, pair in terms.items()}
    _TERMS("terms", {"terms": told, "words": dict(words), "glossary": glossary}, mode)


def picture_buttons(key: str, picture: Mapping[str, str], words: Mapping[str, str], mode: Mode) -> None:
    """Draw the buttons that save a picture, in the browser, as it stands on the page.

    Args:
        key: of the component.
        picture: "chart" and "opener", the classes that their keys give to the component that draws and to the button
            that opens the window in which this stands; "name" of the file, without its ending; "title" and "place", its
            caption.
        words: the texts of the section "pictures".
        mode: light or dark.
    """
    _PICTURES(key, cast(wires.PicturesData, {**picture, "words": dict(words)}), mode)
